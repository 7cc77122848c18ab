import type { Clock, Timer } from "../../src/platform/platform.ts";

interface PendingTimer {
  readonly atMs: number;
  readonly background: boolean;
  readonly fire: () => void;
}

/** More timers than any test needs at one moment: something sets them again and again without time going by. */
const MOST_TIMERS_AT_ONCE = 10_000;

/** Lets everything that needs no time happen. The fakes do no I/O, so one turn of the event loop is enough. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Time that goes by when the test says so; timers fire in order, and what they set off happens before the next. */
export class FakeClock implements Clock {
  #nowMs = 1000;
  readonly #timers = new Set<PendingTimer>();
  /** What {@link random} gives: the middle, so that backoffs have no jitter. */
  nextRandom: () => number = () => 0.5;

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return 1_700_000_000_000 + this.#nowMs;
  }

  random(): number {
    return this.nextRandom();
  }

  setTimer(delayMs: number, fire: () => void, options?: { readonly background?: boolean }): Timer {
    if (!(delayMs >= 0)) throw new RangeError(`A timer of ${delayMs} ms`);
    const timer = { atMs: this.#nowMs + delayMs, background: options?.background === true, fire };
    this.#timers.add(timer);
    return { cancel: () => void this.#timers.delete(timer) };
  }

  /** Timers of every kind. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Timers that would keep a process alive. */
  get foregroundTimers(): number {
    return [...this.#timers].filter(({ background }) => !background).length;
  }

  /** Lets `ms` milliseconds go by. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    while (await this.#fireNext(untilMs));
    this.#nowMs = untilMs;
    await settle();
  }

  /** Fires the next timer that is due by `untilMs`, if there is one. */
  async #fireNext(untilMs: number): Promise<boolean> {
    let next: PendingTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.atMs <= untilMs && (next === undefined || timer.atMs < next.atMs)) next = timer;
    }
    if (next === undefined) return false;
    if (next.atMs > this.#nowMs) this.#firedNow = 0;
    else if (++this.#firedNow > MOST_TIMERS_AT_ONCE) throw new Error("Timers fire without end at one moment");
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    this.#timers.delete(next);
    next.fire();
    await settle();
    return true;
  }

  #firedNow = 0;

  /**
   * Lets time go by until `promise` settles, and gives what it settles to.
   *
   * @param check Called between the timers, for what must hold meanwhile.
   * @throws Error when it does not settle within `limitMs`, or when no timer is left that could settle it.
   */
  async run<T>(promise: Promise<T>, limitMs = 1_000_000, check: () => void = () => {}): Promise<T> {
    const startMs = this.#nowMs;
    let settled = false;
    const done = (): void => {
      settled = true;
    };
    promise.then(done, done);
    await settle();
    while (!settled) {
      check();
      if (this.#timers.size === 0) throw new Error("This never settles: no timer is left");
      if (!(await this.#fireNext(startMs + limitMs))) throw new Error(`This did not settle in ${limitMs} ms`);
    }
    return promise;
  }
}
