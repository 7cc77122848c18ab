/**
 * Between a consumer and its membership in a group. The consumer knows what is read and what the application is at;
 * the membership knows the group and its protocol, classic or KIP-848. Each is given the other through these
 * interfaces, so that a membership can be tried without a consumer and a consumer without a group.
 */

import type { ConsumerGroupMetadata } from "../../consumer-group-metadata.ts";
import type { Deadline } from "../../retry.ts";
import type { TopicPartition } from "../assignment.ts";

/** What a member wants to read. */
export interface Subscription {
  /** Names of topics, sorted, each once; patterns that the client resolves are names here. */
  readonly topics: readonly string[];
  /** A pattern in the syntax of RE2, which the broker resolves (KIP-848 only); null for none. */
  readonly pattern: string | null;
}

/** What a consumer does for its membership. None of these rejects: what goes wrong is told to whoever reads. */
export interface MembershipHost {
  /** What the consumer holds of the group's partitions, whether it has begun to read them or not. */
  assignment(): readonly TopicPartition[];
  /**
   * Gives partitions up in order: hands nothing more of them out, waits until the application is done with what it
   * has of them, commits what it has done, tells its listener, and forgets them. The member counts as owning them
   * until this resolves; heartbeats go on meanwhile. Resolves without all that when {@link lose} comes first.
   */
  revoke(partitions: readonly TopicPartition[]): Promise<void>;
  /**
   * Hands nothing out until {@link resume}, of all that the consumer holds and is given: the coordinator is silent, so
   * that others may read it already, and need not. What was fetched is kept.
   */
  suspend(): void;
  /** Goes on from where the consumer was: nobody else had what it still holds. */
  resume(): void;
  /** Forgets partitions that others may read already: commits nothing, and tells the listener that they are lost. */
  lose(partitions: readonly TopicPartition[]): Promise<void>;
  /**
   * Takes partitions over, beside those that it holds, and tells the listener. Called after each rebalance, with none
   * where nothing was added. Offsets are looked up after it resolves.
   */
  assign(added: readonly TopicPartition[]): Promise<void>;
  /** The membership has ended for good, with this error; what it held is lost already. */
  failed(error: Error): void;
}

/** A consumer's membership in its group. */
export interface Membership {
  /** As whom to commit right now; member id "" and generation -1 while there is no membership. */
  readonly metadata: Required<ConsumerGroupMetadata>;
  /** How the group sees the member: for events, metrics and the messages of errors, such as "stable". */
  readonly state: string;
  /** Joins the group, or, as a member, says that it wants to read something else. */
  subscribe(subscription: Subscription): void;
  /**
   * The application has asked for records. After {@link pollExpired} the member joins again.
   */
  polled(): void;
  /**
   * The application has not asked for records within `maxPollIntervalMs`: the member leaves, so that others can read
   * its partitions, which are lost. A static member (KIP-345) stops its heartbeats instead.
   */
  pollExpired(): void;
  /** Joins again without being asked to, as Kafka's `enforceRebalance`. */
  rejoin(reason: string): void;
  /** A broker refused a commit in a way that ends the membership of this generation, such as `ILLEGAL_GENERATION`. */
  commitRefused(errorCode: number, generation: Required<ConsumerGroupMetadata>): void;
  /**
   * Leaves the group. Partitions have been given up before. Never rejects: the group ends a membership whose leaving
   * it did not hear of by itself.
   */
  leave(options: LeaveOptions): Promise<void>;
  /** Ends at once, and tells nobody. */
  abandon(reason: Error): void;
}

/** How to leave. */
export interface LeaveOptions {
  readonly deadline: Deadline;
  /** Told to the group, for its logs. */
  readonly reason: string;
  /** A static member stays by default, for whoever takes its place under its name (KIP-345, KIP-1092). */
  readonly staysMember: boolean;
}
