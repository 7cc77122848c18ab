import type { Memory } from "./memory.ts";
import type { RecordBatchHeader } from "./record-batch-header.ts";

/** What all records of a batch share. */
export class RecordSource {
  readonly batch: RecordBatchHeader;
  /** The records are in it, decompressed. */
  readonly memory: Memory;
  /** What the records' offsets count from, in halves: a bigint is made for each offset, and none in between. */
  readonly baseOffsetHigh: number;
  readonly baseOffsetLow: number;
  readonly baseTimestamp: number;
  /** The timestamp of every record, where the broker sets it (LOG_APPEND_TIME); else null. */
  readonly logAppendTime: number | null;

  constructor(
    batch: RecordBatchHeader,
    memory: Memory,
    baseOffsetHigh: number,
    baseOffsetLow: number,
    baseTimestamp: number,
    logAppendTime: number | null,
  ) {
    this.batch = batch;
    this.memory = memory;
    this.baseOffsetHigh = baseOffsetHigh;
    this.baseOffsetLow = baseOffsetLow;
    this.baseTimestamp = baseTimestamp;
    this.logAppendTime = logAppendTime;
  }
}
