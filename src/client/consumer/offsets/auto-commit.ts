/** Commits what was processed by itself: every so often, and when it is told to. */

import { partitionKey } from "../../../group/offset-commits.ts";
import type { Clock, Timer } from "../../../platform/platform.ts";
import { isRetriable } from "../../errors.ts";
import type { OffsetToCommit } from "../../offset-to-commit.ts";
import { type Backoff, backoffMs, Deadline, within } from "../../retry.ts";

/** What committing by itself needs. */
export interface AutoCommitOptions {
  readonly clock: Clock;
  /** From the end of one commit to the next. */
  readonly intervalMs: number;
  /** How long one commit on the interval may take. */
  readonly timeoutMs: number;
  /** The wait after a failure that may pass, where that is less than the interval. */
  readonly retryBackoff: Backoff;
  /** What is processed and not yet committed. */
  readonly dirty: () => readonly OffsetToCommit[];
  readonly commit: (offsets: readonly OffsetToCommit[], deadline: Deadline) => Promise<void>;
  /** Told of a failure that is not like the one before it; those that follow it in a row are told to nobody. */
  readonly onError: (error: unknown) => void;
}

/** How far it is. */
export interface AutoCommitState {
  readonly isStarted: boolean;
  /** Commits under way: a later one, with newer offsets, goes beside those that have to wait. */
  readonly underWay: number;
  /** In a row, since a commit last succeeded. */
  readonly failures: number;
}

/** What can happen. */
export type AutoCommitEvent =
  | { readonly type: "started" }
  | { readonly type: "stopped" }
  /** The timer has fired, with something to commit that is not being committed, or nothing. */
  | { readonly type: "due"; readonly isDirty: boolean }
  /** Somebody wants a commit now. */
  | { readonly type: "wanted" }
  | { readonly type: "committed" }
  | { readonly type: "failed"; readonly mayPass: boolean };

/** What is to be done about it: to commit, or to set the timer. */
export interface AutoCommitStep {
  readonly state: AutoCommitState;
  readonly commit: boolean;
  readonly timer: "interval" | "backoff" | "none";
}

export const AUTO_COMMIT_STOPPED: AutoCommitState = { isStarted: false, underWay: 0, failures: 0 };

/** While a commit has to wait, newer offsets take its place no more often than that. */
const LEAST_RENEWAL_MS = 1_000;

/** Pure: an event and a state give the next state, and what to do. */
export function autoCommitStep(state: AutoCommitState, event: AutoCommitEvent): AutoCommitStep {
  const { isStarted, underWay, failures } = state;
  const step = (changed: Partial<AutoCommitState>, todo: Partial<AutoCommitStep> = {}): AutoCommitStep => ({
    commit: false,
    timer: "none",
    ...todo,
    state: { ...state, ...changed },
  });
  switch (event.type) {
    case "started":
      return isStarted ? step({}) : step({ isStarted: true }, { timer: "interval" });
    case "stopped":
      return step({ isStarted: false });
    case "due":
      if (!isStarted) return step({});
      return event.isDirty
        ? step({ underWay: underWay + 1 }, { commit: true, timer: "interval" })
        : step({}, { timer: "interval" });
    case "wanted":
      return step({ underWay: underWay + 1 }, { commit: true, timer: isStarted ? "interval" : "none" });
    case "committed":
      return step({ underWay: underWay - 1, failures: 0 }, isStarted ? { timer: "interval" } : {});
    case "failed":
      // A newer one is on its way, which tells more.
      if (underWay > 1) return step({ underWay: underWay - 1 });
      return step(
        { underWay: 0, failures: failures + 1 },
        isStarted ? { timer: event.mayPass ? "backoff" : "interval" } : {},
      );
  }
}

/** Commits by itself while it is started. */
export class AutoCommit {
  readonly #options: AutoCommitOptions;
  #state = AUTO_COMMIT_STOPPED;
  #timer: Timer | null = null;
  /** The commits that are under way; they never reject, and give whether all was committed. */
  readonly #running = new Set<Promise<boolean>>();
  /** What they shall commit last, by partition. */
  readonly #asked = new Map<string, bigint>();
  /** Of the failures in a row the last. */
  #failure: string | null = null;

  constructor(options: AutoCommitOptions) {
    this.#options = options;
  }

  /** Commits every `intervalMs` from now on. The timer does not keep a process alive. */
  start(): void {
    this.#take({ type: "started" });
  }

  /** Commits no more by itself. A commit that is under way goes on. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#take({ type: "stopped" });
  }

  /**
   * Commits what is processed when this is called, and waits for what is under way. Never rejects: what goes wrong is
   * told to `onError`.
   *
   * @returns whether all of it was committed.
   */
  async commitNow(deadline: Deadline): Promise<boolean> {
    const fresh = this.#fresh();
    const own = fresh.length === 0 || this.#begin({ type: "wanted" }, fresh, deadline);
    const before = within(
      this.#options.clock,
      Promise.all(this.#running),
      deadline,
      undefined,
      () => EXPIRED,
    );
    const outcomes = await before.catch(() => null);
    if (outcomes === null) return false;
    if (!(await own)) return false;
    if (outcomes.every(Boolean)) return true;
    // One that was under way before has failed, and this caller may have more time.
    const left = this.#fresh();
    return left.length === 0 || this.#begin({ type: "wanted" }, left, deadline);
  }

  /** What is processed, and not being committed yet. */
  #fresh(): readonly OffsetToCommit[] {
    return this.#options.dirty().filter((each) => this.#asked.get(partitionKey(each)) !== each.offset);
  }

  #take(event: AutoCommitEvent): AutoCommitStep {
    const step = autoCommitStep(this.#state, event);
    this.#state = step.state;
    if (step.timer !== "none") this.#arm(step.timer);
    return step;
  }

  #arm(timer: "interval" | "backoff"): void {
    const { clock, intervalMs, retryBackoff } = this.#options;
    const backoff = backoffMs(retryBackoff, this.#state.failures, clock.random());
    const leastMs = this.#state.underWay > 0 ? LEAST_RENEWAL_MS : 1;
    const delayMs = timer === "interval" ? intervalMs : Math.min(intervalMs, backoff);
    this.#timer?.cancel();
    // An interval of 0 would go round and round while there is nothing to commit.
    this.#timer = clock.setTimer(Math.max(leastMs, delayMs), () => this.#due(), { background: true });
  }

  #due(): void {
    this.#timer = null;
    const offsets = this.#fresh();
    const { clock, timeoutMs } = this.#options;
    if (offsets.length === 0) this.#take({ type: "due", isDirty: false });
    else void this.#begin({ type: "due", isDirty: true }, offsets, new Deadline(clock, timeoutMs));
  }

  #begin(event: AutoCommitEvent, offsets: readonly OffsetToCommit[], deadline: Deadline): Promise<boolean> {
    if (!this.#take(event).commit) return Promise.resolve(false);
    for (const each of offsets) this.#asked.set(partitionKey(each), each.offset);
    const running = this.#commit(offsets, deadline);
    this.#running.add(running);
    return running.finally(() => this.#running.delete(running));
  }

  async #commit(offsets: readonly OffsetToCommit[], deadline: Deadline): Promise<boolean> {
    let error: unknown = null;
    try {
      await this.#options.commit(offsets, deadline);
    } catch (thrown) {
      error = thrown;
    }
    // What was not committed is to be asked for again.
    if (this.#state.underWay === 1) this.#asked.clear();
    if (error === null) {
      this.#failure = null;
      this.#take({ type: "committed" });
    } else {
      this.#tell(error);
      this.#take({ type: "failed", mayPass: isRetriable(error) });
    }
    return error === null;
  }

  #tell(error: unknown): void {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    if (code === this.#failure) return;
    this.#failure = code;
    this.#options.onError(error);
  }
}

const EXPIRED = new Error("the commit before took too long");
