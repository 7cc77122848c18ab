/**
 * What is being waited for right now, and the watchdog that looks at it. Each wait has a deadline of its own
 * elsewhere; this is the net under them, and the answer to "why does my program hang?".
 */

import type { Clock, Timer } from "../../platform/platform.ts";

/** A wait that goes on, as plain data. */
export interface WaitSnapshot {
  /** What is waited for, in words. */
  readonly waitingFor: string;
  /** The broker as `host:port`; null where it is none in particular. */
  readonly broker: string | null;
  readonly nodeId: number | null;
  /** Kafka's name of the API, for an answer. */
  readonly api: string | null;
  readonly ageMs: number;
  /** Milliseconds until the deadline, negative after it; null where there is none. */
  readonly deadlineInMs: number | null;
  /** What stands in the way, as far as is known; empty where nothing is. */
  readonly inTheWay: string;
}

/** What is known of a wait when it begins. */
export interface WaitDetails {
  readonly broker?: string | undefined;
  readonly nodeId?: number | null | undefined;
  readonly api?: string | undefined;
  /** From now. Default: none, because another wait bounds this one, or because it may last for ever. */
  readonly timeoutMs?: number | undefined;
  /** How long it may last without anything being wrong. Default: 0. */
  readonly patienceMs?: number | undefined;
  /** What stands in the way. Default: what stands in the way of reaching the cluster. */
  readonly inTheWay?: (() => string) | undefined;
}

/** A wait that the watchdog has something to say of. */
export interface StalledWait extends WaitSnapshot {
  readonly isOverdue: boolean;
}

/** So much longer than it may last, and a wait is worth a word. */
const SLOW_MS = 10_000;
/** How often the watchdog looks. */
const LOOK_MS = 1000;

/** What the watchdog has said of a wait; it says each thing once. */
const UNREPORTED = 0;
const SLOW = 1;
/** Seen after its deadline. Its own timer may be late too, after a block of the event loop: it is looked at again. */
const MAYBE_OVERDUE = 2;
const OVERDUE = 3;

/** One wait. */
export abstract class Wait {
  readonly #waits: Waits;
  readonly sinceMs: number;
  readonly deadlineAtMs: number;
  readonly patienceMs: number;
  /** How far the watchdog is with it. */
  stage = UNREPORTED;

  constructor(waits: Waits, sinceMs: number, timeoutMs: number, patienceMs: number) {
    this.#waits = waits;
    this.sinceMs = sinceMs;
    this.deadlineAtMs = sinceMs + timeoutMs;
    this.patienceMs = patienceMs;
  }

  abstract get what(): string;

  abstract get broker(): string | null;

  abstract get nodeId(): number | null;

  abstract get api(): string | null;

  /** What stands in the way; null where it cannot tell by itself. */
  abstract inTheWay(): string | null;

  /** It is over, whichever way. May be called again. */
  end(): void {
    this.#waits.remove(this);
  }
}

/** A wait that is told all when it begins. */
class PlainWait extends Wait {
  readonly what: string;
  readonly broker: string | null;
  readonly nodeId: number | null;
  readonly api: string | null;
  readonly #inTheWay: (() => string) | undefined;

  constructor(waits: Waits, what: string, sinceMs: number, details: WaitDetails) {
    super(waits, sinceMs, details.timeoutMs ?? Number.POSITIVE_INFINITY, details.patienceMs ?? 0);
    this.what = what;
    this.broker = details.broker ?? null;
    this.nodeId = details.nodeId ?? null;
    this.api = details.api ?? null;
    this.#inTheWay = details.inTheWay;
  }

  inTheWay(): string | null {
    return this.#inTheWay?.() ?? null;
  }
}

/** The waits of one client. */
export class Waits {
  readonly #clock: Clock;
  readonly #waits = new Set<Wait>();
  readonly #sources = new Set<() => Iterable<Wait>>();
  #inTheWay: () => string = () => "";
  #report: ((stalled: readonly StalledWait[]) => void) | null = null;
  #timer: Timer | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Registers a wait: call `end()` on the result when it is over, whichever way. */
  begin(what: string, details: WaitDetails = {}): Wait {
    const wait = new PlainWait(this, what, this.#clock.monotonicMs(), details);
    this.add(wait);
    return wait;
  }

  /** Registers a wait for as long as `promise` is not settled, and gives what it settles to. */
  async during<T>(promise: Promise<T>, what: string, details: WaitDetails = {}): Promise<T> {
    const wait = this.begin(what, details);
    try {
      return await promise;
    } finally {
      wait.end();
    }
  }

  add(wait: Wait): void {
    this.#waits.add(wait);
    if (this.#timer === null && this.#report !== null) this.#arm();
  }

  remove(wait: Wait): void {
    this.#waits.delete(wait);
  }

  /**
   * Adds waits that are only listed when somebody looks, because they begin and end too often to be registered.
   * The source must give the same object for the same wait each time.
   *
   * @returns what removes the source again.
   */
  addSource(source: () => Iterable<Wait>): () => void {
    this.#sources.add(source);
    return () => void this.#sources.delete(source);
  }

  /**
   * Starts the watchdog. Its timer runs only while there are waits, and never keeps a process alive.
   *
   * @param inTheWay what stands in the way of a wait that cannot tell by itself
   * @param report takes the waits that there is something new to say of, longest first
   */
  watch(inTheWay: () => string, report: (stalled: readonly StalledWait[]) => void): void {
    this.#inTheWay = inTheWay;
    this.#report = report;
    if (this.#waits.size > 0) this.#arm();
  }

  /** Ends the watchdog. */
  stop(): void {
    this.#report = null;
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** What is being waited for now, longest first. */
  list(): WaitSnapshot[] {
    const now = this.#clock.monotonicMs();
    return this.#all().map((wait) => this.#describe(wait, now));
  }

  #all(): Wait[] {
    const all = [...this.#waits];
    for (const source of this.#sources) all.push(...source());
    return all.sort((a, b) => a.sinceMs - b.sinceMs);
  }

  #describe(wait: Wait, now: number): WaitSnapshot {
    return {
      waitingFor: wait.what,
      broker: wait.broker,
      nodeId: wait.nodeId,
      api: wait.api,
      ageMs: now - wait.sinceMs,
      deadlineInMs: wait.deadlineAtMs === Number.POSITIVE_INFINITY ? null : wait.deadlineAtMs - now,
      inTheWay: wait.inTheWay() ?? this.#inTheWay(),
    };
  }

  #arm(): void {
    this.#timer = this.#clock.setTimer(LOOK_MS, () => this.#look(), { background: true });
  }

  #look(): void {
    this.#timer = null;
    const now = this.#clock.monotonicMs();
    const waits = this.#all();
    if (waits.length === 0) return;
    this.#arm();
    const stalled: StalledWait[] = [];
    for (const wait of waits) {
      const before = wait.stage;
      wait.stage = nextStage(wait, now);
      if (wait.stage === before || wait.stage === MAYBE_OVERDUE) continue;
      stalled.push({ ...this.#describe(wait, now), isOverdue: wait.stage === OVERDUE });
    }
    if (stalled.length > 0) this.#report?.(stalled);
  }
}

function nextStage({ stage, patienceMs, sinceMs, deadlineAtMs }: Wait, now: number): number {
  if (stage === OVERDUE) return OVERDUE;
  if (now > deadlineAtMs) return stage === MAYBE_OVERDUE ? OVERDUE : MAYBE_OVERDUE;
  return now - sinceMs >= SLOW_MS + patienceMs ? SLOW : stage;
}
