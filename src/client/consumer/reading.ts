/** What can be read right now: fetched records of partitions that may be handed out, one partition at a time. */

import type { StartPosition, TopicPartition } from "./assignment.ts";
import type { ConsumerRecord } from "./consumer-record.ts";
import { located } from "./fetch-answer.ts";
import type { Cursor, FetchedRecords, PartitionState } from "./fetch-state.ts";
import type { FetchedReader } from "./fetched-reader.ts";
import type { Fetcher } from "./fetcher.ts";
import { Hands, type Place } from "./hands.ts";

/** Hands out what a fetcher has fetched. */
export class Reading<K, V> {
  readonly hands = new Hands();
  readonly fetcher: Fetcher;
  readonly #read: (fetched: FetchedRecords) => FetchedReader<K, V>;
  /** Begun and not at their end; one of a partition that must not be read now waits here. */
  readonly #open = new Map<PartitionState, FetchedReader<K, V>>();
  /** Added, while it has to be found where they begin. */
  readonly #unplaced = new Set<PartitionState>();
  /** Partitions that cannot be read before somebody does something about it. */
  readonly #stuck = new Map<PartitionState, unknown>();
  /** For whoever reads next; each is thrown once. */
  readonly #errors: unknown[] = [];
  #isSuspended = false;

  constructor(fetcher: Fetcher, read: (fetched: FetchedRecords) => FetchedReader<K, V>) {
    this.fetcher = fetcher;
    this.#read = read;
  }

  /** Something went wrong that whoever reads has to know. */
  fail(error: unknown): void {
    this.#errors.push(error);
    this.fetcher.wake();
  }

  /** As {@link fail}, each time that somebody reads, until the partition is given up or started elsewhere. */
  failFor(state: PartitionState, error: unknown): void {
    this.#stuck.set(state, error);
    this.fetcher.wake();
  }

  /** Hands nothing out until {@link resume}. What was fetched waits; errors are thrown. */
  suspend(): void {
    this.#isSuspended = true;
  }

  resume(): void {
    this.#isSuspended = false;
    this.fetcher.wake();
  }

  /** Adds partitions whose start has to be found first: `start` or `seek` says it. */
  addUnplaced(partitions: readonly TopicPartition[]): void {
    this.fetcher.add(partitions, { held: true });
    for (const partition of partitions) {
      const state = this.fetcher.state(partition);
      if (state !== undefined) this.#unplaced.add(state);
    }
  }

  isUnplaced(state: PartitionState): boolean {
    return this.#unplaced.has(state);
  }

  /** Begins with a partition that was added without a start; null begins where `autoOffsetReset` says. */
  start(state: PartitionState, from: StartPosition | null): void {
    if (!this.#unplaced.delete(state)) return;
    if (from === null) this.fetcher.letGo([state]);
    else this.fetcher.start(state, from);
  }

  /** @throws what the fetcher throws for a partition that is not assigned. */
  seek(partition: TopicPartition, to: StartPosition): void {
    const state = this.fetcher.state(partition);
    if (state !== undefined) {
      this.#leave(state);
      this.#stuck.delete(state);
      if (this.#unplaced.has(state)) {
        this.start(state, to);
        return;
      }
    }
    this.fetcher.seek(partition, to);
  }

  /** Forgets partitions, and what was fetched and handed out of them. */
  remove(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      const state = this.fetcher.state(partition);
      if (state === undefined) continue;
      this.#leave(state);
      this.#unplaced.delete(state);
      this.#stuck.delete(state);
      this.hands.done(state);
    }
    this.fetcher.remove(partitions);
  }

  /** Everything is assigned anew. */
  clear(): void {
    for (const state of [...this.#open.keys()]) this.#leave(state);
    this.#unplaced.clear();
    this.#stuck.clear();
    this.#errors.length = 0;
    this.hands.reset();
  }

  /**
   * A partition's records that may be handed out now; null while there are none.
   *
   * @throws what stopped the reading of some partition; the next call goes on.
   */
  take(accept?: (state: PartitionState) => boolean): FetchedReader<K, V> | null {
    if (this.#errors.length > 0) throw this.#errors.shift();
    for (const error of this.#stuck.values()) throw error;
    if (this.#isSuspended) {
      this.fetcher.take(() => false);
      return null;
    }
    for (const [state, reader] of this.#open) {
      if (reader.fetched.cursor !== state.cursor) this.#leave(state);
      else if (isReadable(state) && (accept === undefined || accept(state))) return reader;
    }
    const fetched = this.fetcher.take(accept);
    if (fetched === null) return null;
    const reader = this.#read(fetched);
    this.#open.set(fetched.state, reader);
    return reader;
  }

  /** Whether a reader is still one of those that are read, and may be: seeking and rebalances end it. */
  isCurrent(reader: FetchedReader<K, V>): boolean {
    const { state, cursor } = reader.fetched;
    return cursor === state.cursor && !this.#isSuspended && isReadable(state);
  }

  /** Whether a partition is still assigned, and is read from where it was: it may be about to be given up. */
  isKept(state: PartitionState, cursor: Cursor): boolean {
    return state.cursor === cursor && this.fetcher.state(state) === state;
  }

  /** The application was not done with what it had of a partition: it is read from `place` on once more. */
  putBack(state: PartitionState, place: Place): void {
    if (this.fetcher.state(state) !== state) return;
    this.#leave(state);
    this.fetcher.seek(state, place);
    this.hands.done(state);
  }

  /**
   * The next record of a reader whose batch is open; null where {@link advance} has to be called.
   *
   * @throws what is wrong with the record; the next reading tries it again.
   */
  record(reader: FetchedReader<K, V>): ConsumerRecord<K, V> | null {
    try {
      return reader.record();
    } catch (error) {
      throw this.#unreadable(reader, error);
    }
  }

  /** Opens the next batch of a reader: false when it was the last, and the reader is done with. */
  advance(reader: FetchedReader<K, V>): boolean | Promise<boolean> {
    try {
      const opened = reader.nextBatch();
      return typeof opened === "boolean"
        ? this.#advanced(reader, opened)
        : this.#advancedLater(reader, opened);
    } catch (error) {
      throw this.#unreadable(reader, error);
    }
  }

  async #advancedLater(reader: FetchedReader<K, V>, opened: Promise<boolean>): Promise<boolean> {
    try {
      return this.#advanced(reader, await opened);
    } catch (error) {
      throw this.#unreadable(reader, error);
    }
  }

  #advanced(reader: FetchedReader<K, V>, isOpen: boolean): boolean {
    const { fetched } = reader;
    if (this.#open.get(fetched.state) !== reader) return false;
    if (isOpen) return true;
    this.#open.delete(fetched.state);
    this.fetcher.done(fetched);
    return false;
  }

  /** Nothing more is read of what is open of a partition. */
  #leave(state: PartitionState): void {
    const reader = this.#open.get(state);
    if (reader === undefined) return;
    this.#open.delete(state);
    this.fetcher.done(reader.fetched);
  }

  /** The next reading tries the same record again; seeking past it gets on. */
  #unreadable(reader: FetchedReader<K, V>, error: unknown): unknown {
    const { fetched } = reader;
    const unreadable = located(error, fetched);
    if (this.#open.get(fetched.state) === reader) {
      this.#open.delete(fetched.state);
      this.fetcher.rewind(fetched);
    }
    return unreadable;
  }
}

function isReadable({ isHeld, isPaused }: PartitionState): boolean {
  return !isHeld && !isPaused;
}
