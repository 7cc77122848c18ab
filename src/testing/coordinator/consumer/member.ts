/** A member of a group of the consumer protocol: what it said of itself, and where it stands. */

import type { Uuid } from "../../../protocol/uuid.ts";
import { areSame, filtered, listed, NO_PARTITIONS, type TopicPartitions, union } from "./partitions.ts";

/** What a member said of itself. */
export interface MemberProfile {
  /** Null for a dynamic member. */
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  /** As Java writes addresses, such as `/127.0.0.1`. */
  readonly clientHost: string;
  /** Sorted, each once. */
  readonly topics: readonly string[];
  /** Empty for none. */
  readonly pattern: string;
  readonly rebalanceTimeoutMs: number;
  /** The assignor that it asks for; null for the coordinator's choice. */
  readonly assignor: string | null;
  /** Of a member that still speaks the classic protocol. */
  readonly classic: ClassicProfile | null;
}

/** What a member of the classic protocol says with JoinGroup. */
export interface ClassicProfile {
  readonly sessionTimeoutMs: number;
  /** Its assignors, the one that it likes best first, each with its subscription. */
  readonly protocols: readonly ClassicProtocol[];
}

export interface ClassicProtocol {
  readonly name: string;
  readonly metadata: Uint8Array;
}

/** How far a member is with what the coordinator has for it; numbers as in Kafka's records. */
export const MEMBER_STATES = {
  /** It has what it is to have. */
  STABLE: 0,
  /** It has yet to give up partitions. */
  UNREVOKED_PARTITIONS: 1,
  /** Others have yet to give up partitions for it. */
  UNRELEASED_PARTITIONS: 2,
} as const;

export type MemberState = keyof typeof MEMBER_STATES;

/** Where a member stands. */
export interface MemberStanding {
  readonly state: MemberState;
  readonly epoch: number;
  /** The epoch before, which the member still has where it missed the answer. */
  readonly previousEpoch: number;
  readonly assigned: TopicPartitions;
  /** What it is to give up. */
  readonly revoking: TopicPartitions;
  /** Since which epoch it has each of both. */
  readonly since: PartitionEpochs;
}

/** Epochs by `partitionKey`. */
export type PartitionEpochs = ReadonlyMap<string, number>;

export interface Member extends MemberProfile, MemberStanding {
  readonly memberId: string;
}

/** The epoch of a member that has just come, and with which it joins. */
export const JOINS = 0;
/** The epoch with which a member leaves. */
export const LEAVES = -1;
/** The epoch with which a static member leaves that will be back. */
export const LEAVES_FOR_A_WHILE = -2;

export const NEW_STANDING: MemberStanding = {
  state: "STABLE",
  epoch: JOINS,
  previousEpoch: -1,
  assigned: NO_PARTITIONS,
  revoking: NO_PARTITIONS,
  since: new Map(),
};

/** A member of which nothing is known yet. */
export function newMember(memberId: string): Member {
  return {
    memberId,
    instanceId: null,
    rackId: null,
    clientId: "",
    clientHost: "",
    topics: [],
    pattern: "",
    rebalanceTimeoutMs: -1,
    assignor: null,
    classic: null,
    ...NEW_STANDING,
  };
}

export function partitionKey(topicId: Uuid, partition: number): string {
  return `${topicId}:${partition}`;
}

/** Everything that a member holds: what it has, and what it is to give up. */
export function heldBy({ assigned, revoking }: MemberStanding): TopicPartitions {
  return union(assigned, revoking);
}

export function isReconciledTo({ state, epoch }: MemberStanding, targetEpoch: number): boolean {
  return state === "STABLE" && epoch === targetEpoch;
}

export function isSameStanding(a: MemberStanding, b: MemberStanding): boolean {
  return (
    a.state === b.state &&
    a.epoch === b.epoch &&
    a.previousEpoch === b.previousEpoch &&
    areSame(a.assigned, b.assigned) &&
    areSame(a.revoking, b.revoking)
  );
}

export function isSameProfile(a: MemberProfile, b: MemberProfile): boolean {
  return (
    a.instanceId === b.instanceId &&
    a.rackId === b.rackId &&
    a.clientId === b.clientId &&
    a.clientHost === b.clientHost &&
    a.rebalanceTimeoutMs === b.rebalanceTimeoutMs &&
    a.assignor === b.assignor &&
    a.pattern === b.pattern &&
    a.classic === b.classic &&
    areSameTopics(a.topics, b.topics)
  );
}

export function areSameTopics(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((topic, i) => topic === b[i]);
}

/**
 * The member at another epoch, with other partitions: what it had keeps its epoch, what is new has that of the member.
 */
export function moved(
  member: Member,
  to: Pick<MemberStanding, "state" | "epoch" | "assigned" | "revoking">,
): Member {
  const since = new Map<string, number>();
  for (const { topicId, partitions } of [...listed(to.assigned), ...listed(to.revoking)]) {
    for (const partition of partitions) {
      const key = partitionKey(topicId, partition);
      since.set(key, member.since.get(key) ?? to.epoch);
    }
  }
  return { ...member, ...to, previousEpoch: member.epoch, since };
}

/** Those of `partitions` whose topics are among `topicIds`. */
export function ofTopics(partitions: TopicPartitions, topicIds: ReadonlySet<Uuid>): TopicPartitions {
  return filtered(partitions, (topicId) => topicIds.has(topicId));
}

/** Only what the member said of itself. */
export function profileOf(member: MemberProfile): MemberProfile {
  const { instanceId, rackId, clientId, clientHost, topics, pattern, rebalanceTimeoutMs } = member;
  const { assignor, classic } = member;
  return {
    instanceId,
    rackId,
    clientId,
    clientHost,
    topics,
    pattern,
    rebalanceTimeoutMs,
    assignor,
    classic,
  };
}

/** Only where the member stands. */
export function standingOf(member: MemberStanding): MemberStanding {
  const { state, epoch, previousEpoch, assigned, revoking, since } = member;
  return { state, epoch, previousEpoch, assigned, revoking, since };
}
