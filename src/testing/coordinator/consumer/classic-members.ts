/**
 * Members that speak the classic protocol in a group of the consumer protocol, while its members are being replaced one
 * by one (KIP-848): they join and sync, and the broker assigns to them as to the others. When they have to do so again,
 * a heartbeat tells them.
 */

import { DecodeError } from "../../../protocol/errors.ts";
import { errorNumber, NONE, Refusal } from "../../error-code.ts";
import { Pending } from "../../pending.ts";
import type { JoinAnswer, LeaveAnswer, Leaving, SyncAnswer } from "../classic/classic-events.ts";
import type { ClassicProtocol, Heartbeating, Joining, Syncing } from "../classic/classic-protocol.ts";
import { takeOver } from "./assign.ts";
import { assignmentBytes, protocolNameOf, subscriptionOf, withIds } from "./classic-bytes.ts";
import { enter, refuseFenced } from "./enter.ts";
import type { GroupState, TopicsView } from "./group-state.ts";
import type { GroupTimers } from "./group-timers.ts";
import type { ClassicProfile, Member } from "./member.ts";
import { NO_PARTITIONS } from "./partitions.ts";
import type { Transition } from "./transition.ts";

const CONSUMER = "consumer";
const REBALANCE_IN_PROGRESS = errorNumber("REBALANCE_IN_PROGRESS");
const MEMBER_ID_REQUIRED = errorNumber("MEMBER_ID_REQUIRED");

/** A member of which is known that it speaks the classic protocol. */
interface ClassicMember extends Member {
  readonly classic: ClassicProfile;
}

/** The group that they are members of. */
export interface MixedGroup {
  readonly core: GroupState;
  readonly timers: GroupTimers;
  change<T>(work: (transition: Transition) => T): T;
  remove(members: readonly Member[]): void;
  timeSession(memberId: string, timeoutMs: number): void;
  timeStep(step: "join" | "sync", memberId: string, timeoutMs: number): void;
  becomeClassicIfAllAre(): void;
}

export class ClassicMembers implements ClassicProtocol {
  readonly #group: MixedGroup;
  readonly #topics: TopicsView;
  readonly #mayJoin: () => boolean;

  /** @param mayJoin whether brokers take classic members into such groups. */
  constructor(group: MixedGroup, topics: TopicsView, mayJoin: () => boolean) {
    this.#group = group;
    this.#topics = topics;
    this.#mayJoin = mayJoin;
  }

  join(joining: Joining): Pending<JoinAnswer> {
    const pending = new Pending<JoinAnswer>();
    pending.answer(
      answered<JoinAnswer>(
        () => this.#join(joining),
        (errorCode) => ({ errorCode, memberId: joining.memberId, protocolName: null }),
      ),
    );
    return pending;
  }

  sync(syncing: Syncing): Pending<SyncAnswer> {
    const pending = new Pending<SyncAnswer>();
    pending.answer(
      answered<SyncAnswer>(
        () => this.#sync(syncing),
        (errorCode) => ({ errorCode }),
      ),
    );
    return pending;
  }

  heartbeat({ memberId, groupInstanceId, generationId }: Heartbeating): number {
    return answered<number>(
      () => {
        const member = this.#member(memberId, groupInstanceId);
        checkGeneration(member, generationId);
        this.#group.timeSession(memberId, member.classic.sessionTimeoutMs);
        if (!hasToJoin(this.#group.core, member)) return NONE;
        this.#waitForJoin(member);
        return REBALANCE_IN_PROGRESS;
      },
      (errorCode) => errorCode,
    );
  }

  leave(members: readonly Leaving[]): LeaveAnswer {
    const leaving: Member[] = [];
    const answers = members.map(({ memberId, groupInstanceId }) => {
      const errorCode = answered<number>(
        () => {
          leaving.push(this.#member(memberId, groupInstanceId));
          return NONE;
        },
        (code) => code,
      );
      return { memberId, groupInstanceId, errorCode };
    });
    this.#group.remove(leaving);
    return { members: answers };
  }

  #join(joining: Joining): JoinAnswer {
    const { groupInstanceId: instanceId } = joining;
    if (!this.#mayJoin())
      throw new Refusal("INCONSISTENT_GROUP_PROTOCOL", "the group takes no classic members");
    const isUnknown = joining.memberId === "";
    const memberId = isUnknown ? joining.newMemberId : joining.memberId;
    this.#checkProtocols(joining);
    if (isUnknown && instanceId === null && joining.requiresMemberId) {
      return { errorCode: MEMBER_ID_REQUIRED, memberId, protocolName: null };
    }
    const replaced = instanceId === null ? null : this.#group.core.staticMember(instanceId);
    const classic: ClassicProfile = {
      sessionTimeoutMs: joining.sessionTimeoutMs,
      protocols: joining.protocols,
    };
    const subscription = subscriptionOf(classic);
    const update = (transition: Transition): Member => {
      const isJoining = instanceId === null || isUnknown;
      const entry = {
        memberId,
        memberEpoch: -1,
        instanceId,
        owned: NO_PARTITIONS,
        isJoining,
        isClassic: true,
      };
      const before = enter(transition, entry);
      const after: Member = {
        ...before,
        instanceId: instanceId ?? before.instanceId,
        rackId: subscription.rackId ?? before.rackId,
        rebalanceTimeoutMs: joining.rebalanceTimeoutMs,
        topics: [...new Set(subscription.topics)].sort(),
        pattern: "",
        clientId: joining.clientId,
        clientHost: joining.clientHost,
        classic,
      };
      const owned = withIds(subscription.ownedPartitions, this.#topics);
      return takeOver(transition, before, after, { mayHaveChanged: true, owned });
    };
    const member = this.#group.change(update);
    if (replaced !== null && replaced.memberId !== memberId) this.#group.timers.cancelAll(replaced.memberId);
    this.#group.timers.cancel("join", memberId);
    this.#group.timeSession(memberId, joining.sessionTimeoutMs);
    this.#group.timeStep("sync", memberId, joining.rebalanceTimeoutMs);
    // The last member of the consumer protocol has become a classic one.
    if (replaced !== null && replaced.classic === null) this.#group.becomeClassicIfAllAre();
    return {
      errorCode: NONE,
      memberId,
      generationId: member.epoch,
      protocolType: CONSUMER,
      protocolName: protocolNameOf(classic),
    };
  }

  #checkProtocols({ protocolType, protocols }: Joining): void {
    const known = [...this.#group.core.members.values()].flatMap(({ classic }) => classic ?? []);
    const fits = protocols.some(({ name }) =>
      known.every((other) => other.protocols.some((theirs) => theirs.name === name)),
    );
    if (protocolType === CONSUMER && fits) return;
    throw new Refusal("INCONSISTENT_GROUP_PROTOCOL", "the member's protocols are not supported");
  }

  #sync({ memberId, groupInstanceId, generationId, protocolType, protocolName }: Syncing): SyncAnswer {
    const member = this.#member(memberId, groupInstanceId);
    checkGeneration(member, generationId);
    const isOther = protocolName !== null && protocolName !== protocolNameOf(member.classic);
    if (isOther || (protocolType !== null && protocolType !== CONSUMER)) {
      throw new Refusal("INCONSISTENT_GROUP_PROTOCOL", "that is not the protocol which the member was told");
    }
    if (this.#group.core.epoch > member.epoch && member.state !== "UNREVOKED_PARTITIONS") {
      this.#waitForJoin(member);
      throw new Refusal("REBALANCE_IN_PROGRESS", "the member has to join again");
    }
    this.#group.timers.cancel("sync", memberId);
    this.#group.timeSession(memberId, member.classic.sessionTimeoutMs);
    const assignment = assignmentBytes(member.assigned, member.classic, this.#topics);
    return { errorCode: NONE, protocolType, protocolName, assignment };
  }

  #waitForJoin({ memberId, rebalanceTimeoutMs }: Member): void {
    if (this.#group.timers.isSet("join", memberId)) return;
    this.#group.timeStep("join", memberId, rebalanceTimeoutMs);
  }

  /** An empty member id stands for whoever has the instance id. */
  #member(memberId: string, instanceId: string | null): ClassicMember {
    const { core } = this.#group;
    const member = instanceId === null ? core.members.get(memberId) : core.staticMember(instanceId);
    if (member == null) throw new Refusal("UNKNOWN_MEMBER_ID", `${memberId} is no member of the group`);
    if (instanceId !== null && memberId !== "") refuseFenced(member, memberId);
    if (isClassic(member)) return member;
    throw new Refusal("UNKNOWN_MEMBER_ID", `Member ${memberId} does not use the classic protocol.`);
  }
}

function isClassic(member: Member): member is ClassicMember {
  return member.classic !== null;
}

function checkGeneration({ epoch, memberId }: Member, generationId: number): void {
  if (epoch === generationId) return;
  throw new Refusal("ILLEGAL_GENERATION", `${memberId} is at epoch ${epoch}, and not ${generationId}`);
}

/** Whether the member has to join again: to go on, to say what it has given up, or to get what is free now. */
function hasToJoin(core: GroupState, member: Member): boolean {
  if (member.epoch < core.epoch || member.state === "UNREVOKED_PARTITIONS") return true;
  return member.state === "UNRELEASED_PARTITIONS" && !waitsForOthers(core, member);
}

function waitsForOthers(core: GroupState, { memberId, assigned }: Member): boolean {
  for (const [topicId, partitions] of core.targetOf(memberId)) {
    for (const partition of partitions) {
      if (assigned.get(topicId)?.includes(partition) !== true && core.isHeld(topicId, partition)) return true;
    }
  }
  return false;
}

function answered<Answer>(work: () => Answer, refused: (errorCode: number) => Answer): Answer {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) return refused(error.errorCode);
    if (error instanceof DecodeError) return refused(errorNumber("INCONSISTENT_GROUP_PROTOCOL"));
    throw error;
  }
}
