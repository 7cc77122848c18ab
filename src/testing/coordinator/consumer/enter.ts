/** Who a request comes from: a member that the group knows, a new one, or one that takes a static member's place. */

import { Refusal } from "../../error-code.ts";
import type { ConsumerGroupRules } from "../../releases.ts";
import { JOINS, LEAVES_FOR_A_WHILE, type Member, newMember } from "./member.ts";
import { isWithin, type TopicPartitions } from "./partitions.ts";
import type { Transition } from "./transition.ts";

export interface Entry {
  readonly memberId: string;
  /** What the member says; classic members are not asked for it. */
  readonly memberEpoch: number;
  readonly instanceId: string | null;
  readonly owned: TopicPartitions | null;
  /** Whether it may be one that the group does not know. */
  readonly isJoining: boolean;
  /** Whether it speaks the classic protocol. */
  readonly isClassic: boolean;
}

/**
 * The member, as the group knows it; a new one is not part of it yet.
 *
 * @throws Refusal where it is not to be had.
 */
export function enter(transition: Transition, entry: Entry): Member {
  refuseIfFull(transition, entry);
  return entry.instanceId === null ? dynamic(transition, entry) : fixed(transition, entry, entry.instanceId);
}

function refuseIfFull({ state, settings }: Transition, { memberId, instanceId }: Entry): void {
  if (instanceId !== null && state.staticMember(instanceId) !== null) return;
  if (state.members.size < settings.maxSize || state.members.has(memberId)) return;
  throw new Refusal(
    "GROUP_MAX_SIZE_REACHED",
    `The consumer group has reached its maximum capacity of ${settings.maxSize} members.`,
  );
}

function dynamic({ state, settings }: Transition, entry: Entry): Member {
  const { memberId, isJoining, isClassic } = entry;
  const member = state.members.get(memberId);
  if (member === undefined) {
    if (isJoining) return newMember(memberId);
    throw new Refusal("UNKNOWN_MEMBER_ID", `Member ${memberId} is not a member of group ${state.groupId}.`);
  }
  if (!isClassic) checkEpoch(settings.rules, member, entry);
  return member;
}

function fixed(transition: Transition, entry: Entry, instanceId: string): Member {
  const { memberId, isJoining, isClassic } = entry;
  const existing = transition.state.staticMember(instanceId);
  if (!isJoining) {
    if (existing === null) throw new Refusal("UNKNOWN_MEMBER_ID", `Instance id ${instanceId} is unknown.`);
    refuseFenced(existing, memberId);
    if (!isClassic) checkEpoch(transition.settings.rules, existing, entry);
    return existing;
  }
  if (existing === null) return transition.state.members.get(memberId) ?? newMember(memberId);
  if (!isClassic && existing.classic === null && existing.epoch !== LEAVES_FOR_A_WHILE) {
    throw new Refusal(
      "UNRELEASED_INSTANCE_ID",
      `Static member ${memberId} with instance id ${instanceId} cannot join the group because the instance id is ` +
        `owned by ${existing.memberId} member.`,
    );
  }
  return replaced(transition, existing, memberId);
}

/** @throws Refusal where another member has the instance id. */
export function refuseFenced(existing: Member, memberId: string): void {
  if (existing.memberId === memberId) return;
  throw new Refusal(
    "FENCED_INSTANCE_ID",
    `Static member ${memberId} with instance id ${existing.instanceId} was fenced by member ${existing.memberId}.`,
  );
}

/** The member that takes over everything from a static one that was there before. */
function replaced(transition: Transition, existing: Member, memberId: string): Member {
  const partitions = transition.state.targetOf(existing.memberId);
  const member = { ...existing, memberId, epoch: JOINS, previousEpoch: JOINS };
  transition.removeMember(existing.memberId);
  transition.setProfile(member);
  transition.make({ type: "target", memberId, partitions });
  transition.setStanding(member);
  return member;
}

/** @throws Refusal where the member is at another epoch, unless the answer that told it of its own was lost. */
function checkEpoch(rules: ConsumerGroupRules, member: Member, { memberEpoch, owned }: Entry): void {
  if (memberEpoch === member.epoch || (memberEpoch === JOINS && rules.takesRejoins)) return;
  const missedAnswer =
    memberEpoch === member.previousEpoch && owned !== null && isWithin(owned, member.assigned);
  if (memberEpoch < member.epoch && missedAnswer) return;
  const which = memberEpoch > member.epoch ? "greater" : "smaller";
  throw new Refusal(
    "FENCED_MEMBER_EPOCH",
    `The consumer group member has a ${which} member epoch (${memberEpoch}) than the one known by the group ` +
      `coordinator (${member.epoch}). The member must abandon all its partitions and rejoin.`,
  );
}
