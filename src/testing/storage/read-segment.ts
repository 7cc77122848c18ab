/** The batches of a segment as it stands on disk, up to where they end or make no sense any more. */

import {
  LENGTH_AT,
  LOG_OVERHEAD,
  MAGIC,
  MAGIC_AT,
  RECORD_BATCH_OVERHEAD,
} from "../../protocol/records/layout.ts";
import { Slab } from "../log/slab.ts";
import { headerOf, type StoredBatch } from "../log/stored-batch.ts";

export interface ReadSegment {
  readonly batches: readonly StoredBatch[];
  /** So many bytes make sense. */
  readonly size: number;
  /** What is wrong with the rest; null where there is none. */
  readonly problem: string | null;
}

/**
 * @param from the least offset that may come next
 * @param appendedMs when it was written
 */
export function readSegment(bytes: Uint8Array, from: bigint, appendedMs: number): ReadSegment {
  const slab = Slab.of(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const batches: StoredBatch[] = [];
  let at = 0;
  let next = from;
  const until = (problem: string | null): ReadSegment => ({ batches, size: at, problem });
  while (at < bytes.byteLength) {
    const left = bytes.byteLength - at;
    if (left < RECORD_BATCH_OVERHEAD) return until(`${left} bytes are less than the header of a batch`);
    const size = view.getInt32(at + LENGTH_AT) + LOG_OVERHEAD;
    const magic = view.getInt8(at + MAGIC_AT);
    if (magic !== MAGIC) return until(`a batch of magic ${magic}`);
    if (size < RECORD_BATCH_OVERHEAD) return until(`a batch of ${size} bytes`);
    if (size > left) return until(`a batch of ${size} bytes of which ${left} are there`);
    const header = headerOf(bytes.subarray(at, at + size));
    try {
      header.ensureValid();
    } catch {
      return until("a batch with a wrong checksum");
    }
    const { baseOffset, lastOffset, maxTimestamp, partitionLeaderEpoch: leaderEpoch } = header;
    if (baseOffset < next || lastOffset < baseOffset) {
      return until(`a batch with offsets ${baseOffset} to ${lastOffset} where ${next} or more is due`);
    }
    batches.push({ slab, at, size, baseOffset, lastOffset, leaderEpoch, maxTimestamp, appendedMs, header });
    at += size;
    next = lastOffset + 1n;
  }
  return until(null);
}
