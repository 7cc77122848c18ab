import type { RecordBatch } from "../../protocol/records/record-batch.ts";
import type { RecordIterator } from "../../protocol/records/record-iterator.ts";
import type { ConsumerCounters } from "../observe/counters.ts";
import { ConsumerRecord } from "./consumer-record.ts";
import { DeserializedRecord, type Deserializers } from "./deserialized-record.ts";
import type { FetchedRecords } from "./fetch-state.ts";

/** Gives the records of a batch as bytes, decompressed. */
export type Decompress = (batch: RecordBatch) => Uint8Array | Promise<Uint8Array>;

/** Walks the records of one answer, batch after batch, and keeps the partition's position. */
export class FetchedReader<K, V> {
  readonly fetched: FetchedRecords;
  readonly #decompress: Decompress;
  readonly #counters: ConsumerCounters;
  readonly #deserializers: Deserializers<K, V> | null;
  #next = 0;
  #batch: RecordBatch | null = null;
  #records: RecordIterator | null = null;

  /** @param deserializers null where keys and values are bytes */
  constructor(
    fetched: FetchedRecords,
    decompress: Decompress,
    counters: ConsumerCounters,
    deserializers: Deserializers<K, V> | null,
  ) {
    this.fetched = fetched;
    this.#decompress = decompress;
    this.#counters = counters;
    this.#deserializers = deserializers;
  }

  /** The next record of the batch that is open; null when it has no more. */
  record(): ConsumerRecord<K, V> | null {
    const { state } = this.fetched;
    for (;;) {
      const view = this.#records?.nextRecord() ?? null;
      if (view === null || this.#batch === null) break;
      // A broker sends whole batches, so the first may begin before the offset that was asked for.
      const { offset } = view;
      if (state.position !== null && offset < state.position) continue;
      state.position = offset + 1n;
      this.#counters.recordsConsumed++;
      const { topic, partition } = state;
      return this.#deserializers === null
        ? new ConsumerRecord(topic, partition, this.#batch, view)
        : new DeserializedRecord(topic, partition, this.#batch, view, this.#deserializers);
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
