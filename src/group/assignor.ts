import type { ConsumerProtocolSubscription } from "../protocol/consumer-protocol.ts";

/** A member of a classic group, as the leader sees it. */
export interface GroupMember {
  /** Given by the coordinator; new with each start of a member, unless it is static. */
  readonly memberId: string;
  /** `groupInstanceId` of a static member (KIP-345); null for others. */
  readonly groupInstanceId: string | null;
  /** What the member wants to read, and what it says of itself. */
  readonly subscription: ConsumerProtocolSubscription;
}

/** A topic as the leader's metadata shows it. */
export interface TopicLayout {
  /** How many partitions it has: 0 to `partitions - 1`. */
  readonly partitions: number;
  /**
   * By partition, the racks of the brokers that hold a replica (KIP-881); brokers without a rack are left out.
   * May be shorter than `partitions`: of the others nothing is known.
   */
  readonly racks: readonly (readonly string[])[];
}

/** What one member shall read. */
export interface MemberAssignment {
  /** Numbers of partitions by topic. */
  readonly partitions: ReadonlyMap<string, readonly number[]>;
  /** The assignor's own bytes for its counterpart in the member. Default: null. */
  readonly userData?: Uint8Array | null;
}

/**
 * How partitions change hands when a group is rebalanced. `"eager"`: every member gives up all of its partitions
 * before it joins. `"cooperative"` (KIP-429): members go on reading while the group is rebalanced; a partition that
 * moves is first only taken away, and given to its new member in a second rebalance.
 */
export type RebalanceProtocol = "eager" | "cooperative";

/**
 * Divides partitions among the members of a classic consumer group. The group's leader, one of its members, asks it
 * in each rebalance. All members have to know an assignor of the same {@link name}.
 *
 * Each consumer has an assignor of its own, made by an {@link AssignorFactory}, so it may remember what its consumer
 * was given. It is called for one rebalance at a time.
 *
 * @example Everything to the first member, the others stand by
 * ```ts
 * import type { Assignor } from "kafkawire";
 *
 * export const allToFirst: Assignor = {
 *   name: "all-to-first",
 *   rebalanceProtocol: "eager",
 *   assign(members, topics) {
 *     const sorted = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
 *     return new Map(
 *       sorted.map((member, place) => {
 *         const partitions = new Map<string, number[]>();
 *         for (const topic of place === 0 ? member.subscription.topics : []) {
 *           partitions.set(topic, [...Array(topics.get(topic)?.partitions ?? 0).keys()]);
 *         }
 *         return [member.memberId, { partitions }];
 *       }),
 *     );
 *   },
 * };
 * ```
 */
export interface Assignor {
  /** On the wire, where members of one group agree on it. */
  readonly name: string;
  /**
   * The best that it can do. A cooperative assignor leaves out of its answer each partition that another member still
   * owns (`subscription.ownedPartitions`); as nobody owns any in an eager rebalance, it serves in those too.
   */
  readonly rebalanceProtocol: RebalanceProtocol;
  /** Of its own bytes, for those who look at them; Kafka itself does not. Default: 0. */
  readonly version?: number;
  /**
   * Bytes of its own in the subscription of its member, which is about to join; null or absent for none.
   *
   * @param topics what the member is subscribed to
   */
  userData?(topics: readonly string[]): Uint8Array | null;
  /**
   * Who shall read what: asked of the leader's assignor. Must have an entry for each of `members`, may only assign
   * partitions that exist to members that are subscribed to their topic, and each to one member at most. A topic that
   * somebody is subscribed to but that is not known is not in `topics`.
   *
   * Must return at once. What it throws fails the rebalance.
   */
  assign(
    members: readonly GroupMember[],
    topics: ReadonlyMap<string, TopicLayout>,
  ): ReadonlyMap<string, MemberAssignment>;
  /** Tells that its member, leader or not, was given this in this generation of the group. */
  assigned?(assignment: MemberAssignment, generationId: number): void;
}

/** Makes an assignor for one consumer. */
export type AssignorFactory = () => Assignor;

/**
 * How a consumer with these assignors rebalances: in the best way that all of them can, since the coordinator may
 * choose any. So a consumer with range and cooperative-sticky, Kafka's default, rebalances eagerly.
 */
export function commonRebalanceProtocol(assignors: readonly Assignor[]): RebalanceProtocol {
  return assignors.every(({ rebalanceProtocol }) => rebalanceProtocol === "cooperative")
    ? "cooperative"
    : "eager";
}
