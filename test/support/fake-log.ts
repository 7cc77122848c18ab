import { readRecordBatches } from "../../src/protocol/records/read-record-batches.ts";
import type { RecordBatch } from "../../src/protocol/records/record-batch.ts";
import { RecordBatchBuilder } from "../../src/protocol/records/record-batch-builder.ts";
import { FakeProducerState, type RefusalOfBatch } from "./fake-producer-state.ts";

interface StoredBatch {
  readonly bytes: Uint8Array;
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
}

const ERROR_CODES: Readonly<Record<RefusalOfBatch, number>> = {
  OUT_OF_ORDER_SEQUENCE_NUMBER: 45,
  INVALID_PRODUCER_EPOCH: 47,
  UNKNOWN_PRODUCER_ID: 59,
};

/** Why a log refuses a batch. */
export class AppendError extends Error {
  readonly errorCode: number;

  constructor(refusal: RefusalOfBatch) {
    super(refusal);
    this.errorCode = ERROR_CODES[refusal];
  }
}

/** The records of one partition, as a broker keeps them: in the batches in which they came. */
export class FakeLog {
  startOffset = 0n;
  nextOffset = 0n;
  /** What it knows of producers. */
  readonly producers = new FakeProducerState();
  readonly #batches: StoredBatch[] = [];

  /**
   * Appends what a producer sent, as a broker does that knows its last batches again, and gives the offset of its
   * first record.
   *
   * @throws AppendError when the producer's epoch or the sequence is none to go on with.
   */
  append(records: Uint8Array): bigint {
    const baseOffset = this.nextOffset;
    for (const batch of readRecordBatches(records)) {
      const known = this.#check(batch);
      if (known !== null) return known;
      const bytes = Uint8Array.from(batch.bytes);
      new DataView(bytes.buffer).setBigInt64(0, this.nextOffset);
      this.put(bytes, this.nextOffset + (batch.lastOffset - batch.baseOffset));
    }
    return baseOffset;
  }

  /** The offset at which the batch is already; null where it can be appended. */
  #check(batch: RecordBatch): bigint | null {
    if (batch.producerId < 0n) return null;
    const judgement = this.producers.judge(batch);
    if (judgement.verdict === "refuse") throw new AppendError(judgement.error);
    if (judgement.verdict === "duplicate") return judgement.baseOffset;
    this.producers.appended(batch, this.nextOffset);
    return null;
  }

  /** Puts a batch at the end as it is; the offset after it is free to choose, as after compaction. */
  put(bytes: Uint8Array, lastOffset: bigint): void {
    const baseOffset = new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0);
    this.#batches.push({ bytes, baseOffset, lastOffset });
    this.nextOffset = lastOffset + 1n;
  }

  /** Whole batches from the one that holds `offset`, up to `maxBytes` but at least one. */
  read(offset: bigint, maxBytes: number): Uint8Array {
    const chosen: Uint8Array[] = [];
    let size = 0;
    for (const { bytes, lastOffset } of this.#batches) {
      if (lastOffset < offset) continue;
      size += bytes.byteLength;
      if (chosen.length > 0 && size > maxBytes) break;
      chosen.push(bytes);
    }
    return Uint8Array.from(Buffer.concat(chosen));
  }

  /** The offset of the first record that is as late as `timestamp`; -1 where none is. */
  offsetAt(timestamp: number): bigint {
    for (const batch of readRecordBatches(this.read(this.startOffset, Number.POSITIVE_INFINITY))) {
      for (const { offset, timestamp: theirs } of batch.records()) {
        if (offset >= this.startOffset && theirs >= timestamp) return offset;
      }
    }
    return -1n;
  }

  /** The values of all records, as text. */
  values(): string[] {
    const all = this.read(this.startOffset, Number.POSITIVE_INFINITY);
    if (all.byteLength === 0) return [];
    return [...readRecordBatches(all)].flatMap((batch) =>
      Array.from(batch.records(), ({ value }) => Buffer.from(value ?? []).toString()),
    );
  }
}

/** A batch of records with these values, one millisecond after another. */
export function batchOf(values: readonly (string | null)[], baseOffset = 0n, timestamp = 1): Uint8Array {
  const builder = new RecordBatchBuilder();
  values.forEach((value, index) => void builder.append(timestamp + index, null, value));
  return builder.build({ baseOffset });
}
