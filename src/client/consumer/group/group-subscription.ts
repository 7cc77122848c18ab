/** A consumer's subscription: its membership in the group, from the first asking for records until it leaves. */

import type { Cluster } from "../../cluster.ts";
import type { ResolvedConsumerConfig } from "../../config/consumer-config.ts";
import type { ConsumerGroupMetadata } from "../../consumer-group-metadata.ts";
import type { Logger } from "../../logger.ts";
import type { Deadline } from "../../retry.ts";
import type { TopicPartition } from "../assignment.ts";
import type { PollTimer } from "../poll-timer.ts";
import type { Reading } from "../reading.ts";
import type { RebalanceListener } from "../rebalance-listener.ts";
import { TopicWatch } from "../topic-watch.ts";
import type { TopicsWanted } from "../topics-to-read.ts";
import type { GroupHost } from "./group-host.ts";
import type { Membership, MembershipHost } from "./membership.ts";

/** What a subscription needs of its consumer. */
export interface GroupSubscriptionParts {
  readonly cluster: Cluster;
  readonly config: ResolvedConsumerConfig;
  readonly requestTimeoutMs: number;
  readonly metadataMaxAgeMs: number;
  readonly logger: Logger;
  readonly reading: Reading<unknown, unknown>;
  /** Goes up with each asking for records. */
  readonly asked: () => number;
  /** Whether the application is waiting for records right now. */
  readonly isAsking: () => boolean;
  readonly newMembership: (host: MembershipHost) => Promise<Membership>;
  readonly commit: () => Promise<void>;
  readonly commitsOf: (partitions: readonly TopicPartition[]) => Promise<void> | null;
  readonly findStart: (partitions: readonly TopicPartition[]) => Promise<void>;
}

/** What goes on while the consumer is a member, or wants to be one. */
interface Member {
  readonly membership: Membership;
  readonly host: GroupHost;
  readonly watch: TopicWatch;
  readonly pollTimer: PollTimer;
}

/** How a group is left. */
export interface LeaveGroupOptions {
  readonly deadline: Deadline;
  readonly reason: string;
  readonly staysMember?: boolean;
}

export class GroupSubscription {
  readonly #parts: GroupSubscriptionParts;
  #wanted: TopicsWanted;
  #listener: RebalanceListener;
  #member: Member | null = null;
  #joining: Promise<void> | null = null;
  #leaving: Promise<void> | null = null;
  #failure: Error | null = null;
  #isExpired = false;

  constructor(wanted: TopicsWanted, listener: RebalanceListener, parts: GroupSubscriptionParts) {
    this.#wanted = wanted;
    this.#listener = listener;
    this.#parts = parts;
  }

  get membership(): Membership | null {
    return this.#member?.membership ?? null;
  }

  /** As whom to commit. */
  get metadata(): Required<ConsumerGroupMetadata> | null {
    return this.#member?.membership.metadata ?? null;
  }

  /** What is subscribed to, as it was given. */
  get wanted(): TopicsWanted {
    return this.#wanted;
  }

  /** Subscribes to something else. The member stays one, and what it holds of both stays with it. */
  change(wanted: TopicsWanted, listener: RebalanceListener): void {
    this.#wanted = wanted;
    this.#listener = listener;
    const member = this.#member;
    if (this.#failure !== null) {
      // Somebody who was refused may have another try.
      this.#failure = null;
      this.#member = null;
      return;
    }
    if (member === null) return;
    member.watch.stop();
    this.#member = { ...member, watch: this.#watch(wanted, member.membership) };
    this.#member.watch.start();
  }

  /**
   * The application asks for records: joins, if the consumer is no member, or no longer one.
   *
   * @throws what has ended the membership for good.
   */
  ask(): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.#isExpired && this.#member !== null) {
      this.#isExpired = false;
      this.#member.membership.polled();
      this.#member.pollTimer.start();
    }
  }

  /** As {@link ask}, where there is time: resolves once the consumer is a member or on its way to be one. */
  async join(): Promise<void> {
    await this.#leaving;
    if (this.#member !== null || this.#failure !== null) return;
    this.#joining ??= this.#join().finally(() => {
      this.#joining = null;
    });
    await this.#joining;
  }

  async #join(): Promise<void> {
    const { asked, cluster, config, commit, commitsOf, findStart, isAsking, logger, newMembership, reading } =
      this.#parts;
    const { clock } = cluster;
    const { maxPollIntervalMs } = config;
    const [{ GroupHost }, { PollTimer }] = await Promise.all([
      import("./group-host.ts"),
      import("../poll-timer.ts"),
    ]);
    const host = new GroupHost({
      clock,
      logger,
      maxPollIntervalMs,
      reading,
      // The one that was given last.
      listener: () => this.#listener,
      commit,
      commitsOf,
      findStart,
      onFailed: (error) => this.#fail(error),
    });
    const membership = await newMembership(host);
    const pollTimer = new PollTimer({
      clock,
      maxPollIntervalMs,
      hands: reading.hands,
      asked,
      isAsking,
      onExpired: () => {
        this.#isExpired = true;
        logger.warn(
          `The application has not asked for records for ${maxPollIntervalMs} ms (maxPollIntervalMs): the consumer ` +
            `leaves group "${membership.metadata.groupId}" until it does. Process less at once, or allow it more time`,
        );
        membership.pollExpired();
      },
    });
    this.#isExpired = false;
    reading.hands.reset();
    this.#member = { membership, host, watch: this.#watch(this.#wanted, membership), pollTimer };
    pollTimer.start();
    this.#member.watch.start();
  }

  /** Gives up all partitions in order, and leaves. Never rejects. */
  leave(options: LeaveGroupOptions): Promise<void> {
    this.#leaving ??= this.#leave(options).finally(() => {
      this.#leaving = null;
    });
    return this.#leaving;
  }

  async #leave({ deadline, reason, staysMember = false }: LeaveGroupOptions): Promise<void> {
    await this.#joining;
    const member = this.#member;
    if (member === null) return;
    member.watch.stop();
    member.pollTimer.stop();
    await member.host.leave(deadline);
    await member.membership.leave({ deadline, reason, staysMember });
    this.#member = null;
  }

  #watch(wanted: TopicsWanted, membership: Membership): TopicWatch {
    const { cluster, logger, metadataMaxAgeMs, reading, requestTimeoutMs } = this.#parts;
    return new TopicWatch(wanted, {
      cluster,
      logger,
      metadataMaxAgeMs,
      requestTimeoutMs,
      onTopics: (topics) => membership.subscribe({ topics, pattern: wanted.pattern }),
      onFailed: (error) => reading.fail(error),
    });
  }

  #fail(error: Error): void {
    this.#failure = error;
    this.#member?.watch.stop();
    this.#member?.pollTimer.stop();
    this.#parts.reading.fetcher.wake();
  }
}
