/** Looking for records by their timestamps. */

import { Refusal } from "../error-code.ts";
import { type ForReading, recordsOf } from "./check-batch.ts";
import type { PartitionLog } from "./partition-log.ts";
import type { StoredBatch } from "./stored-batch.ts";

export interface TimestampAndOffset {
  readonly timestamp: number;
  readonly offset: bigint;
}

/** The first record that is as late as `timestamp`; null where none is. */
export function offsetFor(
  log: PartitionLog,
  timestamp: number,
  forReading: ForReading,
): TimestampAndOffset | null {
  for (const batch of log.batches) {
    if (batch.maxTimestamp < timestamp || batch.lastOffset < log.startOffset) continue;
    const found = inBatch(
      batch,
      forReading,
      (theirs, offset) => theirs >= timestamp && offset >= log.startOffset,
    );
    if (found !== null) return found;
  }
  return null;
}

/** The first record with the largest timestamp of all; null where there is none. */
export function latestTimestamp(log: PartitionLog, forReading: ForReading): TimestampAndOffset | null {
  let latest: StoredBatch | null = null;
  for (const batch of log.batches) {
    if (batch.lastOffset < log.startOffset) continue;
    if (latest === null || batch.maxTimestamp > latest.maxTimestamp) latest = batch;
  }
  if (latest === null || latest.maxTimestamp < 0) return null;
  const { maxTimestamp } = latest;
  return inBatch(latest, forReading, (theirs) => theirs === maxTimestamp);
}

function inBatch(
  { header }: StoredBatch,
  forReading: ForReading,
  matches: (timestamp: number, offset: bigint) => boolean,
): TimestampAndOffset | null {
  const records = recordsOf(header, forReading);
  if (records === null) {
    throw new Refusal("UNKNOWN_SERVER_ERROR", "This runtime cannot decompress the records at once");
  }
  for (const { timestamp, offset } of records) if (matches(timestamp, offset)) return { timestamp, offset };
  return null;
}
