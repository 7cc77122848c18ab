import type { OffsetToStore } from "../../../group/offset-commits.ts";
import type { Uuid } from "../../../protocol/uuid.ts";
import type { Deadline } from "../../retry.ts";
import { CommitError, type FailedCommit } from "./commit-error.ts";
import type { Standing } from "./group-standing.ts";

/** An offset on its way into a commit. */
export interface CommittingOffset extends OffsetToStore {
  readonly leaderEpoch: number;
  /** Of the topic when the commit was asked for: a topic that is made anew is another. Null where it is not known. */
  readonly topicId: Uuid | null;
  /** As whom the commit was asked for. */
  readonly as: Standing;
  /** The hold on the partition that the consumer had then. */
  readonly hold: unknown;
}

/** One call of `commit`, until each of its partitions is settled. */
export class CommitCall {
  readonly deadline: Deadline;
  readonly promise: Promise<void>;
  /** Why it is not done yet, as far as is known. */
  problem: Error | null = null;
  readonly #groupId: string;
  readonly #failures: FailedCommit[] = [];
  #resolve: () => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #outstanding: number;
  #isSettled = false;

  constructor(groupId: string, partitions: number, deadline: Deadline) {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#groupId = groupId;
    this.#outstanding = partitions;
    this.deadline = deadline;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  get failures(): readonly FailedCommit[] {
    return this.#failures;
  }

  /** A partition is committed, or has failed. */
  settle(failure: FailedCommit | null): void {
    if (failure !== null) this.#failures.push(failure);
    if (--this.#outstanding > 0) return;
    if (this.#failures.length === 0) this.#resolve();
    else this.#reject(new CommitError(this.#groupId, this.#failures));
    this.#isSettled = true;
  }

  /** Ends it with another error than that of its partitions. */
  fail(error: unknown, failures: readonly FailedCommit[]): void {
    this.#isSettled = true;
    this.#failures.push(...failures);
    this.#reject(error);
  }
}
