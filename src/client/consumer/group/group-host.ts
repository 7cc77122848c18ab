/** What a consumer does when its group gives it partitions or takes them away. */

import type { Clock } from "../../../platform/platform.ts";
import { messageOf, TimeoutError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { Deadline, within } from "../../retry.ts";
import { formatPartition, type TopicPartition } from "../assignment.ts";
import type { PartitionState } from "../fetch-state.ts";
import type { Reading } from "../reading.ts";
import type { RebalanceListener } from "../rebalance-listener.ts";
import type { MembershipHost } from "./membership.ts";

/** What a host needs of its consumer. */
export interface GroupHostParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxPollIntervalMs: number;
  readonly reading: Reading<unknown, unknown>;
  readonly listener: () => RebalanceListener;
  /** Commits what was processed, if the consumer does that by itself. Never rejects. */
  readonly commit: () => Promise<void>;
  /** Resolves, never rejects, once the commits of these have ended that were asked for; null where there are none. */
  readonly commitsOf: (partitions: readonly TopicPartition[]) => Promise<void> | null;
  /** Finds out where partitions begin that were added without a place. Never rejects. */
  readonly findStart: (partitions: readonly TopicPartition[]) => Promise<void>;
  readonly onFailed: (error: Error) => void;
}

type Listening = keyof RebalanceListener;

/** Carries out a group's decisions, one after another. */
export class GroupHost implements MembershipHost {
  readonly #parts: GroupHostParts;
  /** Listeners and commits of one decision end before the next is carried out. */
  #turn: Promise<void> = Promise.resolve();
  #isLeaving = false;

  constructor(parts: GroupHostParts) {
    this.#parts = parts;
  }

  assignment(): readonly TopicPartition[] {
    return this.#parts.reading.fetcher.states.map(({ topic, partition }) => ({ topic, partition }));
  }

  revoke(partitions: readonly TopicPartition[]): Promise<void> {
    const { reading } = this.#parts;
    if (this.#isLeaving) return this.#turn;
    // At once, and again in turn: some of them may be on their way to being assigned.
    reading.fetcher.hold(partitions);
    return this.#inTurn(async () => {
      reading.fetcher.hold(partitions);
      const states = this.#statesOf(partitions);
      await reading.hands.empty(states);
      await this.#giveUp(states);
    });
  }

  suspend(): void {
    this.#parts.reading.suspend();
  }

  resume(): void {
    this.#parts.reading.resume();
  }

  async lose(partitions: readonly TopicPartition[]): Promise<void> {
    // At once, and not in turn: somebody else reads them, and a revocation may be waiting for the application.
    const lost = this.#statesOf(partitions).map(({ topic, partition }) => ({ topic, partition }));
    this.#parts.reading.remove(lost);
    if (lost.length === 0) return;
    const listener = this.#parts.listener();
    const name = listener.onPartitionsLost === undefined ? "onPartitionsRevoked" : "onPartitionsLost";
    await this.#inTurn(() => this.#tell(name, lost));
  }

  assign(added: readonly TopicPartition[]): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isLeaving) return;
      this.#parts.reading.addUnplaced(added);
      await this.#tell("onPartitionsAssigned", added);
      // Looked up beside: the membership goes on meanwhile.
      void this.#parts.findStart(added);
    });
  }

  failed(error: Error): void {
    this.#parts.onFailed(error);
  }

  /**
   * Gives up everything, before the member leaves. What is in hand is waited for, unless it was released.
   *
   * @param deadline for all that is waited for; when it passes, the rest is done without waiting
   */
  async leave(deadline: Deadline): Promise<void> {
    const { clock, reading, logger } = this.#parts;
    this.#isLeaving = true;
    const states = [...reading.fetcher.states];
    reading.fetcher.hold(states);
    const late = new Error("the time to close is up");
    try {
      await within(clock, this.#leave(states), deadline, undefined, () => late);
    } catch (error) {
      if (error !== late) throw error;
      logger.warn(
        "The consumer leaves its group before the application is done with its records, or its listener is",
      );
    }
    reading.remove(reading.fetcher.states);
  }

  async #leave(states: readonly PartitionState[]): Promise<void> {
    await this.#parts.reading.hands.empty(states);
    await this.#inTurn(() => this.#giveUp(states));
  }

  /** Commits, tells, forgets: of those that were not lost meanwhile. */
  async #giveUp(states: readonly PartitionState[]): Promise<void> {
    const { reading, commit, commitsOf } = this.#parts;
    const held = (): PartitionState[] => states.filter((state) => reading.fetcher.state(state) === state);
    if (held().length === 0) return;
    await commit();
    const revoked = held().map(({ topic, partition }) => ({ topic, partition }));
    if (revoked.length > 0) await this.#tell("onPartitionsRevoked", revoked);
    // Whoever reads these next asks where to begin: what was asked to be committed while they were held comes first.
    for (let commits = commitsOf(held()); commits !== null; commits = commitsOf(held())) await commits;
    reading.remove(held());
  }

  #statesOf(partitions: readonly TopicPartition[]): PartitionState[] {
    const { fetcher } = this.#parts.reading;
    return partitions.flatMap((partition) => fetcher.state(partition) ?? []);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(work);
    return this.#turn;
  }

  async #tell(name: Listening, partitions: readonly TopicPartition[]): Promise<void> {
    const { clock, logger, maxPollIntervalMs, reading } = this.#parts;
    const listener = this.#parts.listener();
    const expired = (): Error =>
      new TimeoutError("TIMEOUT", `It has not ended within maxPollIntervalMs, ${maxPollIntervalMs} ms`);
    try {
      const told = listener[name]?.(partitions);
      // Not waited for by all others for ever: the group goes on without it.
      if (told instanceof Promise) {
        await within(clock, told, new Deadline(clock, maxPollIntervalMs), undefined, expired);
      }
    } catch (error) {
      const names = partitions.map(formatPartition).join(", ");
      logger.error(`${name}(${names}) failed: ${messageOf(error)}`);
      reading.fail(error);
    }
  }
}
