import { ConstrainedAssignment } from "./constrained-assignment.ts";
import { GeneralAssignment } from "./general-assignment.ts";
import type { GroupState } from "./group-state.ts";

/** Who shall have what. Members and partitions are numbers. */
export interface StickyAssignment {
  /** By member, in the order in which it got them. */
  readonly assigned: readonly Iterable<number>[];
  /** Partitions that may still be in the hands of another member than the one that they are assigned to. */
  readonly changingHands: ReadonlySet<number>;
}

/** As even as can be, and such that members keep as much as can be of what they own. */
export function stickyAssignment(state: GroupState): StickyAssignment {
  if (state.members.length === 0) return { assigned: [], changingHands: new Set() };
  if (allSubscribedToTheSame(state)) return new ConstrainedAssignment(state);
  const { assigned } = new GeneralAssignment(state);
  return { assigned, changingHands: changingHands(state, assigned) };
}

/**
 * Kafka forgives members that are subscribed to nothing, such as by a pattern that matches nothing, if they come first;
 * and then assigns partitions to them, which they refuse.
 */
function allSubscribedToTheSame({ members }: GroupState): boolean {
  const topics = new Set(members[0]?.subscription.topics);
  return members.every(({ subscription }) => {
    const others = new Set(subscription.topics);
    return others.size === topics.size && subscription.topics.every((topic) => topics.has(topic));
  });
}

/** What a member owns and another one is assigned that does not. */
function changingHands(
  { claims, partitions }: GroupState,
  assigned: readonly ReadonlySet<number>[],
): ReadonlySet<number> {
  const assignedTo = new Int32Array(partitions.count).fill(-1);
  assigned.forEach((ofMember, member) => {
    for (const partition of ofMember) assignedTo[partition] = member;
  });
  const changing = new Set<number>();
  const staying = new Set<number>();
  claims.forEach((claim, member) => {
    for (const partition of claim.partitions) {
      (assignedTo[partition] === member ? staying : changing).add(partition);
    }
  });
  for (const partition of staying) changing.delete(partition);
  return changing;
}
