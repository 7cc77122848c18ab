/** Commits what was processed by itself: every so often, and when it is told to. */

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
  readonly isCommitting: boolean;
  /** In a row, since a commit last succeeded. */
  readonly failures: number;
}

/** What can happen. */
export type AutoCommitEvent =
  | { readonly type: "started" }
  | { readonly type: "stopped" }
  /** The timer has fired, with something to commit or nothing. */
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

export const AUTO_COMMIT_STOPPED: AutoCommitState = { isStarted: false, isCommitting: false, failures: 0 };

/** Pure: an event and a state give the next state, and what to do. */
export function autoCommitStep(state: AutoCommitState, event: AutoCommitEvent): AutoCommitStep {
  const { isStarted, isCommitting, failures } = state;
  const step = (changed: Partial<AutoCommitState>, todo: Partial<AutoCommitStep> = {}): AutoCommitStep => ({
    commit: false,
    timer: "none",
    ...todo,
    state: { ...state, ...changed },
  });
  switch (event.type) {
    case "started":
      return isStarted ? step({}) : step({ isStarted: true }, isCommitting ? {} : { timer: "interval" });
    case "stopped":
      return step({ isStarted: false });
    case "due":
      if (!isStarted || isCommitting) return step({});
      return event.isDirty ? step({ isCommitting: true }, { commit: true }) : step({}, { timer: "interval" });
    case "wanted":
      return isCommitting ? step({}) : step({ isCommitting: true }, { commit: true });
    case "committed":
      return step({ isCommitting: false, failures: 0 }, isStarted ? { timer: "interval" } : {});
    case "failed":
      return step(
        { isCommitting: false, failures: failures + 1 },
        isStarted ? { timer: event.mayPass ? "backoff" : "interval" } : {},
      );
  }
}

/** Commits by itself while it is started. */
export class AutoCommit {
  readonly #options: AutoCommitOptions;
  #state = AUTO_COMMIT_STOPPED;
  #timer: Timer | null = null;
  /** The commit that is under way; it never rejects, and gives whether all was committed. */
  #running: Promise<boolean> = Promise.resolve(true);
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
   * Commits what is processed when this is called, after the commit that is under way. Never rejects: what goes wrong
   * is told to `onError`.
   *
   * @returns whether all of it was committed.
   */
  async commitNow(deadline: Deadline): Promise<boolean> {
    while (this.#state.isCommitting) {
      if (deadline.expired) return false;
      const before = this.#running;
      const isOver = await within(this.#options.clock, before, deadline, undefined, () => EXPIRED).then(
        () => true,
        () => false,
      );
      if (!isOver) return false;
    }
    const offsets = this.#options.dirty();
    if (offsets.length === 0) return true;
    this.#timer?.cancel();
    this.#timer = null;
    this.#take({ type: "wanted" });
    this.#running = this.#commit(offsets, deadline);
    return this.#running;
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
    const delayMs = timer === "interval" ? intervalMs : Math.min(intervalMs, backoff);
    this.#timer?.cancel();
    // An interval of 0 would go round and round while there is nothing to commit.
    this.#timer = clock.setTimer(Math.max(1, delayMs), () => this.#due(), { background: true });
  }

  #due(): void {
    this.#timer = null;
    const offsets = this.#options.dirty();
    if (!this.#take({ type: "due", isDirty: offsets.length > 0 }).commit) return;
    this.#running = this.#commit(offsets, new Deadline(this.#options.clock, this.#options.timeoutMs));
  }

  async #commit(offsets: readonly OffsetToCommit[], deadline: Deadline): Promise<boolean> {
    try {
      await this.#options.commit(offsets, deadline);
      this.#failure = null;
      this.#take({ type: "committed" });
      return true;
    } catch (error) {
      this.#tell(error);
      this.#take({ type: "failed", mayPass: isRetriable(error) });
      return false;
    }
  }

  #tell(error: unknown): void {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    if (code === this.#failure) return;
    this.#failure = code;
    this.#options.onError(error);
  }
}

const EXPIRED = new Error("the commit before took too long");
