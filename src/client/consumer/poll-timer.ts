/**
 * Notices an application that does not ask for records any more. It looks four times in `maxPollIntervalMs`, so that
 * nothing has to be done with each record, and finds out after that time and at most a quarter more.
 */

import type { Clock, Timer } from "../../platform/platform.ts";
import type { Hands } from "./hands.ts";

const LOOKS = 4;

/** What is looked at. */
export interface PollTimerParts {
  readonly clock: Clock;
  readonly maxPollIntervalMs: number;
  readonly hands: Hands;
  /** Goes up with each asking. */
  readonly asked: () => number;
  /** Whether the application is waiting for records right now. */
  readonly isAsking: () => boolean;
  readonly onExpired: () => void;
}

export class PollTimer {
  readonly #parts: PollTimerParts;
  #timer: Timer | null = null;
  #asked = -1;
  #seenAtMs = 0;

  constructor(parts: PollTimerParts) {
    this.#parts = parts;
  }

  /** Begins to look, as if the application had just asked. */
  start(): void {
    this.stop();
    this.#seenAtMs = this.#parts.clock.monotonicMs();
    this.#asked = this.#parts.asked();
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #arm(): void {
    const { clock, maxPollIntervalMs } = this.#parts;
    this.#timer = clock.setTimer(Math.max(1, maxPollIntervalMs / LOOKS), () => this.#look(), {
      background: true,
    });
  }

  #look(): void {
    const { clock, maxPollIntervalMs, hands, asked, isAsking, onExpired } = this.#parts;
    const now = clock.monotonicMs();
    if (isAsking() || asked() !== this.#asked) this.#seenAtMs = now;
    this.#asked = asked();
    const silentMs = Math.max(now - this.#seenAtMs, hands.look(now));
    if (silentMs >= maxPollIntervalMs) {
      this.#timer = null;
      onExpired();
    } else this.#arm();
  }
}
