/**
 * The time of a cluster: everything that its brokers time goes by this clock, so that a test can let a minute pass
 * in no time. It runs along with real time, or stands still until it is told to go on.
 */

import type { Clock, Timer } from "../platform/platform.ts";

/** A timer that has not fired. */
interface Alarm {
  readonly atMs: number;
  /** In which order alarms of the same time were set. */
  readonly order: number;
  readonly fire: () => void;
}

/** More alarms than any test needs at one moment: something sets them again and again without time going by. */
const MOST_ALARMS_AT_ONCE = 100_000;

/**
 * The clock of a {@link TestCluster}.
 *
 * @example
 * ```ts
 * import { TestCluster } from "kafkawire/testing";
 *
 * await using cluster = await TestCluster.start({ time: "manual" });
 * const before = cluster.clock.wallMs();
 * await cluster.clock.advance(60_000);
 * console.log(cluster.clock.wallMs() - before); // 60000
 * ```
 */
export class BrokerClock implements Clock {
  readonly #base: Clock;
  readonly #runs: boolean;
  readonly #wallOffsetMs: number;
  /** How far this clock is ahead of its base; or the time itself, where it stands still. */
  #aheadMs: number;
  /** In the order in which they fire. */
  readonly #alarms: Alarm[] = [];
  #order = 0;
  #next: { readonly atMs: number; readonly timer: Timer } | null = null;
  #isStopped = false;

  /** @param runs Whether time goes by of itself. */
  constructor(base: Clock, runs: boolean) {
    this.#base = base;
    this.#runs = runs;
    // A time that stands still is a whole one: with fractions, steps to a point in time may end in front of it.
    this.#aheadMs = runs ? 0 : Math.ceil(base.monotonicMs());
    this.#wallOffsetMs = base.wallMs() - (runs ? base.monotonicMs() : this.#aheadMs);
  }

  /** Milliseconds from an arbitrary start; never goes back. */
  monotonicMs(): number {
    return this.#runs ? this.#base.monotonicMs() + this.#aheadMs : this.#aheadMs;
  }

  /** Milliseconds since the epoch, whole ones as Kafka has them. */
  wallMs(): number {
    return Math.floor(this.#wallOffsetMs + this.monotonicMs());
  }

  /** A number in [0, 1). */
  random(): number {
    return this.#base.random();
  }

  /** Calls `fire` once after `delayMs` of this clock's time. It never keeps the process alive. */
  setTimer(delayMs: number, fire: () => void): Timer {
    const alarm = { atMs: this.monotonicMs() + Math.max(delayMs, 0), order: this.#order++, fire };
    const alarms = this.#alarms;
    let at = alarms.length;
    while (at > 0 && (alarms[at - 1] as Alarm).atMs > alarm.atMs) at--;
    alarms.splice(at, 0, alarm);
    this.#plan();
    return {
      cancel: () => {
        const index = alarms.indexOf(alarm);
        if (index < 0) return;
        alarms.splice(index, 1);
        if (index === 0) this.#plan();
      },
    };
  }

  /** Timers that have not fired. */
  get timers(): number {
    return this.#alarms.length;
  }

  /**
   * Lets `ms` milliseconds go by at once. Timers that are due fire in their order, each at its own time, and what
   * needs no time happens between them.
   */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new RangeError(`Time cannot go on by ${ms} ms`);
    const untilMs = this.monotonicMs() + ms;
    await settled(this.#base);
    for (let fired = 0; ; fired++) {
      const alarm = this.#alarms[0];
      if (alarm === undefined || alarm.atMs > untilMs) break;
      if (fired > MOST_ALARMS_AT_ONCE) throw new Error("Timers fire without end");
      this.#goTo(alarm.atMs);
      this.#alarms.shift();
      alarm.fire();
      await settled(this.#base);
    }
    this.#goTo(untilMs);
    this.#plan();
    await settled(this.#base);
  }

  /** Fires no more; time goes on. */
  stop(): void {
    this.#isStopped = true;
    this.#alarms.length = 0;
    this.#plan();
  }

  #goTo(atMs: number): void {
    this.#aheadMs += Math.max(atMs - this.monotonicMs(), 0);
  }

  /** Sets the one timer of the base clock that stands for all of them. */
  #plan(): void {
    if (!this.#runs) return;
    const first = this.#alarms[0];
    if (first?.atMs === this.#next?.atMs) return;
    this.#next?.timer.cancel();
    this.#next = null;
    if (first === undefined || this.#isStopped) return;
    const delayMs = Math.max(first.atMs - this.monotonicMs(), 0);
    const timer = this.#base.setTimer(delayMs, () => this.#fireDue(), { background: true });
    this.#next = { atMs: first.atMs, timer };
  }

  #fireDue(): void {
    this.#next = null;
    // What a timer sets for now comes with the next turn, so that nobody is starved.
    const due = this.#alarms.filter(({ atMs }) => atMs <= this.monotonicMs());
    for (const alarm of due) {
      const index = this.#alarms.indexOf(alarm);
      if (index < 0) continue;
      this.#alarms.splice(index, 1);
      alarm.fire();
    }
    this.#plan();
  }
}

/** Lets what needs no time happen: turns of the event loop, for sockets and for chains of promises. */
async function settled(base: Clock): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise<void>((resolve) => void base.setTimer(0, resolve));
  }
}
