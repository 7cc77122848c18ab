/**
 * What the application has in hand: records that were given to it and with which it is not done. Commits leave them
 * out, partitions are not given up while there are some, and whoever holds some for too long has stopped.
 */

import type { PartitionState } from "./fetch-state.ts";

/** A place in a partition, as it is committed: the offset of the next record to process. */
export interface Place {
  readonly offset: bigint;
  /** Epoch of the leader that wrote the record before; -1 where it is not known. */
  readonly leaderEpoch: number;
}

interface Held {
  /** In front of the first record in hand. */
  place: Place;
  /** When it was first seen in hand, on the monotonic clock; null before. */
  seenAtMs: number | null;
}

interface Waiter {
  readonly states: readonly PartitionState[];
  readonly resolve: () => void;
}

/** Keeps account of one consumer's records in hand, by partition. */
export class Hands {
  readonly #held = new Map<PartitionState, Held>();
  #waiters: readonly Waiter[] = [];
  /** Set once the application will not say any more what it is done with. */
  #isReleased = false;

  /** Records from `place` on are given out; what is in hand of the partition already stays so. */
  give(state: PartitionState, place: Place): void {
    if (!this.#held.has(state)) this.#held.set(state, { place, seenAtMs: null });
  }

  /** Of what is in hand, the application is done with all in front of `place`. */
  advance(state: PartitionState, place: Place): void {
    const held = this.#held.get(state);
    if (held === undefined) return;
    held.place = place;
    held.seenAtMs = null;
  }

  /**
   * The application has committed up to `place`: of what is in hand, all in front of it counts as processed, though the
   * application has not asked for more. It may be long about it still, so its time goes on.
   */
  processed(state: PartitionState, place: Place): void {
    const held = this.#held.get(state);
    if (held !== undefined && place.offset > held.place.offset) held.place = place;
  }

  /** The application is done with what it had of a partition. */
  done(state: PartitionState): void {
    if (this.#held.delete(state)) this.#notify();
  }

  /** The application is done with all that it had. */
  allDone(): void {
    if (this.#held.size === 0) return;
    this.#held.clear();
    this.#notify();
  }

  /** Where to commit a partition of which some is in hand; undefined for one of which nothing is. */
  placeOf(state: PartitionState): Place | undefined {
    return this.#held.get(state)?.place;
  }

  has(state: PartitionState): boolean {
    return this.#held.has(state);
  }

  /** Resolves once nothing is in hand of any of these partitions. */
  empty(states: readonly PartitionState[]): Promise<void> {
    if (this.#isReleased || !states.some((state) => this.#held.has(state))) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters = [...this.#waiters, { states, resolve }];
    });
  }

  /**
   * Nobody waits any more for the application to be done: it has left its loop, or closes the consumer. What it has in
   * hand counts as not processed.
   */
  release(): void {
    this.#isReleased = true;
    this.#notify();
  }

  /** Somebody reads again, and will say what it is done with. */
  resume(): void {
    this.#isReleased = false;
  }

  /** Begins anew, with empty hands. */
  reset(): void {
    this.resume();
    this.allDone();
  }

  /** How long the oldest of what is in hand has been seen there, in milliseconds. Called now and then. */
  look(nowMs: number): number {
    let oldest = 0;
    for (const held of this.#held.values()) {
      held.seenAtMs ??= nowMs;
      oldest = Math.max(oldest, nowMs - held.seenAtMs);
    }
    return oldest;
  }

  #notify(): void {
    if (this.#waiters.length === 0) return;
    const isDone = ({ states }: Waiter): boolean =>
      this.#isReleased || !states.some((state) => this.#held.has(state));
    const done = this.#waiters.filter(isDone);
    this.#waiters = this.#waiters.filter((waiter) => !isDone(waiter));
    for (const { resolve } of done) resolve();
  }
}
