import type { RecordBatch } from "../../protocol/records/record-batch.ts";
import type { RecordIterator } from "../../protocol/records/record-iterator.ts";
import type { ConsumerCounters } from "../observe/counters.ts";
import { ConsumerRecord } from "./consumer-record.ts";
import type { FetchedRecords } from "./fetch-state.ts";

/** Gives the records of a batch as bytes, decompressed. */
export type Decompress = (batch: RecordBatch) => Uint8Array | Promise<Uint8Array>;

/** Walks the records of one answer, batch after batch, and keeps the partition's position. */
export class FetchedReader {
  readonly fetched: FetchedRecords;
  readonly #decompress: Decompress;
  readonly #counters: ConsumerCounters;
  #next = 0;
  #batch: RecordBatch | null = null;
  #records: RecordIterator | null = null;

  constructor(fetched: FetchedRecords, decompress: Decompress, counters: ConsumerCounters) {
    this.fetched = fetched;
    this.#decompress = decompress;
    this.#counters = counters;
  }

  /** The next record of the batch that is open; null when it has no more. */
  record(): ConsumerRecord | null {
    const { state } = this.fetched;
    for (;;) {
      const view = this.#records?.nextRecord() ?? null;
      if (view === null || this.#batch === null) break;
      // A broker sends whole batches, so the first may begin before the offset that was asked for.
      const { offset } = view;
      if (state.position !== null && offset < state.position) continue;
      state.position = offset + 1n;
      this.#counters.recordsConsumed++;
      return new ConsumerRecord(state.topic, state.partition, this.#batch, view);
    }
    this.#leaveBatch();
    return null;
  }

  /** Opens the next batch that an application may see; false when there is none. */
  async nextBatch(): Promise<boolean> {
    for (;;) {
      const batch = this.fetched.batches[this.#next++];
      if (batch === undefined) return false;
      this.#batch = batch;
      if (!batch.isControl) {
        const payload = this.#decompress(batch);
        this.#records = batch.records(payload instanceof Uint8Array ? payload : await payload);
        return true;
      }
      this.#leaveBatch();
    }
  }

  /** Compaction may have removed a batch's last records: its last offset counts as read all the same. */
  #leaveBatch(): void {
    const { state } = this.fetched;
    const batch = this.#batch;
    this.#batch = null;
    this.#records = null;
    if (batch !== null && (state.position === null || batch.lastOffset >= state.position)) {
      state.position = batch.lastOffset + 1n;
    }
  }
}
