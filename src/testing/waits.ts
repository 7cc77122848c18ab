/**
 * Requests that wait for something to happen in the cluster: a fetch for records, a produce for replicas. Whatever
 * changes the state wakes those who wait on it; they are looked at again once the change is whole.
 */

import type { Clock } from "../platform/platform.ts";
import { Pending } from "./pending.ts";

/** What can be waited on: a partition, a group, or whatever else has an identity. */
export type WaitKey = object;

export interface WaitOptions<Response> {
  /** What may bring the answer about. */
  readonly on: Iterable<WaitKey>;
  /** After how long `expire` answers, in milliseconds of the cluster's clock. */
  readonly timeoutMs: number;
  /** The answer if it can be given now, else null. */
  readonly attempt: () => Response | null;
  /** The answer when the time is up. */
  readonly expire: () => Response;
}

interface Wait {
  /** Whether it is over. */
  look(): boolean;
}

/** All that wait in a cluster. */
export class Waits {
  readonly #clock: Clock;
  readonly #waits = new Map<WaitKey, Set<Wait>>();
  readonly #woken = new Set<Wait>();
  #isPlanned = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Gives the answer at once where `attempt` has it, else one that is pending. */
  until<Response>({ on, timeoutMs, attempt, expire }: WaitOptions<Response>): Response | Pending<Response> {
    const early = attempt();
    if (early !== null) return early;
    if (timeoutMs <= 0) return expire();
    const pending = new Pending<Response>();
    const keys = [...on];
    const wait: Wait = {
      look: () => {
        if (pending.isDone) return true;
        const response = attempt();
        if (response === null) return false;
        finish();
        pending.answer(response);
        return true;
      },
    };
    const finish = (): void => {
      timer.cancel();
      for (const key of keys) this.#forget(key, wait);
    };
    const timer = this.#clock.setTimer(timeoutMs, () => {
      finish();
      pending.answer(expire());
    });
    pending.onAbandoned(finish);
    for (const key of keys) {
      const waits = this.#waits.get(key) ?? new Set();
      waits.add(wait);
      this.#waits.set(key, waits);
    }
    return pending;
  }

  /** Has those who wait on `key` looked at again, after the code that runs now. */
  wake(key: WaitKey): void {
    const waits = this.#waits.get(key);
    if (waits === undefined) return;
    for (const wait of waits) this.#woken.add(wait);
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    queueMicrotask(() => this.#look());
  }

  #look(): void {
    this.#isPlanned = false;
    const woken = [...this.#woken];
    this.#woken.clear();
    for (const wait of woken) wait.look();
  }

  #forget(key: WaitKey, wait: Wait): void {
    const waits = this.#waits.get(key);
    waits?.delete(wait);
    if (waits?.size === 0) this.#waits.delete(key);
  }
}
