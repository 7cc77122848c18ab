/** Records of `__consumer_offsets`, as Kafka writes them. */

import { codecFor } from "../../protocol/compile.ts";
import { groupCoordinatorRecordTypes } from "../../protocol/coordinator-records/group-coordinator.ts";
import type { Infer, InferInput, MessageSchema } from "../../protocol/schema.ts";
import { ZERO_UUID } from "../../protocol/uuid.ts";
import { encodeVersioned } from "../../protocol/version-prefix.ts";
import { Writer } from "../../protocol/writer.ts";
import type { CommittedOffset, OffsetOfPartition } from "./committed-offsets.ts";
import type { CoordinatorRecord } from "./coordinator-topics.ts";

type Types = typeof groupCoordinatorRecordTypes;
/** Kafka's name of a kind of record. */
export type GroupRecordType = keyof Types;

const KEY_VERSION = 0;
const WITH_EXPIRY = 1;
const WITH_LEADER_EPOCH = 3;
const WITH_TOPIC_ID = 4;

/** A record with a value of this version. */
export function groupRecord<T extends GroupRecordType>(
  type: T,
  key: InferInput<Types[T]["key"]>,
  version: number,
  value: InferInput<Types[T]["value"]>,
): CoordinatorRecord {
  const schema = groupCoordinatorRecordTypes[type].value as MessageSchema;
  return { key: keyOf(type, key), value: encodeVersioned(schema, version, value) };
}

/** A record that says that what the key names is gone. */
export function groupTombstone<T extends GroupRecordType>(
  type: T,
  key: InferInput<Types[T]["key"]>,
): CoordinatorRecord {
  return { key: keyOf(type, key), value: null };
}

function keyOf<T extends GroupRecordType>(type: T, key: InferInput<Types[T]["key"]>): Uint8Array {
  const { id, key: schema } = groupCoordinatorRecordTypes[type];
  const writer = new Writer();
  writer.int16(id);
  codecFor(schema as MessageSchema, KEY_VERSION).encode(writer, key);
  return writer.toBytes();
}

/** The record of a committed offset. */
export function offsetRecord(
  group: string,
  { topic, partition, committed }: OffsetOfPartition,
): CoordinatorRecord {
  const { offset, leaderEpoch, metadata, commitTimestampMs, expireTimestampMs, topicId } = committed;
  // Only version 1 holds an expiry of its own, and only version 4 a topic id.
  const others = topicId === ZERO_UUID ? WITH_LEADER_EPOCH : WITH_TOPIC_ID;
  const version = expireTimestampMs === null ? others : WITH_EXPIRY;
  return groupRecord("OFFSET_COMMIT", { group, topic, partition }, version, {
    offset,
    leaderEpoch,
    metadata,
    commitTimestamp: BigInt(commitTimestampMs),
    expireTimestamp: BigInt(expireTimestampMs ?? -1),
    topicId,
  });
}

/** What the record of a committed offset says. */
export function committedOf(value: Infer<Types["OFFSET_COMMIT"]["value"]>, order: number): CommittedOffset {
  const { offset, leaderEpoch, metadata, commitTimestamp, expireTimestamp, topicId } = value;
  return {
    offset,
    leaderEpoch,
    metadata,
    commitTimestampMs: Number(commitTimestamp),
    expireTimestampMs: expireTimestamp < 0n ? null : Number(expireTimestamp),
    topicId,
    order,
  };
}
