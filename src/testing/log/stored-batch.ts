import { putBigInt64, putInt32 } from "../../protocol/records/big-endian.ts";
import { BASE_OFFSET_AT, PARTITION_LEADER_EPOCH_AT } from "../../protocol/records/layout.ts";
import { readRecordBatches } from "../../protocol/records/read-record-batches.ts";
import type { RecordBatch } from "../../protocol/records/record-batch.ts";
import type { Slab } from "./slab.ts";

/** A record batch in a log, as it came but for its base offset and leader epoch, and where it stands. */
export interface StoredBatch {
  readonly slab: Slab;
  /** Its place in the slab. */
  readonly at: number;
  readonly size: number;
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
  readonly leaderEpoch: number;
  /** In milliseconds; -1 for none. */
  readonly maxTimestamp: number;
  /** When it was appended, by the cluster's clock. */
  readonly appendedMs: number;
  /** What the batch says of itself. */
  readonly header: RecordBatch;
}

/** Puts one whole batch into a slab that has room for it, with the offset and the epoch that it gets. */
export function store(
  slab: Slab,
  bytes: Uint8Array,
  baseOffset: bigint,
  leaderEpoch: number,
  appendedMs: number,
): StoredBatch {
  const at = slab.put(bytes);
  putBigInt64(slab.bytes, at + BASE_OFFSET_AT, baseOffset);
  putInt32(slab.bytes, at + PARTITION_LEADER_EPOCH_AT, leaderEpoch);
  const size = bytes.byteLength;
  const header = headerOf(slab.bytes.subarray(at, at + size));
  const { lastOffset, maxTimestamp } = header;
  return { slab, at, size, baseOffset, lastOffset, leaderEpoch, maxTimestamp, appendedMs, header };
}

/** What one whole batch says of itself. */
export function headerOf(bytes: Uint8Array): RecordBatch {
  const { value } = readRecordBatches(bytes, { checkCrc: false }).next();
  if (value === undefined) throw new Error("There is no batch in these bytes");
  return value;
}
