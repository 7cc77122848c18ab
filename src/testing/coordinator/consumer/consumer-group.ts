/**
 * A group of the consumer protocol (KIP-848): its state with what it times, which is the sessions of members, and how
 * long they take to give up partitions. What a request does to the state is in `heartbeat.ts` and its like.
 */

import type { Clock } from "../../../platform/platform.ts";
import { errorNumber, NONE } from "../../error-code.ts";
import type { CommittedOffset } from "../committed-offsets.ts";
import type { CoordinatorRecord } from "../coordinator-topics.ts";
import type { Committer, Group } from "../group.ts";
import { ClassicMembers, type MixedGroup } from "./classic-members.ts";
import type { GroupChange } from "./group-change.ts";
import { recordOf } from "./group-change-records.ts";
import { GroupState, type TopicsView } from "./group-state.ts";
import { GroupTimers } from "./group-timers.ts";
import { beat, type Heartbeat, type HeartbeatAnswer } from "./heartbeat.ts";
import { leaveForAWhile, leaver, removeMembers } from "./leave.ts";
import { LEAVES_FOR_A_WHILE, type Member, partitionKey } from "./member.ts";
import { refreshPatterns } from "./patterns.ts";
import { type Surroundings, Transition } from "./transition.ts";

/** What a group needs of those who keep it. */
export interface GroupKeeper {
  readonly clock: Clock;
  readonly topics: TopicsView;
  /** Whether members of the classic protocol may join. */
  readonly takesClassic: boolean;
  /** Of a group that is new. */
  readonly firstEpoch: number;
  /** KIP-1251: a member may commit with any epoch that it had since the partition came to it. */
  readonly checksPartitionEpochs: boolean;
  surroundings(groupId: string, mayDescribe: (topic: string) => boolean): Surroundings;
  sessionTimeoutMs(groupId: string): number;
  write(groupId: string, records: readonly CoordinatorRecord[]): void;
  /**
   * Members are about to go, if any: where only classic ones are left, the group may become a classic one instead.
   *
   * @returns whether it has, and nothing is left to do here
   */
  becomesClassic(group: ConsumerGroup, leaving: readonly Member[]): boolean;
}

const UNKNOWN_MEMBER_ID = errorNumber("UNKNOWN_MEMBER_ID");
const STALE_MEMBER_EPOCH = errorNumber("STALE_MEMBER_EPOCH");
const ILLEGAL_GENERATION = errorNumber("ILLEGAL_GENERATION");
const UNSUPPORTED_VERSION = errorNumber("UNSUPPORTED_VERSION");
const NON_EMPTY_GROUP = errorNumber("NON_EMPTY_GROUP");
/** Of OffsetCommit: the first with member epochs. */
const FIRST_VERSION_WITH_EPOCHS = 9;

export class ConsumerGroup implements Group, MixedGroup {
  readonly kind = "consumer";
  readonly protocolType = "consumer";
  readonly classic: ClassicMembers;
  readonly groupId: string;
  /** The group itself. */
  readonly core: GroupState;
  readonly timers: GroupTimers;
  readonly #keeper: GroupKeeper;
  /** Whether topics may have changed since they were looked at for the group. */
  #mayHaveChanged = true;

  constructor(groupId: string, keeper: GroupKeeper) {
    this.groupId = groupId;
    this.core = new GroupState(groupId, keeper.firstEpoch);
    this.#keeper = keeper;
    this.timers = new GroupTimers(keeper.clock);
    this.classic = new ClassicMembers(this, keeper.topics, () => keeper.takesClassic);
  }

  get state(): string {
    return this.core.state;
  }

  get isEmpty(): boolean {
    return this.core.members.size === 0;
  }

  /** Topics were made, deleted or enlarged. */
  topicsChanged(): void {
    this.#mayHaveChanged = true;
  }

  /** @throws Refusal where the member is not to be had; nothing has changed then. */
  heartbeat(heartbeat: Heartbeat, mayDescribe: (topic: string) => boolean): HeartbeatAnswer {
    const answer = this.change(
      (transition) => beat(transition, heartbeat, this.#mayHaveChanged),
      mayDescribe,
    );
    this.#mayHaveChanged = false;
    const { memberId } = answer.member;
    this.timeSession(memberId, this.#keeper.sessionTimeoutMs(this.groupId));
    this.lookAtPatterns(mayDescribe);
    return answer;
  }

  /** What the last heartbeat was told is not changed by it: what it finds is for the next one. */
  lookAtPatterns(mayDescribe: (topic: string) => boolean): void {
    this.change(refreshPatterns, mayDescribe);
  }

  /** @throws Refusal where the group has no such member. */
  leave(memberId: string, instanceId: string | null, memberEpoch: number): void {
    const member = this.change((transition) => leaver(transition, memberId, instanceId));
    if (memberEpoch !== LEAVES_FOR_A_WHILE) this.remove([member]);
    else this.change((transition) => leaveForAWhile(transition, member));
  }

  /** Removes members, whether they want to go or have to. */
  remove(members: readonly Member[]): void {
    if (members.length === 0 || this.#keeper.becomesClassic(this, members)) return;
    const memberIds = members.map(({ memberId }) => memberId);
    this.change((transition) => removeMembers(transition, memberIds));
    for (const memberId of memberIds) this.timers.cancelAll(memberId);
  }

  /** Where all members speak the classic protocol, the group becomes a classic one, if it may. */
  becomeClassicIfAllAre(): void {
    this.#keeper.becomesClassic(this, []);
  }

  /** Has the member removed, unless it is heard of within this time. */
  timeSession(memberId: string, timeoutMs: number): void {
    this.timers.set("session", memberId, timeoutMs, () => this.#removeById(memberId));
  }

  /** Has the member removed, unless it does within this time what it is waited for. */
  timeStep(step: "join" | "sync", memberId: string, timeoutMs: number): void {
    this.timers.set(step, memberId, timeoutMs, () => this.#removeById(memberId));
  }

  /** Changes the state, and writes how. */
  change<T>(work: (transition: Transition) => T, mayDescribe: (topic: string) => boolean = () => true): T {
    const transition = new Transition(this.core, this.#keeper.surroundings(this.groupId, mayDescribe));
    const result = work(transition);
    const { changes } = transition;
    this.#keeper.write(
      this.groupId,
      changes.map((one) => recordOf(this.groupId, one)),
    );
    for (const one of changes) this.#timeRevocation(one);
    return result;
  }

  commitRefusal(committer: Committer): number {
    const { memberId, groupInstanceId, generationIdOrMemberEpoch, isTransactional, version } = committer;
    if (generationIdOrMemberEpoch < 0 && this.isEmpty) return NONE;
    const isAnonymous = generationIdOrMemberEpoch < 0 && memberId === "" && groupInstanceId === null;
    if (isTransactional && isAnonymous) return NONE;
    const member = this.core.members.get(memberId);
    if (member === undefined) return UNKNOWN_MEMBER_ID;
    const isClassic = member.classic !== null;
    if (!isTransactional && !isClassic && version < FIRST_VERSION_WITH_EPOCHS) return UNSUPPORTED_VERSION;
    const isKept = generationIdOrMemberEpoch < member.epoch && this.#hasSince(member, committer);
    return isKept ? NONE : this.#epochRefusal(member, generationIdOrMemberEpoch);
  }

  /** Whether the member has had all of these partitions since the epoch that it commits with, or longer (KIP-1251). */
  #hasSince({ since }: Member, { generationIdOrMemberEpoch, partitions }: Committer): boolean {
    if (!this.#keeper.checksPartitionEpochs || partitions === undefined) return false;
    return partitions.every(({ topicId, partition }) => {
      const epoch = since.get(partitionKey(topicId, partition));
      return epoch !== undefined && epoch <= generationIdOrMemberEpoch;
    });
  }

  fetchRefusal(memberId: string | null, memberEpoch: number): number {
    if (memberId === null && memberEpoch < 0) return NONE;
    const member = this.core.members.get(memberId ?? "");
    return member === undefined ? UNKNOWN_MEMBER_ID : this.#epochRefusal(member, memberEpoch);
  }

  offsetDeleteRefusal(): number {
    return NONE;
  }

  deleteRefusal(): number {
    return this.isEmpty ? NONE : NON_EMPTY_GROUP;
  }

  isSubscribedTo(topic: string): boolean {
    return this.core.subscribedTopics().has(topic);
  }

  retainedSinceMs({ commitTimestampMs }: CommittedOffset): number {
    return commitTimestampMs;
  }

  committed(): void {}

  tombstones(): CoordinatorRecord[] {
    const memberIds = [...this.core.members.keys()];
    const changes: GroupChange[] = [
      ...memberIds.map((memberId) => ({ type: "standing", memberId, standing: null }) as const),
      ...memberIds.map((memberId) => ({ type: "target", memberId, partitions: null }) as const),
      { type: "targetEpoch", target: null },
      ...memberIds.map((memberId) => ({ type: "profile", memberId, profile: null }) as const),
      ...Array.from(
        this.core.patterns.keys(),
        (pattern) => ({ type: "pattern", pattern, resolved: null }) as const,
      ),
      { type: "epoch", epoch: null, metadataHash: 0n },
    ];
    return changes.map((change) => recordOf(this.groupId, change));
  }

  forgotten(): void {
    this.timers.stop();
  }

  coordinatorMoved(isAvailable: boolean): void {
    this.timers.stop();
    if (isAvailable) this.loaded();
  }

  /** The group was brought back, or has another coordinator: each member has a whole session to be heard of. */
  loaded(): void {
    for (const member of this.core.members.values()) {
      const { memberId, classic } = member;
      this.timeSession(memberId, classic?.sessionTimeoutMs ?? this.#keeper.sessionTimeoutMs(this.groupId));
      this.#timeRevocation({ type: "standing", memberId, standing: member });
    }
  }

  #epochRefusal({ epoch, classic }: Member, theirs: number): number {
    if (theirs === epoch) return NONE;
    return classic === null ? STALE_MEMBER_EPOCH : ILLEGAL_GENERATION;
  }

  /** A member that does not give up in time what it is to give up is removed. */
  #timeRevocation(change: GroupChange): void {
    if (change.type !== "standing") return;
    const { memberId, standing } = change;
    const member = this.core.members.get(memberId);
    if (member === undefined || standing === null || standing.state !== "UNREVOKED_PARTITIONS") {
      this.timers.cancel("revocation", memberId);
      return;
    }
    if (member.classic !== null) return;
    this.timers.set("revocation", memberId, member.rebalanceTimeoutMs, () => {
      if (this.core.members.get(memberId)?.epoch === standing.epoch) this.#removeById(memberId);
    });
  }

  #removeById(memberId: string): void {
    const member = this.core.members.get(memberId);
    if (member !== undefined) this.remove([member]);
  }
}
