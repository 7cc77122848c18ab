/** What a broker's answer says of one partition. Pure. */

import { DecodeError, KafkaError } from "../../protocol/errors.ts";
import type { FetchResponse } from "../../protocol/messages/fetch.ts";
import { CorruptRecordBatchError } from "../../protocol/records/errors.ts";
import {
  type ReadRecordBatchesOptions,
  readRecordBatches,
} from "../../protocol/records/read-record-batches.ts";
import type { RecordBatch } from "../../protocol/records/record-batch.ts";
import { formatPartition, type TopicPartition } from "./assignment.ts";
import type { FetchedRecords } from "./fetch-state.ts";
import { UnreadableBatchError } from "./unreadable-batch-error.ts";

export type PartitionData = FetchResponse["responses"][number]["partitions"][number];

/** What to do now. */
export type Verdict =
  /** There are records. What came behind a damaged batch is not among them. */
  | {
      readonly kind: "records";
      readonly batches: readonly RecordBatch[];
      readonly last: RecordBatch;
      readonly bytes: number;
    }
  /** They all come before the offset that was asked for. */
  | { readonly kind: "stale" }
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

/**
 * @param place for the message of an error
 * @param fetchOffset what was asked for
 */
export function judge(
  data: PartitionData,
  place: TopicPartition,
  fetchOffset: bigint,
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
    if (batches.length === 0)
      return { kind: "damaged", error: unreadable(error, records, place, fetchOffset) };
  }
  const last = batches[batches.length - 1];
  if (last === undefined) return { kind: "nothing" };
  return last.lastOffset < fetchOffset ? { kind: "stale" } : { kind: "records", batches, last, bytes };
}

function unreadable(
  error: unknown,
  records: Uint8Array,
  place: TopicPartition,
  fetchOffset: bigint,
): unknown {
  if (!(error instanceof KafkaError)) return error;
  const nextOffset = endOfFirst(records, fetchOffset);
  return new UnreadableBatchError(place, fetchOffset, nextOffset, placed(error, place));
}

/** Says which records an error in their bytes keeps from being read. */
export function located(error: unknown, { state, cursor }: FetchedRecords): unknown {
  const { position, openBatch } = cursor;
  if (!(error instanceof KafkaError) || position === null) return error;
  const nextOffset = openBatch === null ? null : openBatch.lastOffset + 1n;
  return new UnreadableBatchError(state, position, nextOffset, placed(error, state));
}

function placed(error: KafkaError, { topic, partition }: TopicPartition): KafkaError {
  if (error instanceof CorruptRecordBatchError) return error.inPartition(topic, partition);
  if (error instanceof DecodeError) return error.within(formatPartition({ topic, partition }));
  return error;
}

/** Where the first batch says that it ends, if that can be. */
function endOfFirst(records: Uint8Array, fetchOffset: bigint): bigint | null {
  try {
    const [batch] = readRecordBatches(records, { checkCrc: false });
    return batch !== undefined && batch.lastOffset >= fetchOffset ? batch.lastOffset + 1n : null;
  } catch {
    return null;
  }
}
