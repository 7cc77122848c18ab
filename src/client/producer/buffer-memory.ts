/** How much of `bufferMemory` is used, and who waits until there is room. */

import type { Clock } from "../../platform/platform.ts";
import { Alarm } from "../alarm.ts";

/** Who waits for room, in the order of coming. */
export interface RoomWaiter {
  /** On the monotonic clock. */
  deadlineMs: number;
  /** Bytes that it holds while it waits. */
  readonly heldBytes: number;
  /** There is room. Takes of it what it needs, and says whether it has all that it wants. */
  readonly proceed: () => boolean;
  /** It has waited too long, or the producer was closed. */
  readonly giveUp: (error: Error) => void;
}

/** The memory of one producer. */
export class BufferMemory {
  readonly limit: number;
  readonly #alarm: Alarm;
  readonly #clock: Clock;
  readonly #exhausted: () => Error;
  #used = 0;
  #held = 0;
  #isProceeding = false;
  readonly #waiters = new Set<RoomWaiter>();
  readonly #roomListeners = new Set<() => void>();

  /** @param exhausted makes the error of those who have waited too long. */
  constructor(limit: number, clock: Clock, exhausted: () => Error) {
    this.limit = limit;
    this.#clock = clock;
    this.#exhausted = exhausted;
    this.#alarm = new Alarm(clock, () => this.#expire());
  }

  /** Bytes in use. The last that was taken may lie above the limit, in part. */
  get used(): number {
    return this.#used;
  }

  /** Whether nothing more may be taken, since the limit is reached, or since others came first. */
  get isFull(): boolean {
    return this.#used >= this.limit || (this.#waiters.size > 0 && !this.#isProceeding);
  }

  /** Whether what is there should be sent soon, so that there is room again. */
  get isShort(): boolean {
    return this.#used >= this.limit || this.#isAwaited;
  }

  get #isAwaited(): boolean {
    return this.#waiters.size > 0 || this.#roomListeners.size > 0;
  }

  get hasWaiters(): boolean {
    return this.#waiters.size > 0;
  }

  /** Records that wait for room hold memory too, and no more than all that is buffered. */
  get hasRoomToWait(): boolean {
    return this.#held < this.limit;
  }

  take(bytes: number): void {
    this.#used += bytes;
  }

  give(bytes: number): void {
    this.#used -= bytes;
    if (!this.#isAwaited) return;
    // After whoever gives has given all that he has.
    queueMicrotask(() => this.#proceed());
  }

  /** Puts a caller behind those that wait already. */
  wait(waiter: RoomWaiter): void {
    this.#waiters.add(waiter);
    this.#held += waiter.heldBytes;
    this.#alarm.set(waiter.deadlineMs);
  }

  /** A caller that waits no more. */
  leave(waiter: RoomWaiter): void {
    if (!this.#waiters.delete(waiter)) return;
    this.#held -= waiter.heldBytes;
    if (this.#waiters.size === 0) queueMicrotask(() => this.#proceed());
  }

  /**
   * Calls `listener` once half of the memory is free and nobody waits: who fills it in turns does not go on for a
   * trickle.
   *
   * @returns what takes the listener away. While there is one, batches are sent without lingering.
   */
  onRoom(listener: () => void): () => void {
    this.#roomListeners.add(listener);
    return () => void this.#roomListeners.delete(listener);
  }

  /** Nobody shall wait any more. */
  close(error: Error): void {
    this.#alarm.stop();
    for (const waiter of [...this.#waiters]) {
      this.leave(waiter);
      waiter.giveUp(error);
    }
    this.#tellOfRoom();
  }

  #tellOfRoom(): void {
    const listeners = [...this.#roomListeners];
    this.#roomListeners.clear();
    for (const listener of listeners) listener();
  }

  #proceed(): void {
    this.#isProceeding = true;
    try {
      for (const waiter of this.#waiters) {
        if (this.#used >= this.limit || !waiter.proceed()) return;
        this.#waiters.delete(waiter);
        this.#held -= waiter.heldBytes;
      }
    } finally {
      this.#isProceeding = false;
    }
    if (this.#used > this.limit / 2) return;
    this.#tellOfRoom();
  }

  #expire(): void {
    const now = this.#clock.monotonicMs();
    for (const waiter of [...this.#waiters]) {
      if (waiter.deadlineMs > now) {
        this.#alarm.set(waiter.deadlineMs);
        continue;
      }
      this.leave(waiter);
      waiter.giveUp(this.#exhausted());
    }
  }
}
