import type { RecordBatch } from "../../protocol/records/record-batch.ts";
import type { RecordIterator } from "../../protocol/records/record-iterator.ts";
import type { ConsumerCounters } from "../observe/counters.ts";
import { AbortedTransactions } from "./aborted-transactions.ts";
import type { BatchCopies } from "./batch-copies.ts";
import { ConsumerRecord } from "./consumer-record.ts";
import { DeserializedRecord, type Deserializers } from "./deserialized-record.ts";
import type { Cursor, FetchedRecords } from "./fetch-state.ts";

/** Gives the records of a batch as bytes, decompressed. */
export type Decompress = (batch: RecordBatch) => Uint8Array | Promise<Uint8Array>;

/** Walks the records of one answer, batch after batch, and keeps the partition's position. */
export class FetchedReader<K, V> {
  readonly fetched: FetchedRecords;
  readonly #cursor: Cursor;
  readonly #copies: BatchCopies;
  readonly #decompress: Decompress;
  readonly #counters: ConsumerCounters;
  readonly #deserializers: Deserializers<K, V> | null;
  readonly #aborted: AbortedTransactions | null;
  #next = 0;
  #isStopped = false;
  #records: RecordIterator | null = null;
  /**
   * A broker sends whole batches, so the first may begin before the offset that was asked for, which this is then; null
   * once a record was reached that is not in front of it.
   */
  #beginsBefore: bigint | null = null;

  /** @param deserializers null where keys and values are bytes */
  constructor(
    fetched: FetchedRecords,
    copies: BatchCopies,
    decompress: Decompress,
    counters: ConsumerCounters,
    deserializers: Deserializers<K, V> | null,
  ) {
    this.fetched = fetched;
    this.#cursor = fetched.cursor;
    this.#copies = copies;
    this.#decompress = decompress;
    this.#counters = counters;
    this.#deserializers = deserializers;
    const { abortedTransactions } = fetched;
    this.#aborted = abortedTransactions === null ? null : new AbortedTransactions(abortedTransactions);
    // Reading may be sent elsewhere in the middle of a batch: what is left of it is not handed out then.
    if (this.#cursor.isAbandoned) this.#stop();
    else this.#cursor.onStopped = () => this.#stop();
  }

  /** The next record of the batch that is open; null when it has no more. */
  record(): ConsumerRecord<K, V> | null {
    const cursor = this.#cursor;
    for (;;) {
      const view = this.#records?.nextRecord() ?? null;
      if (view === null) break;
      if (this.#beginsBefore !== null) {
        if (view.offset < this.#beginsBefore) continue;
        this.#beginsBefore = null;
      }
      cursor.moveBehind(view);
      this.#counters.recordsConsumed++;
      const { topic, partition } = this.fetched.state;
      return this.#deserializers === null
        ? new ConsumerRecord(topic, partition, view)
        : new DeserializedRecord(topic, partition, view, this.#deserializers);
    }
    this.#leaveBatch();
    return null;
  }

  /** Opens the next batch that an application may see; false when there is none. */
  nextBatch(): boolean | Promise<boolean> {
    for (;;) {
      const fetched = this.fetched.batches[this.#next];
      if (fetched === undefined) return false;
      this.#next++;
      this.#cursor.openBatch = fetched;
      if (this.#aborted?.isHidden(fetched) ?? fetched.isControl) {
        this.#leaveBatch();
        continue;
      }
      const batch = this.#copies.of(fetched);
      this.#cursor.openBatch = batch;
      const decompressed = this.#decompress(batch);
      return decompressed instanceof Uint8Array
        ? this.#opened(batch, decompressed)
        : decompressed.then((payload) => this.#opened(batch, payload));
    }
  }

  #opened(batch: RecordBatch, payload: Uint8Array): boolean {
    if (this.#isStopped) return false;
    const { position } = this.#cursor;
    // Old batches that are compressed say only where they end.
    const mayBegin = position !== null && (batch.magic < 2 || batch.baseOffset < position);
    this.#beginsBefore = mayBegin ? position : null;
    this.#cursor.positionEpoch = batch.partitionLeaderEpoch;
    this.#records = batch.records(payload);
    return true;
  }

  /** Compaction may have removed a batch's last records: its last offset counts as read all the same. */
  #leaveBatch(): void {
    if (this.#isStopped) return;
    const cursor = this.#cursor;
    const batch = cursor.openBatch;
    cursor.openBatch = null;
    this.#records = null;
    if (batch !== null && (cursor.position === null || batch.lastOffset >= cursor.position)) {
      cursor.position = batch.lastOffset + 1n;
      cursor.positionEpoch = batch.partitionLeaderEpoch;
    }
  }

  #stop(): void {
    this.#isStopped = true;
    this.#cursor.openBatch = null;
    this.#records = null;
    this.#next = this.fetched.batches.length;
  }
}
