/**
 * The state of a group of the consumer protocol (KIP-848). It changes by `GroupChange` alone; what follows from it is
 * computed when it is asked for, as groups in tests are small.
 */

import type { Uuid } from "../../../protocol/uuid.ts";
import type { GroupChange, ResolvedPattern, TargetEpoch } from "./group-change.ts";
import {
  heldBy,
  isReconciledTo,
  LEAVES,
  type Member,
  type MemberProfile,
  type MemberStanding,
  NEW_STANDING,
  newMember,
  profileOf,
  standingOf,
} from "./member.ts";
import { NO_PARTITIONS, type TopicPartitions } from "./partitions.ts";

/** As ListGroups tells it. */
export type ConsumerGroupState = "Empty" | "Assigning" | "Reconciling" | "Stable";

/** The topics that there are. */
export interface TopicsView {
  /** Null where there is none. */
  idOf(topic: string): Uuid | null;
  /** Null where there is none. */
  nameOf(topicId: Uuid): string | null;
  partitionCount(topicId: Uuid): number;
  readonly names: Iterable<string>;
}

export class GroupState {
  readonly groupId: string;
  readonly #members = new Map<string, Member>();
  readonly #targets = new Map<string, TopicPartitions>();
  readonly #patterns = new Map<string, ResolvedPattern>();
  #epoch: number;
  #metadataHash = 0n;
  #target: TargetEpoch;

  constructor(groupId: string, firstEpoch: number) {
    this.groupId = groupId;
    this.#epoch = firstEpoch;
    this.#target = { epoch: firstEpoch, timestampMs: 0 };
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Stands for the topics that members subscribe to, as they were when the epoch was raised last. */
  get metadataHash(): bigint {
    return this.#metadataHash;
  }

  /** The epoch for which members have their targets. */
  get target(): TargetEpoch {
    return this.#target;
  }

  /** By member id. */
  get members(): ReadonlyMap<string, Member> {
    return this.#members;
  }

  /** By pattern. */
  get patterns(): ReadonlyMap<string, ResolvedPattern> {
    return this.#patterns;
  }

  get state(): ConsumerGroupState {
    if (this.#members.size === 0) return "Empty";
    if (this.#epoch > this.#target.epoch) return "Assigning";
    const isStable = [...this.#members.values()].every((member) =>
      isReconciledTo(member, this.#target.epoch),
    );
    return isStable ? "Stable" : "Reconciling";
  }

  /** What the member is to have. */
  targetOf(memberId: string): TopicPartitions {
    return this.#targets.get(memberId) ?? NO_PARTITIONS;
  }

  /** Who has a target. */
  get targeted(): Iterable<string> {
    return this.#targets.keys();
  }

  staticMember(instanceId: string): Member | null {
    return [...this.#members.values()].find((member) => member.instanceId === instanceId) ?? null;
  }

  /** How many members subscribe with each pattern. */
  patternCounts(): ReadonlyMap<string, number> {
    const patterns = [...this.#members.values()].flatMap(({ pattern }) => pattern || []);
    return counted(patterns);
  }

  /** The topics that a member subscribes to, by name or by its pattern, whether there are such topics or not. */
  subscriptionOf({ topics, pattern }: MemberProfile): ReadonlySet<string> {
    return new Set([...topics, ...((pattern && this.#patterns.get(pattern)?.topics) || [])]);
  }

  /** The ids of those that there are. */
  subscribedIds(member: MemberProfile, topics: TopicsView): ReadonlySet<Uuid> {
    return new Set([...this.subscriptionOf(member)].flatMap((topic) => topics.idOf(topic) ?? []));
  }

  /** All topics that any member subscribes to. */
  subscribedTopics(): ReadonlySet<string> {
    return new Set([...this.#members.values()].flatMap((member) => [...this.subscriptionOf(member)]));
  }

  /** Whether all members subscribe to the same topics, as far as assignors care. */
  get isHomogeneous(): boolean {
    const size = this.#members.size;
    const byName = counted([...this.#members.values()].flatMap(({ topics }) => topics));
    const [first] = this.patternCounts().values();
    if (first === undefined) return [...byName.values()].every((count) => count === size);
    return first === size && byName.size === 0;
  }

  /** Whether some member has the partition, or has yet to give it up. */
  isHeld(topicId: Uuid, partition: number): boolean {
    for (const member of this.#members.values()) {
      if (heldBy(member).get(topicId)?.includes(partition) === true) return true;
    }
    return false;
  }

  /** The assignor that most members ask for; null where nobody asks. */
  get preferredAssignor(): string | null {
    const counts = counted([...this.#members.values()].flatMap(({ assignor }) => assignor ?? []));
    let preferred: string | null = null;
    let most = 0;
    for (const [assignor, count] of counts) {
      if (count <= most) continue;
      preferred = assignor;
      most = count;
    }
    return preferred;
  }

  apply(change: GroupChange): void {
    switch (change.type) {
      case "profile":
        this.#profileChanged(change.memberId, change.profile);
        break;
      case "standing":
        this.#standingChanged(change.memberId, change.standing);
        break;
      case "epoch":
        this.#epoch = change.epoch ?? 0;
        this.#metadataHash = change.metadataHash;
        break;
      case "target":
        if (change.partitions === null) this.#targets.delete(change.memberId);
        else this.#targets.set(change.memberId, change.partitions);
        break;
      case "targetEpoch":
        this.#target = change.target ?? { epoch: -1, timestampMs: 0 };
        break;
      case "pattern":
        if (change.resolved === null) this.#patterns.delete(change.pattern);
        else this.#patterns.set(change.pattern, change.resolved);
        break;
    }
  }

  #profileChanged(memberId: string, profile: MemberProfile | null): void {
    if (profile === null) {
      this.#members.delete(memberId);
      return;
    }
    const member = this.#members.get(memberId) ?? newMember(memberId);
    this.#members.set(memberId, { ...member, ...profileOf(profile) });
  }

  #standingChanged(memberId: string, standing: MemberStanding | null): void {
    const member = this.#members.get(memberId);
    if (member === undefined) return;
    const gone = { ...NEW_STANDING, epoch: LEAVES, previousEpoch: LEAVES };
    this.#members.set(memberId, { ...member, ...standingOf(standing ?? gone) });
  }
}

function counted(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
