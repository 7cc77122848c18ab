import type { Clock, Timer } from "../platform/platform.ts";

/**
 * One timer for everything that happens at a time: it stands at the earliest. In the background: who waits for
 * something keeps the process alive by other means.
 */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #timer: Timer | null = null;
  #atMs = Number.POSITIVE_INFINITY;

  /** @param ring Called at the time; whatever is to come after that has to be set again. */
  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at `atMs` on the monotonic clock, unless it rings before. */
  set(atMs: number): void {
    if (atMs >= this.#atMs) return;
    this.#timer?.cancel();
    this.#atMs = atMs;
    const delayMs = Math.max(0, atMs - this.#clock.monotonicMs());
    this.#timer = this.#clock.setTimer(delayMs, () => this.#fire(), { background: true });
  }

  /** Rings no more. */
  stop(): void {
    this.#timer?.cancel();
    this.#atMs = Number.NEGATIVE_INFINITY;
  }

  #fire(): void {
    this.#atMs = Number.POSITIVE_INFINITY;
    this.#ring();
  }
}
