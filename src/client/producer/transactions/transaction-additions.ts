/** What a transaction consists of: its partitions, which version 1 has to add, and offsets of groups. */

import type { Cluster } from "../../cluster.ts";
import type { ConsumerGroupMetadata } from "../../consumer-group-metadata.ts";
import { TimeoutError } from "../../errors.ts";
import type { OffsetToCommit } from "../../offset-to-commit.ts";
import { Deadline, within } from "../../retry.ts";
import type { ProducerIdentity } from "../identity.ts";
import type { CoordinatorRequests, Outcome } from "./coordinator-requests.ts";
import { addOffsetsToTxn, addPartitionsToTxn, commitOffsets } from "./questions.ts";
import { asError, wasAborted } from "./transaction-failures.ts";
import type { PartitionOfTransaction, TransactionNews, TransactionState } from "./transaction-state.ts";

/** What additions are made of. */
export interface AdditionsParts {
  readonly transactionalId: string;
  readonly maxBlockMs: number;
  readonly requestTimeoutMs: number;
  /** Where the producer stands now. */
  readonly state: () => TransactionState;
  /** Why nothing more can be added; null where it can. */
  readonly failure: () => Error | null;
  /** Tells what has happened. */
  readonly apply: (news: TransactionNews) => void;
}

export class TransactionAdditions {
  readonly #cluster: Cluster;
  readonly #requests: CoordinatorRequests;
  readonly #parts: AdditionsParts;
  #isAdding = false;
  /** What has to be through before the transaction ends. */
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(cluster: Cluster, requests: CoordinatorRequests, parts: AdditionsParts) {
    this.#cluster = cluster;
    this.#requests = requests;
    this.#parts = parts;
  }

  /** Adds all partitions that are wanted, those that come to be wanted meanwhile with the next request. */
  addPartitions(): void {
    if (!this.#isAdding) this.#untilEnd(this.#addAll());
  }

  /** Makes offsets part of the transaction that is running. */
  async sendOffsets(
    offsets: readonly OffsetToCommit[],
    group: ConsumerGroupMetadata,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { clock, observability } = this.#cluster;
    const { number } = this.#parts.state();
    const deadline = new Deadline(clock, this.#parts.maxBlockMs);
    const sent = this.#sendOffsets(offsets, group, deadline);
    this.#untilEnd(sent);
    const what = `offsets of group "${group.groupId}" to be part of the transaction of "${this.#parts.transactionalId}"`;
    const expired = (): Error => {
      const message = `Waited ${deadline.timeoutMs} ms (maxBlockMs) for ${what}: ${this.#cluster.diagnosis()}`;
      return new TimeoutError("TIMEOUT", message);
    };
    const waited = within(clock, sent, deadline, signal, expired);
    try {
      await observability.waits.during(waited, what, { timeoutMs: deadline.timeoutMs });
    } catch (thrown) {
      const error = asError(thrown);
      // Nobody knows whether they are part of it, so that a commit would be a guess.
      if (this.#parts.failure() === null)
        this.#parts.apply({ type: "failed", number, error, errorClass: "abortable" });
      if (signal?.aborted === true) throw thrown;
      throw (this.#parts.state().number === number ? this.#parts.failure() : null) ?? error;
    }
  }

  /** Resolves when nothing is being added any more. */
  async whenThrough(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  /** The transaction does not end before this has. */
  #untilEnd(work: Promise<unknown>): void {
    this.#underWay.add(work);
    const over = (): void => void this.#underWay.delete(work);
    work.then(over, over);
  }

  async #addAll(): Promise<void> {
    this.#isAdding = true;
    try {
      // Those that are wanted in the same run of code go together.
      await Promise.resolve();
      const { number } = this.#parts.state();
      for (;;) {
        let wanted: readonly (readonly [string, PartitionOfTransaction])[] = [];
        const outcome = await this.#requests.persist(
          () => {
            wanted = this.#partitionsToAdd(number);
            if (wanted.length === 0) return null;
            const { identity } = this.#parts.state();
            const partitions = wanted.map(([, partition]) => partition);
            return addPartitionsToTxn(this.#parts.transactionalId, identity as ProducerIdentity, partitions);
          },
          {
            // The records decide: those that wait for it in vain fail when their time is up.
            deadline: () => new Deadline(this.#cluster.clock, this.#parts.requestTimeoutMs),
            onNothingHeard: () => this.#parts.apply({ type: "nothing heard", number }),
          },
        );
        if (outcome.type === "answered") {
          this.#parts.apply({ type: "partitions added", number, partitions: wanted.map(([key]) => key) });
        } else {
          if (outcome.type === "failed") this.#parts.apply({ ...outcome, number });
          return;
        }
      }
    } finally {
      this.#isAdding = false;
      // It may have been wanted in the moment in which the last answer was taken.
      if (this.#partitionsToAdd(this.#parts.state().number).length > 0) this.addPartitions();
    }
  }

  #partitionsToAdd(number: number): (readonly [string, PartitionOfTransaction])[] {
    if (!this.#isOpen(number)) return [];
    return [...this.#parts.state().partitions].filter(([, { isAdded }]) => !isAdded);
  }

  /** Whether something can still be added to that transaction. */
  #isOpen(number: number): boolean {
    const { phase } = this.#parts.state();
    return this.#parts.state().number === number && (phase === "in transaction" || phase === "committing");
  }

  async #sendOffsets(
    offsets: readonly OffsetToCommit[],
    group: ConsumerGroupMetadata,
    deadline: Deadline,
  ): Promise<void> {
    const { number, version } = this.#parts.state();
    const identity = this.#parts.state().identity as ProducerIdentity;
    const persistence = {
      deadline: () => deadline,
      onNothingHeard: () => this.#parts.apply({ type: "nothing heard", number }),
    };
    if (version === 1) {
      const question = addOffsetsToTxn(this.#parts.transactionalId, identity, group.groupId);
      const outcome = await this.#requests.persist(
        () => (this.#isOpen(number) ? question : null),
        persistence,
      );
      this.#check(outcome, number);
    }
    // In version 2 the coordinator of the group says so to that of the transaction, before anything else.
    this.#parts.apply({ type: "group added", number });
    const question = commitOffsets(this.#parts.transactionalId, identity, offsets, group, version);
    const outcome = await this.#requests.persist(() => (this.#isOpen(number) ? question : null), persistence);
    this.#check(outcome, number);
  }

  /** @throws Error where it came to nothing. */
  #check(outcome: Outcome<unknown>, number: number): void {
    if (outcome.type === "answered") return;
    if (outcome.type === "undecided") throw outcome.problem;
    if (outcome.type === "given up") throw this.#parts.failure() ?? wasAborted(this.#parts.transactionalId);
    this.#parts.apply({ ...outcome, number });
    throw outcome.error;
  }
}
