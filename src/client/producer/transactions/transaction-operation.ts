/** A call that waits for the producer to be initialized, or for its transaction to end, perhaps more than once. */

import type { Deadline } from "../../retry.ts";
import type { Ending } from "./transaction-state.ts";

/** What can be waited for. */
export type OperationCall = "initialize" | Ending;

export class TransactionOperation {
  readonly call: OperationCall;
  /** Settles when it is known what it came to. */
  readonly done: Promise<void>;
  /** Grows with each time that it is called. */
  deadline: Deadline;
  /** Why it is not done. */
  problem: Error | null = null;
  /** Those who wait for it now. */
  waiting = 0;
  isSettled = false;
  #goOn: (() => void) | null = null;
  #resolve!: () => void;
  #reject!: (error: Error) => void;

  constructor(call: OperationCall, deadline: Deadline) {
    this.call = call;
    this.deadline = deadline;
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Nobody may be waiting at the moment.
    this.done.catch(() => {});
  }

  /** Whether it has ended without anybody being told. */
  get isUntold(): boolean {
    return this.isSettled && this.waiting === 0;
  }

  /** It is called, maybe again: what its last deadline has stopped goes on. */
  called(deadline: Deadline): void {
    if (deadline.remainingMs > this.deadline.remainingMs) this.deadline = deadline;
    const goOn = this.#goOn;
    this.#goOn = null;
    goOn?.();
  }

  /** Its time is up, and it can go on when it is called again. */
  stopped(goOn: () => void): void {
    if (this.deadline.expired) this.#goOn = goOn;
    else goOn();
  }

  /** @param failure Null where it came about. */
  settle(failure: Error | null): void {
    this.isSettled = true;
    if (failure === null) this.#resolve();
    else this.#reject(failure);
  }
}

/** As errors and lists of waits name it. */
export const NAMES: { readonly [Call in OperationCall]: string } = {
  initialize: "the producer to be initialized",
  commit: "the transaction to be committed",
  abort: "the transaction to be aborted",
};

/** What can be done when its time is up. */
export const AGAIN: { readonly [Call in OperationCall]: string } = {
  initialize: "Call it again, which goes on",
  commit:
    "It may have been committed or not. Call commitTransaction() again, which goes on with the same commit and tells",
  abort: "Call abortTransaction() again, which goes on with the same abort",
};
