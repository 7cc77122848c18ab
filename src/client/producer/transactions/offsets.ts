/** Offsets of a consumer group that become part of a transaction (KIP-98, KIP-447). */

import { KafkaError } from "../../../protocol/errors.ts";
import type { TxnOffsetCommitRequest } from "../../../protocol/messages/txn-offset-commit.ts";
import type { InferInput } from "../../../protocol/schema.ts";
import type { ConsumerGroupMetadata } from "../../consumer-group-metadata.ts";
import { ConfigError } from "../../errors.ts";
import type { ProducerIdentity } from "../identity.ts";

/** How far a partition was processed. */
export interface OffsetToSend {
  readonly topic: string;
  readonly partition: number;
  /** Of the next record to read: one past the last one that was processed. */
  readonly offset: bigint;
  /** Leader epoch of the last record that was processed. Default: not known. */
  readonly leaderEpoch?: number | undefined;
  /** Any text to keep with it. Default: `""`. */
  readonly metadata?: string | undefined;
}

/** From this version on the member can be told. */
const FIRST_VERSION_WITH_MEMBER = 3;

/** @throws ConfigError naming what cannot be right. */
export function checkOffsets(offsets: readonly OffsetToSend[], group: ConsumerGroupMetadata): void {
  if (typeof group?.groupId !== "string" || group.groupId === "") {
    throw new ConfigError("sendOffsets needs the group whose offsets these are: give { groupId }");
  }
  if (!Array.isArray(offsets)) {
    throw new ConfigError("sendOffsets takes a list of { topic, partition, offset }");
  }
  for (const { topic, partition, offset } of offsets as readonly OffsetToSend[]) {
    if (typeof topic !== "string" || topic === "") throw new ConfigError("An offset needs a topic");
    if (!Number.isInteger(partition) || partition < 0) {
      throw new ConfigError(
        `Offset for topic "${topic}": partition ${String(partition)} is not a number from 0 up`,
      );
    }
    if (typeof offset !== "bigint" || offset < 0n) {
      const message = `Offset for topic "${topic}", partition ${partition}: ${String(offset)} is not a bigint from 0n up`;
      throw new ConfigError(message);
    }
  }
}

/** TxnOffsetCommit in a version, of several offsets for one partition the last. */
export function txnOffsetCommit(
  version: number,
  transactionalId: string,
  { producerId, producerEpoch }: ProducerIdentity,
  offsets: readonly OffsetToSend[],
  group: ConsumerGroupMetadata,
): InferInput<typeof TxnOffsetCommitRequest> {
  const { groupId, generationId = -1, memberId = "", groupInstanceId = null } = group;
  const hasMember = generationId !== -1 || memberId !== "" || groupInstanceId !== null;
  if (hasMember && version < FIRST_VERSION_WITH_MEMBER) {
    throw new KafkaError(
      "UNSUPPORTED_VERSION",
      `The coordinator of group "${groupId}" cannot check the member that offsets come from: give { groupId } only, or ` +
        "use brokers of Kafka 2.5 or later",
    );
  }
  const topics = new Map<string, Map<number, OffsetToSend>>();
  for (const offset of offsets) {
    const partitions = topics.get(offset.topic) ?? new Map<number, OffsetToSend>();
    partitions.set(offset.partition, offset);
    topics.set(offset.topic, partitions);
  }
  return {
    transactionalId,
    groupId,
    producerId,
    producerEpoch,
    ...(hasMember ? { generationIdOrMemberEpoch: generationId, memberId, groupInstanceId } : {}),
    topics: [...topics].map(([name, partitions]) => ({
      name,
      partitions: [...partitions.values()].map(({ partition, offset, leaderEpoch, metadata }) => ({
        partitionIndex: partition,
        committedOffset: offset,
        committedLeaderEpoch: leaderEpoch ?? -1,
        committedMetadata: metadata ?? "",
      })),
    })),
  };
}
