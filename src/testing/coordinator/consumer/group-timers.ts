/** What a group times for its members. */

import type { Clock, Timer } from "../../../platform/platform.ts";

/** What a member has to do in time: be heard of, give up partitions; with the classic protocol join and sync again. */
export type TimerKind = "session" | "revocation" | "join" | "sync";

const KINDS: readonly TimerKind[] = ["session", "revocation", "join", "sync"];

export class GroupTimers {
  readonly #clock: Clock;
  readonly #timers = new Map<string, Timer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Starts anew. */
  set(kind: TimerKind, memberId: string, timeoutMs: number, fire: () => void): void {
    this.cancel(kind, memberId);
    const key = keyOf(kind, memberId);
    const timer = this.#clock.setTimer(timeoutMs, () => {
      this.#timers.delete(key);
      fire();
    });
    this.#timers.set(key, timer);
  }

  isSet(kind: TimerKind, memberId: string): boolean {
    return this.#timers.has(keyOf(kind, memberId));
  }

  cancel(kind: TimerKind, memberId: string): void {
    const key = keyOf(kind, memberId);
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
  }

  cancelAll(memberId: string): void {
    for (const kind of KINDS) this.cancel(kind, memberId);
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }
}

function keyOf(kind: TimerKind, memberId: string): string {
  return `${kind}:${memberId}`;
}
