import type { Clock } from "../platform/platform.ts";
import { abortReason } from "./errors.ts";

/** How long to wait between attempts. Kafka's `retry.backoff.ms` and `retry.backoff.max.ms`. */
export interface Backoff {
  readonly initialMs: number;
  readonly maxMs: number;
}

const MULTIPLIER = 2;
const JITTER = 0.2;

/**
 * The wait before attempt `attempt + 1`, when `attempt` have failed: doubled each time up to the maximum, and
 * moved by up to a fifth either way so that clients which failed together do not come back together (KIP-580).
 */
export function backoffMs(backoff: Backoff, attempt: number, random: number): number {
  const base = Math.min(backoff.maxMs, backoff.initialMs * MULTIPLIER ** Math.max(0, attempt - 1));
  return base * (1 - JITTER + 2 * JITTER * random);
}

/** A point in time by which something has to be done. */
export class Deadline {
  readonly timeoutMs: number;
  readonly #at: number;
  readonly #clock: Clock;

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.timeoutMs = timeoutMs;
    this.#at = clock.monotonicMs() + timeoutMs;
  }

  /** Milliseconds left, never less than 0. */
  get remainingMs(): number {
    return Math.max(0, this.#at - this.#clock.monotonicMs());
  }

  get expired(): boolean {
    return this.remainingMs === 0;
  }
}

/**
 * Waits for `promise`, but no longer than the deadline and the signal allow. The promise itself goes on: what it
 * comes to after that is nobody's business here, and its rejection is not left unhandled.
 */
export async function within<T>(
  clock: Clock,
  promise: Promise<T>,
  deadline: Deadline,
  signal: AbortSignal | undefined,
  expired: () => Error,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const settle = (finish: () => void): void => {
      timer.cancel();
      signal?.removeEventListener("abort", aborted);
      finish();
    };
    const aborted = (): void => settle(() => reject(abortReason(signal as AbortSignal)));
    const timer = clock.setTimer(deadline.remainingMs, () => settle(() => reject(expired())));
    promise.then(
      (value) => settle(() => resolve(value)),
      (error) => settle(() => reject(error)),
    );
    if (signal?.aborted === true) aborted();
    else signal?.addEventListener("abort", aborted);
  });
}

/** Waits `delayMs`, or until the signal is aborted, which rejects. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(abortReason(signal));
    const aborted = (): void => {
      timer.cancel();
      reject(abortReason(signal as AbortSignal));
    };
    const timer = clock.setTimer(delayMs, () => {
      signal?.removeEventListener("abort", aborted);
      resolve();
    });
    signal?.addEventListener("abort", aborted, { once: true });
  });
}

/**
 * Waits for `promise` or for the abort, whichever is first. The promise goes on after an abort, and its rejection
 * is not left unhandled.
 */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(abortReason(signal));
    const settle = (finish: () => void): void => {
      signal.removeEventListener("abort", aborted);
      finish();
    };
    signal.addEventListener("abort", aborted);
    promise.then(
      (value) => settle(() => resolve(value)),
      (error) => settle(() => reject(error)),
    );
    if (signal.aborted) aborted();
  });
}
