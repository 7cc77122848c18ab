/** From a member that has changed to what it is told: the group's epoch, the targets of all, and its own next step. */

import type { AssignedMember, TargetAssignment } from "./assignors/server-assignor.ts";
import { areSameTopics, isSameProfile, isSameStanding, type Member } from "./member.ts";
import { areSame, NO_PARTITIONS, type TopicPartitions } from "./partitions.ts";
import { patternChanged } from "./patterns.ts";
import { reconcile } from "./reconcile.ts";
import type { Transition } from "./transition.ts";

/**
 * Takes over what a member says, and moves it on.
 *
 * @param before as it was, or a member of which nothing is known
 * @param after as it describes itself now
 * @param mayHaveChanged whether topics may have changed since they were looked at
 * @param owned what it says that it owns; null where it did not say
 * @returns the member as it is then
 */
export function takeOver(
  transition: Transition,
  before: Member,
  after: Member,
  { mayHaveChanged, owned }: { readonly mayHaveChanged: boolean; readonly owned: TopicPartitions | null },
): Member {
  const { state, settings } = transition;
  // Of releases in which groups start with it.
  const isNewGroup = state.epoch === 0;
  const assignorBefore = assignorOf(transition);
  const patternsBefore = state.patternCounts();
  if (!state.members.has(after.memberId) || !isSameProfile(before, after)) transition.setProfile(after);
  const pattern = patternChanged(transition, before, after, patternsBefore);
  const haveTopicsChanged = !areSameTopics(before.topics, after.topics);
  const hasAssignorChanged = settings.rules.raisesForAssignor && assignorOf(transition) !== assignorBefore;
  const isRaised = isNewGroup || haveTopicsChanged || pattern === "resolved" || hasAssignorChanged;
  if (isRaised || mayHaveChanged) {
    const metadataHash = transition.metadataHash();
    if (isRaised || metadataHash !== state.metadataHash) transition.raiseEpoch(metadataHash);
  }
  computeTargets(transition);
  const member = state.members.get(after.memberId) as Member;
  return moveOn(transition, member, owned, haveTopicsChanged || pattern !== "same");
}

/** The name of the assignor for the group. */
export function assignorOf({ state, settings }: Transition): string {
  return state.preferredAssignor ?? (settings.assignors[0]?.name as string);
}

/** Computes the targets of all members, if those that there are belong to an earlier epoch. */
function computeTargets(transition: Transition): void {
  const { state, settings, surroundings } = transition;
  const { target, epoch } = state;
  if (epoch <= target.epoch) return;
  const { assignmentIntervalMs } = settings;
  const isTooEarly = surroundings.nowMs < target.timestampMs + assignmentIntervalMs;
  if (target.timestampMs !== 0 && assignmentIntervalMs !== 0 && isTooEarly) return;
  const targets = computed(transition);
  for (const memberId of state.members.keys()) {
    const partitions = targets.get(memberId) ?? NO_PARTITIONS;
    if (hasTarget(transition, memberId) && areSame(partitions, state.targetOf(memberId))) continue;
    transition.make({ type: "target", memberId, partitions });
  }
  transition.make({ type: "targetEpoch", target: { epoch, timestampMs: surroundings.nowMs } });
}

function computed(transition: Transition): TargetAssignment {
  const { state, settings, surroundings } = transition;
  const name = assignorOf(transition);
  const assignor = settings.assignors.find((one) => one.name === name);
  if (assignor === undefined) throw new Error(`there is no assignor ${name}`);
  const members: AssignedMember[] = Array.from(state.members.values(), (member) => ({
    memberId: member.memberId,
    instanceId: member.instanceId,
    topicIds: [...transition.subscribedIds(member)],
    assigned: state.targetOf(member.memberId),
  }));
  const partitionCount = surroundings.topics.partitionCount;
  return assignor.assign({ members, isHomogeneous: state.isHomogeneous, partitionCount });
}

function hasTarget({ state }: Transition, memberId: string): boolean {
  return [...state.targeted].includes(memberId);
}

function moveOn(
  transition: Transition,
  member: Member,
  owned: TopicPartitions | null,
  hasSubscriptionChanged: boolean,
): Member {
  const { state } = transition;
  const target = {
    epoch: state.target.epoch,
    partitions: state.targetOf(member.memberId),
    subscribed: transition.subscribedIds(member),
    hasSubscriptionChanged,
    isHeld: state.isHeld.bind(state),
  };
  const next = reconcile(member, target, owned);
  if (!isSameStanding(next, member)) transition.setStanding(next);
  return next;
}
