/** `for await` over records. */

import type { ConsumerRecord } from "./consumer-record.ts";
import type { FetchedReader } from "./fetched-reader.ts";
import type { ReadingSession } from "./reading-session.ts";

/**
 * Gives one record after another. Written by hand: a generator would take three times as long for a record that is at
 * hand, since each of its steps goes through several promises.
 */
export class RecordLoop<K, V> implements AsyncIterableIterator<ConsumerRecord<K, V>, undefined, undefined> {
  readonly #session: ReadingSession<K, V>;
  readonly #signal: AbortSignal | undefined;
  #reader: FetchedReader<K, V> | null = null;
  #isBegun = false;
  #isOver = false;
  /** How many are under way. */
  #steps = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(session: ReadingSession<K, V>, signal: AbortSignal | undefined) {
    this.#session = session;
    this.#signal = signal;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<ConsumerRecord<K, V>, undefined>> {
    const quick = this.#steps === 0 ? this.#quick() : null;
    return quick ?? this.#inTurn(() => this.#quick() ?? this.#next());
  }

  /** Leaves the loop, and with it the group; the record that was given last counts as not processed. */
  return(): Promise<IteratorResult<ConsumerRecord<K, V>, undefined>> {
    return this.#inTurn(async () => {
      if (this.#end()) await this.#session.leave("the loop over the records was left");
      return { done: true, value: undefined };
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.return().then(() => {});
  }

  /** What takes no time; null where it does. */
  #quick(): Promise<IteratorResult<ConsumerRecord<K, V>, undefined>> | null {
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    try {
      if (!this.#isBegun) {
        this.#session.begin();
        this.#isBegun = true;
      }
      this.#session.ask();
      if (this.#signal?.aborted || this.#session.isClosed) return null;
      const record = this.#atHand();
      return record === null ? null : Promise.resolve({ done: false, value: record });
    } catch (error) {
      this.#end();
      return Promise.reject(error);
    }
  }

  async #next(): Promise<IteratorResult<ConsumerRecord<K, V>, undefined>> {
    const session = this.#session;
    try {
      for (;;) {
        if (this.#signal?.aborted) await session.cancelled(this.#signal);
        if (session.isClosed) break;
        const record = this.#atHand();
        if (record !== null) return { done: false, value: record };
        await this.#more();
      }
    } catch (error) {
      this.#end();
      throw error;
    }
    this.#end();
    return { done: true, value: undefined };
  }

  /** The next record of the batch that is open. */
  #atHand(): ConsumerRecord<K, V> | null {
    const reader = this.#reader;
    if (reader === null) return null;
    const { reading } = this.#session;
    if (!reading.isCurrent(reader)) {
      this.#reader = null;
      return null;
    }
    return this.#session.handOut(reader);
  }

  /** Opens the next batch, or waits for one. */
  async #more(): Promise<void> {
    const { reading } = this.#session;
    if (this.#reader !== null) {
      const opened = reading.advance(this.#reader);
      const isOpen = typeof opened === "boolean" ? opened : await opened;
      if (!isOpen) this.#reader = null;
      return;
    }
    this.#reader = reading.take();
    if (this.#reader === null) await this.#session.wait(this.#signal);
  }

  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#reader = null;
    if (this.#isBegun) this.#session.end();
    return this.#isBegun;
  }

  /** After the steps before, for callers that do not wait for one before they take the next. */
  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    this.#steps++;
    const taken = this.#last.then(step).finally(() => {
      this.#steps--;
    });
    this.#last = taken.then(
      () => {},
      () => {},
    );
    return taken;
  }
}
