/** Members that go, or have to go. */

import { Refusal } from "../../error-code.ts";
import { refuseFenced } from "./enter.ts";
import { LEAVES_FOR_A_WHILE, type Member } from "./member.ts";
import { NO_PARTITIONS } from "./partitions.ts";
import { forgetUnused } from "./patterns.ts";
import type { Transition } from "./transition.ts";

/**
 * The member that wants to leave.
 *
 * @throws Refusal where the group has none such.
 */
export function leaver({ state }: Transition, memberId: string, instanceId: string | null): Member {
  if (instanceId === null) {
    const member = state.members.get(memberId);
    if (member !== undefined) return member;
    throw new Refusal("UNKNOWN_MEMBER_ID", `Member ${memberId} is not a member of group ${state.groupId}.`);
  }
  const member = state.staticMember(instanceId);
  if (member === null) throw new Refusal("UNKNOWN_MEMBER_ID", `Instance id ${instanceId} is unknown.`);
  refuseFenced(member, memberId);
  return member;
}

/** A static member leaves that will be back: until its session ends it keeps what it has. */
export function leaveForAWhile(transition: Transition, member: Member): void {
  transition.setStanding({ ...member, epoch: LEAVES_FOR_A_WHILE, revoking: NO_PARTITIONS });
}

/** Removes members for good. */
export function removeMembers(transition: Transition, memberIds: readonly string[]): void {
  for (const memberId of memberIds) transition.removeMember(memberId);
  forgetUnused(transition);
  transition.raiseEpoch(transition.metadataHash());
  const { state } = transition;
  if (state.members.size > 0) return;
  // Whoever comes next is assigned at once.
  transition.make({ type: "targetEpoch", target: { epoch: state.epoch, timestampMs: 0 } });
}
