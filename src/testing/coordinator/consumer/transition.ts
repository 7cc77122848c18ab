/** One step of a group of the consumer protocol: the changes that it makes, each of them in force at once. */

import type { Uuid } from "../../../protocol/uuid.ts";
import type { ConsumerGroupRules } from "../../releases.ts";
import type { ServerAssignor } from "./assignors/server-assignor.ts";
import type { GroupChange } from "./group-change.ts";
import type { GroupState, TopicsView } from "./group-state.ts";
import { type Member, profileOf, standingOf } from "./member.ts";

/** What a group goes by, beside what it knows itself. */
export interface GroupSettings {
  /** `group.consumer.assignors`; the first is for groups whose members ask for none. */
  readonly assignors: readonly ServerAssignor[];
  /** `group.consumer.max.size`. */
  readonly maxSize: number;
  /** For how long a target is not computed anew; 0 for no time. */
  readonly assignmentIntervalMs: number;
  /** After how long patterns are looked at again in any case. */
  readonly patternRefreshMs: number;
  readonly rules: ConsumerGroupRules;
}

export interface Surroundings {
  /** Wall time in milliseconds. */
  readonly nowMs: number;
  readonly topics: TopicsView;
  /** Counts the changes of which topics there are. */
  readonly topicsVersion: number;
  readonly settings: GroupSettings;
  /** Whether who asks may see the topic. */
  mayDescribe(topic: string): boolean;
}

export class Transition {
  readonly state: GroupState;
  readonly surroundings: Surroundings;
  /** In their order. */
  readonly changes: GroupChange[] = [];

  constructor(state: GroupState, surroundings: Surroundings) {
    this.state = state;
    this.surroundings = surroundings;
  }

  get settings(): GroupSettings {
    return this.surroundings.settings;
  }

  make(change: GroupChange): void {
    this.state.apply(change);
    this.changes.push(change);
  }

  setProfile(member: Member): void {
    this.make({ type: "profile", memberId: member.memberId, profile: profileOf(member) });
  }

  setStanding(member: Member): void {
    this.make({ type: "standing", memberId: member.memberId, standing: standingOf(member) });
  }

  /** In the order in which Kafka writes it. */
  removeMember(memberId: string): void {
    this.make({ type: "standing", memberId, standing: null });
    this.make({ type: "target", memberId, partitions: null });
    this.make({ type: "profile", memberId, profile: null });
  }

  /** Raises the group's epoch: another assignment is to be computed. */
  raiseEpoch(metadataHash: bigint): void {
    this.make({ type: "epoch", epoch: this.state.epoch + 1, metadataHash });
  }

  /** Of the topics that members subscribe to, as they are now. */
  metadataHash(): bigint {
    const { topics } = this.surroundings;
    const subscribed = [...this.state.subscribedTopics()].sort();
    const described = subscribed.flatMap((topic) => {
      const topicId = topics.idOf(topic);
      return topicId === null ? [] : `${topic}/${topicId}/${topics.partitionCount(topicId)}`;
    });
    return described.length === 0 ? 0n : hashOf(described.join(","));
  }

  subscribedIds(member: Member): ReadonlySet<Uuid> {
    return this.state.subscribedIds(member, this.surroundings.topics);
  }
}

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

/** FNV-1a, where Kafka has a hash of its own: what counts is that another text has another one. */
function hashOf(text: string): bigint {
  let hash = FNV_OFFSET;
  for (let i = 0; i < text.length; i++) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(i))) * FNV_PRIME);
  }
  return BigInt.asIntN(64, hash);
}
