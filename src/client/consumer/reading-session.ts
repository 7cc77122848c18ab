/** One consumer being read: what the ways to read have in common. */

import type { Clock } from "../../platform/platform.ts";
import { abortReason, ConfigError } from "../errors.ts";
import { ConsumerBatch } from "./consumer-batch.ts";
import type { ConsumerRecord } from "./consumer-record.ts";
import type { Cursor, PartitionState } from "./fetch-state.ts";
import type { FetchedReader } from "./fetched-reader.ts";
import type { GroupSubscription, LeaveGroupOptions } from "./group/group-subscription.ts";
import { handedOut } from "./progress.ts";
import type { Reading } from "./reading.ts";

/** What a session needs of its consumer. */
export interface ReadingSessionParts<K, V> {
  readonly clock: Clock;
  readonly reading: Reading<K, V>;
  /** Null where nothing is subscribed to. */
  readonly subscription: () => GroupSubscription | null;
  readonly isClosed: () => boolean;
  /** @throws ClosedError where the consumer is closed. */
  readonly checkOpen: () => void;
  /** Leaves the group within the time that closing has. Never rejects. */
  readonly leaveGroup: (options: Pick<LeaveGroupOptions, "reason">) => Promise<void>;
}

/** Records in the application's hands, and the reading that they come from. */
export interface HandedOut<K, V> {
  readonly batch: ConsumerBatch<K, V>;
  readonly state: PartitionState;
  readonly cursor: Cursor;
}

const NOTHING = "Nothing is assigned to this consumer: call subscribe() or assign() first";

export class ReadingSession<K, V> {
  readonly reading: Reading<K, V>;
  /** Whether handlers run that will say when they are done: closing waits for them. */
  hasHandlers = false;
  readonly #parts: ReadingSessionParts<K, V>;
  #isRead = false;
  #asked = 0;
  #waiting = 0;

  constructor(parts: ReadingSessionParts<K, V>) {
    this.#parts = parts;
    this.reading = parts.reading;
  }

  get isClosed(): boolean {
    return this.#parts.isClosed();
  }

  /** How often records were asked for. */
  get asked(): number {
    return this.#asked;
  }

  /** Whether somebody is waiting for records. */
  get isAsking(): boolean {
    return this.#waiting > 0;
  }

  /** Somebody begins to read. @throws ConfigError while somebody else does. */
  begin(): void {
    this.#parts.checkOpen();
    if (this.#isRead) {
      throw new ConfigError(
        "This consumer is being read already: leave that loop first, or use a second consumer",
      );
    }
    if (this.#parts.subscription() === null && this.reading.fetcher.states.length === 0)
      throw new ConfigError(NOTHING);
    this.#isRead = true;
    this.reading.hands.resume();
  }

  end(): void {
    this.#isRead = false;
  }

  /**
   * Records are asked for, so that those before are processed.
   *
   * @throws what has ended the membership in the group.
   */
  ask(): void {
    this.reading.hands.allDone();
    this.#asked++;
    this.#parts.subscription()?.ask();
  }

  /** As {@link ask}, for who is done with some records and not with others. */
  askOn(): void {
    this.#asked++;
    this.#parts.subscription()?.ask();
  }

  /** Waits until there may be something to read, as a member of the group, if there is one. */
  async wait(signal: AbortSignal | undefined): Promise<void> {
    this.#waiting++;
    const subscription = this.#parts.subscription();
    // A member that has nothing to fetch, or is between two attempts to join, has no request under way that would
    // keep the process alive.
    const alive =
      subscription === null ? null : this.#parts.clock.setTimer(Number.MAX_SAFE_INTEGER, () => {});
    try {
      if (subscription !== null) {
        await subscription.join();
        subscription.ask();
      } else if (this.reading.fetcher.states.length === 0) throw new ConfigError(NOTHING);
      if (!this.isClosed) await this.reading.fetcher.ready(signal);
    } catch (error) {
      // Whoever waits looks at the signal: there is a group to be left.
      if (signal?.aborted !== true) throw error;
    } finally {
      alive?.cancel();
      this.#waiting--;
      this.#asked++;
    }
  }

  /** The next record of a reader whose batch is open, into the application's hands. */
  handOut(reader: FetchedReader<K, V>): ConsumerRecord<K, V> | null {
    const { state } = reader.fetched;
    const before = handedOut(state);
    const record = this.reading.record(reader);
    if (record !== null && before !== null) this.reading.hands.give(state, before);
    return record;
  }

  /**
   * The next records of one partition, into the application's hands; null where there is nothing to read at this
   * moment.
   *
   * @param accept which partitions may be read; default: all
   */
  async handOutBatch(
    max: number,
    accept?: (state: PartitionState) => boolean,
  ): Promise<HandedOut<K, V> | null> {
    const { reading } = this;
    for (;;) {
      const reader = reading.take(accept);
      if (reader === null) return null;
      const { state, cursor } = reader.fetched;
      const before = handedOut(state);
      // Before anything is waited for: a partition of which something is in hand is not given up.
      if (before !== null) reading.hands.give(state, before);
      const records = await this.#fill(reader, max);
      if (!reading.isKept(state, cursor)) continue;
      if (records.length > 0)
        return { state, cursor, batch: new ConsumerBatch(state, records, state.endOffset) };
      reading.hands.done(state);
    }
  }

  /** The signal was aborted: leaves the group. @throws the signal's reason. */
  async cancelled(signal: AbortSignal): Promise<never> {
    await this.leave("reading was cancelled");
    throw abortReason(signal);
  }

  /** Nobody reads any more, and what is in hand counts as not processed. Never rejects. */
  leave(reason: string): Promise<void> {
    this.reading.hands.release();
    return this.#parts.leaveGroup({ reason });
  }

  async #fill(reader: FetchedReader<K, V>, max: number): Promise<ConsumerRecord<K, V>[]> {
    const { reading } = this;
    const records: ConsumerRecord<K, V>[] = [];
    try {
      for (;;) {
        while (records.length < max) {
          const record = reading.record(reader);
          if (record === null) break;
          records.push(record);
        }
        if (records.length >= max) return records;
        const opened = reading.advance(reader);
        if (!(typeof opened === "boolean" ? opened : await opened)) return records;
      }
    } catch (error) {
      if (records.length === 0) {
        reading.hands.done(reader.fetched.state);
        throw error;
      }
      // What is whole is handed out first; the next reading meets the damage again.
      return records;
    }
  }
}
