import { readRecordBatches } from "../../src/protocol/records/read-record-batches.ts";
import { RecordBatchBuilder } from "../../src/protocol/records/record-batch-builder.ts";

interface StoredBatch {
  readonly bytes: Uint8Array;
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
}

/** The records of one partition, as a broker keeps them: in the batches in which they came. */
export class FakeLog {
  startOffset = 0n;
  nextOffset = 0n;
  readonly #batches: StoredBatch[] = [];

  /** Appends what a producer sent, and gives the offset of its first record. */
  append(records: Uint8Array): bigint {
    const baseOffset = this.nextOffset;
    for (const batch of readRecordBatches(records)) {
      const bytes = Uint8Array.from(batch.bytes);
      new DataView(bytes.buffer).setBigInt64(0, this.nextOffset);
      this.put(bytes, this.nextOffset + (batch.lastOffset - batch.baseOffset));
    }
    return baseOffset;
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
