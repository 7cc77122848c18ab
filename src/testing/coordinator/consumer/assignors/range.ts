/**
 * The `range` assignor of the coordinator: each topic is cut into one range for each of its subscribers, in the order
 * of their instance ids and after them of their member ids, so that topics with as many partitions are assigned alike.
 * It does not look at what members had.
 */

import type { Uuid } from "../../../../protocol/uuid.ts";
import type { AssignedMember, AssignorInput, ServerAssignor, TargetAssignment } from "./server-assignor.ts";

/** Where the next range of a topic starts. */
interface Cut {
  readonly smaller: number;
  /** How many ranges are yet to be larger by one. */
  larger: number;
  next: number;
}

export const rangeAssignor: ServerAssignor = {
  name: "range",
  assign: (input) => assign(input),
};

function assign({ members, partitionCount }: AssignorInput): TargetAssignment {
  const subscribers = new Map<Uuid, number>();
  for (const { topicIds } of members) {
    for (const topicId of topicIds) subscribers.set(topicId, (subscribers.get(topicId) ?? 0) + 1);
  }
  const cuts = new Map<Uuid, Cut>();
  for (const [topicId, count] of subscribers) {
    const partitions = partitionCount(topicId);
    cuts.set(topicId, { smaller: Math.floor(partitions / count), larger: partitions % count, next: 0 });
  }
  const target = new Map<string, Map<Uuid, readonly number[]>>();
  for (const { memberId, topicIds } of [...members].sort(inOrder)) {
    const assigned = new Map<Uuid, readonly number[]>();
    for (const topicId of topicIds) {
      const range = nextRange(cuts.get(topicId) as Cut);
      if (range.length > 0) assigned.set(topicId, range);
    }
    target.set(memberId, assigned);
  }
  return target;
}

function nextRange(cut: Cut): number[] {
  const { next: start } = cut;
  let length = cut.smaller;
  if (cut.larger > 0) {
    length++;
    cut.larger--;
  }
  cut.next = start + length;
  return Array.from({ length }, (_, i) => start + i);
}

/** Static members come first. */
function inOrder(a: AssignedMember, b: AssignedMember): number {
  if (a.instanceId !== null && b.instanceId !== null) return compare(a.instanceId, b.instanceId);
  if (a.instanceId !== null) return -1;
  if (b.instanceId !== null) return 1;
  return compare(a.memberId, b.memberId);
}

/** As Java compares texts: by UTF-16 units. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
