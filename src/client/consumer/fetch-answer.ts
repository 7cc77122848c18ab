/** What a broker's answer says of one partition. Pure. */

import { DecodeError } from "../../protocol/errors.ts";
import type { FetchResponse } from "../../protocol/messages/fetch.ts";
import { CorruptRecordBatchError } from "../../protocol/records/errors.ts";
import {
  type ReadRecordBatchesOptions,
  readRecordBatches,
} from "../../protocol/records/read-record-batches.ts";
import type { RecordBatch } from "../../protocol/records/record-batch.ts";
import { formatPartition, type TopicPartition } from "./assignment.ts";

export type PartitionData = FetchResponse["responses"][number]["partitions"][number];

/** What to do now. */
export type Verdict =
  /** There are records. What came behind a damaged batch is not among them. */
  | { readonly kind: "records"; readonly batches: readonly RecordBatch[]; readonly bytes: number }
  /** There are none yet. */
  | { readonly kind: "nothing" }
  /** They cannot be read. */
  | { readonly kind: "damaged"; readonly error: unknown }
  /** This broker wants them to be read from that one. */
  | { readonly kind: "redirected"; readonly nodeId: number }
  /** The log is not the one that was read so far. */
  | { readonly kind: "diverged" }
  | { readonly kind: "out of range" }
  | { readonly kind: "refused"; readonly errorCode: number };

const OFFSET_OUT_OF_RANGE = 1;

/** @param place for the message of an error */
export function judge(
  data: PartitionData,
  place: TopicPartition,
  options: ReadRecordBatchesOptions,
): Verdict {
  const { errorCode, records, divergingEpoch, preferredReadReplica } = data;
  if (errorCode === OFFSET_OUT_OF_RANGE) return { kind: "out of range" };
  if (errorCode !== 0) return { kind: "refused", errorCode };
  if (divergingEpoch.endOffset >= 0n) return { kind: "diverged" };
  const bytes = records?.byteLength ?? 0;
  if (records === null || bytes === 0) {
    return preferredReadReplica >= 0
      ? { kind: "redirected", nodeId: preferredReadReplica }
      : { kind: "nothing" };
  }
  const batches: RecordBatch[] = [];
  try {
    for (const batch of readRecordBatches(records, options)) batches.push(batch);
  } catch (error) {
    // Those in front of it are handed out; the next fetch then starts at the damaged one, and fails on it.
    if (batches.length === 0) return { kind: "damaged", error: located(error, place) };
  }
  return batches.length === 0 ? { kind: "nothing" } : { kind: "records", batches, bytes };
}

/** Says which partition an error in its bytes belongs to. */
export function located(error: unknown, { topic, partition }: TopicPartition): unknown {
  if (error instanceof CorruptRecordBatchError) return error.inPartition(topic, partition);
  if (error instanceof DecodeError) return error.within(formatPartition({ topic, partition }));
  return error;
}
