/** Commits the offsets of one consumer to its group, and reads them back (OffsetCommit, OffsetFetch). */

import { OffsetCommits, partitionKey, type SettledCommit } from "../../../group/offset-commits.ts";
import { concernsMembership } from "../../../group/offset-errors.ts";
import type { Timer } from "../../../platform/platform.ts";
import { errorCodeOf } from "../../../protocol/error-codes.ts";
import { KafkaError } from "../../../protocol/errors.ts";
import { AbortGroup } from "../../abort-group.ts";
import { OffsetCommit } from "../../api.ts";
import type { Cluster, WaitOptions } from "../../cluster.ts";
import type { ResolvedConsumerConfig } from "../../config/consumer-config.ts";
import { abortReason, BrokerError, isRetriable, messageOf, TimeoutError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { Observability } from "../../observe/observability.ts";
import { OffsetsObserver } from "../../observe/offsets-observer.ts";
import { checkOffsets, type OffsetToCommit } from "../../offset-to-commit.ts";
import { Deadline } from "../../retry.ts";
import type { TopicPartition } from "../assignment.ts";
import type { GroupCoordinator } from "../group/group-coordinator.ts";
import type { Membership } from "../group/membership.ts";
import { CommitCall, type CommittingOffset } from "./commit-call.ts";
import type { FailedCommit } from "./commit-error.ts";
import { codesIn, lastVersionFor, offsetCommitRequest } from "./commit-request.ts";
import { type CommittedOffset, type CommittedOptions, fetchCommitted } from "./committed-offsets.ts";
import { hasMoved, type Standing, standingOf } from "./group-standing.ts";

/** What a committer works with. */
export interface OffsetCommitterOptions {
  readonly cluster: Cluster;
  readonly coordinator: GroupCoordinator;
  readonly config: Pick<ResolvedConsumerConfig, "groupProtocol">;
  /** Null for a consumer that is assigned its partitions by hand, and commits without being a member. */
  readonly membership: () => Pick<Membership, "metadata" | "commitRefused"> | null;
  /**
   * What stands for the hold that the consumer has on a partition: another value once it has given the partition up and
   * got it again, undefined where it has none. A commit that was asked for before a rebalance is sent after it only
   * under the same hold. Default: nothing is given up.
   */
  readonly holdOn?: (partition: TopicPartition) => unknown;
  readonly logger: Logger;
  readonly observability: Observability;
}

/** A request on its way. */
interface Sending {
  /** What it carries; null until it is written. */
  sent: {
    readonly offsets: readonly CommittingOffset[];
    readonly as: Standing;
    readonly atMs: number;
  } | null;
  readonly abort: AbortController;
}

interface Refusal {
  readonly code: string;
  readonly message: string;
}

const WHAT_TO_DO = "whoever reads it now goes on from what was committed before";

/** Commits and reads the offsets of one group. */
export class OffsetCommitter {
  readonly #options: OffsetCommitterOptions;
  readonly #groupId: string;
  readonly #observer: OffsetsObserver;
  readonly #commits = new OffsetCommits<CommitCall, CommittingOffset>();
  readonly #calls = new Set<CommitCall>();
  readonly #fetches = new AbortGroup();
  #sending: Sending | null = null;
  #pause: { readonly timer: Timer; readonly end: () => void } | null = null;
  #isRunning = false;
  #closed: Error | null = null;

  constructor(options: OffsetCommitterOptions) {
    this.#options = options;
    this.#groupId = options.coordinator.groupId;
    this.#observer = new OffsetsObserver(options.observability, this.#groupId);
  }

  /**
   * Commits `offsets`; of several for one partition the last. What can pass is tried again until the deadline. Calls
   * take effect in their order: an offset is never stored over one of a later call.
   *
   * @throws ConfigError for offsets that cannot be right; nothing was sent then.
   * @throws CommitError naming each partition that was not committed, and whether it may be all the same.
   * @throws the signal's reason when it is aborted. What was on its way may be committed.
   */
  async commit(offsets: readonly OffsetToCommit[], options: WaitOptions): Promise<void> {
    checkOffsets("commit", offsets);
    if (this.#closed !== null) throw this.#closed;
    if (options.signal?.aborted) throw abortReason(options.signal);
    if (offsets.length === 0) return;
    const { waits } = this.#observer;
    const what = `${offsets.length} offsets of group "${this.#groupId}" to be committed`;
    const call = this.#begin(offsets, options.deadline);
    const wait = waits.begin(what, {
      timeoutMs: options.deadline.remainingMs,
      inTheWay: () => this.#inTheWay(call),
    });
    const sinceMs = this.#clock.monotonicMs();
    const timer = this.#clock.setTimer(options.deadline.remainingMs, () => this.#expire(call));
    const { signal } = options;
    const aborted = (): void => {
      const reason = abortReason(signal as AbortSignal);
      this.#giveUp(call, (given) =>
        call.fail(
          reason,
          given.map((each) => failureOf(each, asError(reason))),
        ),
      );
    };
    signal?.addEventListener("abort", aborted, { once: true });
    try {
      await call.promise;
      this.#observer.succeeded();
    } catch (error) {
      this.#observer.failed(call.failures, this.#clock.monotonicMs() - sinceMs, error);
      throw error;
    } finally {
      wait.end();
      timer.cancel();
      signal?.removeEventListener("abort", aborted);
      this.#calls.delete(call);
    }
  }

  /**
   * What the group has committed, by `topic-partition`; null for nothing. Where a transaction is about to commit an
   * offset, its end is waited for (KIP-447), where brokers can tell.
   *
   * @throws TimeoutError saying what stood in the way.
   * @throws BrokerError when asking again cannot help.
   */
  committed(
    partitions: readonly TopicPartition[],
    options: CommittedOptions,
  ): Promise<Map<string, CommittedOffset | null>> {
    if (this.#closed !== null) return Promise.reject(this.#closed);
    const { deadline, signal, refused } = options;
    const found = this.#fetches.run((closing) =>
      fetchCommitted(partitions, {
        ...this.#options,
        standing: () => this.#standing(),
        onRefused: (errorCode, as) => this.#tellMembership([errorCode], as),
        deadline,
        refused,
        signal: signal === undefined ? closing : AbortSignal.any([signal, closing]),
      }),
    );
    const what = `committed offsets of group "${this.#groupId}"`;
    return this.#observer.waits.during(found, what, { timeoutMs: deadline.remainingMs });
  }

  /**
   * Resolves, never rejects, once the calls have ended that want something of these partitions committed; null where
   * there are none.
   */
  underWay(partitions: readonly TopicPartition[]): Promise<void> | null {
    const calls = this.#commits.callersOf(partitions.map(partitionKey));
    if (calls.length === 0) return null;
    return Promise.allSettled(calls.map(({ promise }) => promise)).then(() => {});
  }

  /** Ends what is under way; it rejects with `reason`, as do later calls. */
  close(reason: Error): void {
    if (this.#closed !== null) return;
    this.#closed = reason;
    this.#fetches.abort(reason);
    for (const call of this.#calls) this.#giveUp(call, (failures) => settleAll(call, failures, reason));
  }

  get #clock() {
    return this.#options.cluster.clock;
  }

  #standing(): Standing | null {
    return standingOf(this.#options.membership(), this.#options.config.groupProtocol);
  }

  #begin(offsets: readonly OffsetToCommit[], deadline: Deadline): CommitCall {
    const { metadata } = this.#options.cluster;
    const standing = this.#standing();
    const wanted = new Map<string, CommittingOffset>();
    for (const { topic, partition, offset, leaderEpoch, metadata: text } of offsets) {
      wanted.set(partitionKey({ topic, partition }), {
        topic,
        partition,
        offset,
        leaderEpoch: leaderEpoch ?? -1,
        metadata: text ?? "",
        topicId: metadata.topics.get(topic)?.topicId ?? null,
        as: standing ?? NO_MEMBER,
        hold: this.#options.holdOn?.({ topic, partition }),
      });
    }
    const call = new CommitCall(this.#groupId, wanted.size, deadline);
    this.#calls.add(call);
    this.#commits.add(call, [...wanted.values()]);
    this.#pause?.end();
    void this.#run();
    return call;
  }

  /** Sends until nothing waits. Never rejects. */
  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    // What is committed in the same run of code goes together.
    await null;
    for (;;) {
      const next = this.#commits.next(this.#clock.monotonicMs());
      if (next.type === "nothing") break;
      if (next.type === "wait") await this.#wait(next.delayMs);
      else await this.#send(next.offsets);
    }
    this.#isRunning = false;
  }

  /** Waits, unless something new comes. */
  #wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        timer.cancel();
        this.#pause = null;
        resolve();
      };
      const timer = this.#clock.setTimer(delayMs, end);
      this.#pause = { timer, end };
    });
  }

  async #send(due: readonly CommittingOffset[]): Promise<void> {
    const { coordinator } = this.#options;
    const keys = due.filter((offset) => this.#mayBeSent(offset)).map(partitionKey);
    if (keys.length === 0) return;
    const sending: Sending = { sent: null, abort: new AbortController() };
    this.#sending = sending;
    const maxVersion = lastVersionFor(due.map(({ topicId }) => topicId));
    try {
      const answer = await coordinator.ask(
        OffsetCommit,
        (version) => {
          // Finding the coordinator may have taken its time: some may have given up, or others joined them.
          const offsets = this.#commits.take(this.#stillSendable(keys, version));
          const as = this.#standing() ?? NO_MEMBER;
          sending.sent = { offsets, as, atMs: this.#clock.monotonicMs() };
          return offsetCommitRequest(version, this.#groupId, as, offsets);
        },
        {
          deadline: this.#sendingDeadline(),
          signal: sending.abort.signal,
          ...(maxVersion === undefined ? {} : { maxVersion }),
        },
      );
      this.#answered(sending, answer);
    } catch (error) {
      this.#failed(sending, keys, error);
    }
    this.#sending = null;
  }

  #failed({ sent, abort }: Sending, keys: readonly string[], error: unknown): void {
    const { cluster } = this.#options;
    const context = {
      nowMs: this.#clock.monotonicMs(),
      delayMs: (failures: number) => cluster.retryDelayMs(failures),
    };
    const written = sent?.offsets.map(partitionKey);
    if (!isRetriable(error) && !abort.signal.aborted) {
      const settled = written === undefined ? this.#commits.refuse(keys) : this.#commits.fail(written);
      this.#settle(settled, () => error);
      this.#options.logger.debug(`OffsetCommit of group "${this.#groupId}" failed: ${messageOf(error)}`);
      return;
    }
    this.#tellProblem(error);
    if (written === undefined) this.#commits.notSent(context);
    else this.#commits.unanswered(written, context);
  }

  #answered(
    { sent }: Sending,
    {
      response,
      version,
      broker,
      nodeId,
    }: {
      readonly response: Parameters<typeof codesIn>[0];
      readonly version: number;
      readonly broker: string;
      readonly nodeId: number;
    },
  ): void {
    if (sent === null) return;
    const { cluster, coordinator } = this.#options;
    const { offsets, as, atMs } = sent;
    const codes = codesIn(response, version, offsets);
    const nowMs = this.#clock.monotonicMs();
    const errorFor = (errorCode: number, { topic, partition }: TopicPartition): BrokerError =>
      new BrokerError(errorCode, {
        broker,
        apiKey: OffsetCommit.apiKey,
        apiVersion: version,
        topic,
        partition,
        ...remedyFor(errorCode, as),
      });
    this.#tellMembership(codes.values(), as);
    const { settled, findCoordinator, describe, willRetry } = this.#commits.answered(codes, {
      asker: as.asker,
      // A membership that has heard of a refusal, and has not ended, is waiting for an answer that will tell more.
      isMoving: this.#standing() !== null,
      nowMs,
      delayMs: (failures) => cluster.retryDelayMs(failures),
      isKnown: ({ topic, partition }) =>
        cluster.metadata.topics.get(topic)?.partitions[partition] !== undefined,
    });
    if (findCoordinator) coordinator.forget(nodeId);
    if (describe.length > 0) this.#describe(describe);
    this.#observer.stored(
      offsets.filter((offset) => codes.get(partitionKey(offset)) === 0),
      nowMs - atMs,
    );
    if (willRetry !== 0) {
      const first = offsets.find((offset) => codes.get(partitionKey(offset)) === willRetry);
      this.#tellProblem(errorFor(willRetry, first as TopicPartition));
    }
    this.#settle(settled, (commit) => errorFor(commit.errorCode, commit.offset));
  }

  /** Says that something was refused for the generation, unless the member has another by now. */
  #tellMembership(errorCodes: Iterable<number>, as: Standing): void {
    for (const errorCode of errorCodes) {
      if (!concernsMembership(errorCode, as.asker) || hasMoved(as, this.#standing())) continue;
      const { memberId, generationId, groupInstanceId } = as;
      const generation = { groupId: this.#groupId, memberId, generationId, groupInstanceId };
      this.#options.membership()?.commitRefused(errorCode, generation);
      return;
    }
  }

  /** Whether an offset may be sent still; if not, it fails. */
  #mayBeSent(offset: CommittingOffset): boolean {
    const refusal = this.#refusal(offset);
    if (refusal === null) return true;
    const error = new KafkaError(refusal.code, refusal.message);
    this.#settle(this.#commits.refuse([partitionKey(offset)]), () => error);
    return false;
  }

  /** Those of `keys` of which the newest offset may be sent in this version. */
  #stillSendable(keys: readonly string[], version: number): string[] {
    return keys.filter((key) => {
      const offset = this.#commits.newest(key);
      if (offset === undefined || this.#refusal(offset) !== null) return false;
      return version <= (lastVersionFor([offset.topicId]) ?? version);
    });
  }

  /** Why an offset must not be sent; null where it may be. */
  #refusal(offset: CommittingOffset): Refusal | null {
    const standing = this.#standing();
    const place = `topic "${offset.topic}", partition ${offset.partition}`;
    if (standing === null || offset.as === NO_MEMBER) {
      const message = `The consumer is no member of group "${this.#groupId}" now, so others may read ${place}: ${WHAT_TO_DO}`;
      return { code: "NOT_ASSIGNED", message };
    }
    if (hasMoved(offset.as, standing) && !this.#isHeld(offset)) {
      const message = `Group "${this.#groupId}" was rebalanced, and ${place} was given up: ${WHAT_TO_DO}`;
      return { code: "NOT_ASSIGNED", message };
    }
    const topicId = this.#options.cluster.metadata.topics.get(offset.topic)?.topicId ?? null;
    if (offset.topicId !== null && topicId !== null && topicId !== offset.topicId) {
      const message = `Topic "${offset.topic}" was deleted and made anew: an offset of the one before means nothing in it`;
      return { code: "UNKNOWN_TOPIC_ID", message };
    }
    return null;
  }

  /** Whether nobody else can have held the partition since the commit was asked for. */
  #isHeld(offset: CommittingOffset): boolean {
    const { holdOn } = this.#options;
    return holdOn === undefined || (offset.hold !== undefined && holdOn(offset) === offset.hold);
  }

  #settle(
    settled: readonly SettledCommit<CommitCall, CommittingOffset>[],
    errorFor: (commit: SettledCommit<CommitCall, CommittingOffset>) => unknown,
  ): void {
    for (const commit of settled) {
      commit.caller.settle(commit.isStored ? null : failureOf(commit, asError(errorFor(commit))));
    }
  }

  #expire(call: CommitCall): void {
    this.#giveUp(call, (failures) => {
      const why = this.#inTheWay(call);
      const message = `this took longer than ${call.deadline.timeoutMs} ms${why === "" ? "" : `; last problem: ${why}`}`;
      const { problem } = call;
      const error = new TimeoutError("TIMEOUT", message, problem === null ? {} : { cause: problem });
      settleAll(call, failures, error);
    });
  }

  #giveUp(
    call: CommitCall,
    end: (failures: readonly SettledCommit<CommitCall, CommittingOffset>[]) => void,
  ): void {
    if (call.isSettled) return;
    end(this.#commits.giveUp(call));
    this.#calls.delete(call);
    if (this.#calls.size > 0) return;
    // Nobody wants the answer, but only what is not written yet can be called back.
    if (this.#closed !== null || this.#sending?.sent === null) {
      this.#sending?.abort.abort(new KafkaError("ABORTED", "Nobody waits for this commit"));
    }
    this.#pause?.end();
  }

  #inTheWay({ problem }: CommitCall): string {
    return problem === null ? this.#options.cluster.diagnosis() : messageOf(problem);
  }

  #tellProblem(error: unknown): void {
    const problem = asError(error);
    for (const call of this.#calls) call.problem = problem;
    this.#options.logger.debug(`OffsetCommit of group "${this.#groupId}" is sent again: ${messageOf(error)}`);
  }

  #describe(topics: readonly string[]): void {
    const { cluster, logger } = this.#options;
    cluster.refresh(topics).catch((error: unknown) => {
      logger.debug(`Topics whose offsets are committed could not be described: ${messageOf(error)}`);
    });
  }

  /**
   * For the search of all who wait, and a whole request. A request whose answer is late takes the connection with it,
   * and heartbeats go over that as well: that a caller is in a hurry is no reason.
   */
  #sendingDeadline(): Deadline {
    const left = Array.from(this.#calls, ({ deadline }) => deadline.remainingMs);
    return new Deadline(this.#clock, Math.max(0, ...left) + this.#options.coordinator.requestTimeoutMs);
  }
}

/** For what is asked for by a consumer that should be a member and is none. */
const NO_MEMBER: Standing = { asker: "nobody", memberId: "", generationId: -1, groupInstanceId: null };

function settleAll(
  call: CommitCall,
  failures: readonly SettledCommit<CommitCall, CommittingOffset>[],
  error: Error,
): void {
  for (const failure of failures) call.settle(failureOf(failure, error));
}

function failureOf(
  { offset, mayBeStored }: SettledCommit<CommitCall, CommittingOffset>,
  error: Error,
): FailedCommit {
  const { topic, partition, offset: committed, leaderEpoch, metadata } = offset;
  return { topic, partition, offset: committed, leaderEpoch, metadata, error, mayBeCommitted: mayBeStored };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** What is to be said beside what is said of an error code elsewhere. */
function remedyFor(errorCode: number, { asker }: Standing): { readonly remedy?: string } {
  const { name } = errorCodeOf(errorCode);
  if (name === "UNKNOWN_MEMBER_ID" && asker === "nobody") {
    return { remedy: "the group has members, and only they may commit; stop them, or use another groupId" };
  }
  return {};
}
