/** Handlers for records or batches: partitions side by side, each of them in order. */

import { ConfigError } from "../errors.ts";
import type { ConsumerBatch } from "./consumer-batch.ts";
import type { ConsumerRecord } from "./consumer-record.ts";
import type { PartitionState } from "./fetch-state.ts";
import type { Place } from "./hands.ts";
import { handedOut } from "./progress.ts";
import type { HandedOut, ReadingSession } from "./reading-session.ts";

/** What {@link Consumer.run} takes. */
export interface RunOptions<K, V> {
  /** Is given each record, the next of its partition once this has resolved. */
  readonly eachRecord?: (record: ConsumerRecord<K, V>) => unknown;
  /** Is given up to `maxPollRecords` records of one partition, the next of that once this has resolved. */
  readonly eachBatch?: (batch: ConsumerBatch<K, V>) => unknown;
  /** How many partitions are handled at the same time. Default: `1`. */
  readonly concurrency?: number;
  /** Ends the run: what is being handled is waited for, the group is left, and `run` rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** @throws ConfigError naming what is wrong. */
export function checkRunOptions({ eachRecord, eachBatch, concurrency = 1 }: RunOptions<never, never>): void {
  const given = [eachRecord, eachBatch].filter((each) => each !== undefined);
  if (given.length !== 1 || typeof given[0] !== "function") {
    throw new ConfigError("run takes a function as eachRecord or one as eachBatch, and not both");
  }
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new ConfigError(`concurrency must be a whole number from 1, and is ${String(concurrency)}`);
  }
}

export class RunLoop<K, V> {
  readonly #session: ReadingSession<K, V>;
  readonly #options: RunOptions<K, V>;
  readonly #max: number;
  readonly #busy = new Map<PartitionState, Promise<void>>();
  #failure: { readonly error: unknown } | null = null;

  constructor(session: ReadingSession<K, V>, options: RunOptions<K, V>, max: number) {
    this.#session = session;
    this.#options = options;
    this.#max = max;
  }

  /** Resolves when the consumer is closed. @throws what a handler threw, or what stopped the reading. */
  async run(): Promise<void> {
    const session = this.#session;
    const { concurrency = 1, signal } = this.#options;
    session.begin();
    session.hasHandlers = true;
    try {
      session.ask();
      while (!session.isClosed && this.#failure === null && signal?.aborted !== true) {
        session.askOn();
        if (this.#busy.size >= concurrency) {
          await Promise.race(this.#busy.values());
          continue;
        }
        const handed = await session.handOutBatch(this.#max, (state) => !this.#busy.has(state));
        if (handed !== null) this.#start(handed);
        else await session.wait(signal);
      }
    } catch (error) {
      this.#failure ??= { error };
    }
    try {
      await Promise.all(this.#busy.values());
      if (this.#failure !== null) throw this.#failure.error;
      if (signal?.aborted && !session.isClosed) await session.cancelled(signal);
    } finally {
      session.hasHandlers = false;
      session.end();
    }
  }

  #start(handed: HandedOut<K, V>): void {
    const { state } = handed;
    const work = this.#handle(handed)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#busy.delete(state);
        this.#session.reading.fetcher.wake();
      });
    this.#busy.set(state, work);
  }

  async #handle({ batch, cursor, state }: HandedOut<K, V>): Promise<void> {
    const { reading } = this.#session;
    const { eachBatch, eachRecord } = this.#options;
    const behind = handedOut(state) as Place;
    let place = reading.hands.placeOf(state) ?? behind;
    try {
      if (eachBatch !== undefined) await eachBatch(batch);
      else {
        for (const record of batch.records) {
          if (state.cursor !== cursor || state.isHeld || state.isPaused || this.#isEnding) break;
          await eachRecord?.(record);
          place = { offset: record.offset + 1n, leaderEpoch: record.leaderEpoch };
          reading.hands.advance(state, place);
        }
        if (place.offset <= batch.lastOffset) return this.#putBack(state, cursor, place);
      }
    } catch (error) {
      this.#putBack(state, cursor, place);
      throw error;
    }
    reading.hands.done(state);
  }

  get #isEnding(): boolean {
    return this.#failure !== null || this.#session.isClosed || this.#options.signal?.aborted === true;
  }

  /** What was not processed is read again, here or by whoever gets the partition. */
  #putBack(state: PartitionState, cursor: HandedOut<K, V>["cursor"], place: Place): void {
    const { reading } = this.#session;
    if (state.cursor === cursor) reading.putBack(state, place);
    else reading.hands.done(state);
  }
}
