import type { Windows } from "./rate.ts";

/**
 * What may be done at once, filled up at a steady rate (KIP-599). Whoever finds something in it may take more than
 * there is, and the next one waits until that is made up for.
 */
export class TokenBucket {
  readonly #windows: Windows;
  #tokens = 0;
  /** Null before anything was asked: it is full then. */
  #filledAtMs: number | null = null;

  constructor(windows: Windows) {
    this.#windows = windows;
  }

  /** What is in it; less than 0 where too much was taken. */
  tokens(perSecond: number, nowMs: number): number {
    const { count, sizeMs } = this.#windows;
    const most = (count * sizeMs * perSecond) / 1000;
    const gained =
      this.#filledAtMs === null ? most : (perSecond * Math.max(nowMs - this.#filledAtMs, 0)) / 1000;
    this.#tokens = Math.min(most, this.#tokens + gained);
    this.#filledAtMs = nowMs;
    return this.#tokens;
  }

  take(value: number): void {
    this.#tokens -= value;
  }
}
