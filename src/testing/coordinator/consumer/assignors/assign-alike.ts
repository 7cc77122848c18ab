/** Uniform assignment where all members subscribe to the same topics: partitions are all alike then. */

import type { Uuid } from "../../../../protocol/uuid.ts";
import { fromSets, toSets } from "../partitions.ts";
import type { AssignedMember, AssignorInput, TargetAssignment } from "./server-assignor.ts";

type Sets = Map<Uuid, Set<number>>;

interface TopicPartition {
  readonly topicId: Uuid;
  readonly partition: number;
}

/** A member that may have more. */
interface Unfilled {
  readonly sets: Sets;
  room: number;
}

/**
 * Assigns. Where the number is not even, some may have one partition more than the others: those that have one more
 * already, and after them the last. Who has more than it may keeps the first ones. (Kafka 4.0 and 4.1 let the first
 * members have more.)
 */
export function assignAlike({ members, partitionCount }: AssignorInput): TargetAssignment {
  const topicIds = new Set((members[0] as AssignedMember).topicIds);
  if (topicIds.size === 0) return new Map();
  const held: Sets = new Map();
  for (const { assigned } of members) {
    for (const [topicId, partitions] of assigned) {
      const set = held.get(topicId) ?? new Set();
      for (const partition of partitions) set.add(partition);
      held.set(topicId, set);
    }
  }
  const free: TopicPartition[] = [];
  let total = 0;
  for (const topicId of topicIds) {
    const count = partitionCount(topicId);
    total += count;
    for (let partition = 0; partition < count; partition++) {
      if (held.get(topicId)?.has(partition) !== true) free.push({ topicId, partition });
    }
  }
  const quota = Math.floor(total / members.length);
  /** How many members are yet to have one more. */
  let extra = total % members.length;
  const target = new Map<string, Sets>();
  const unfilled: Unfilled[] = [];
  members.forEach(({ memberId, assigned }, index) => {
    let mayHaveMore = extra > 0;
    let room = mayHaveMore ? quota + 1 : quota;
    const sets = toSets(assigned);
    for (const [topicId, set] of sets) {
      if (!topicIds.has(topicId)) {
        sets.delete(topicId);
        continue;
      }
      for (const partition of [...set]) {
        if (room > 0) {
          room--;
        } else {
          set.delete(partition);
          free.push({ topicId, partition });
        }
      }
    }
    if (room > 0 && mayHaveMore && members.length - index > extra) {
      mayHaveMore = false;
      room--;
    }
    if (mayHaveMore) extra--;
    target.set(memberId, sets);
    if (room > 0) unfilled.push({ sets, room });
  });
  deal(free, unfilled);
  return new Map(Array.from(target, ([memberId, sets]) => [memberId, fromSets(sets)]));
}

/** Fills one member after the other. */
function deal(free: readonly TopicPartition[], unfilled: readonly Unfilled[]): void {
  let member = 0;
  for (const { topicId, partition } of free) {
    while ((unfilled[member] as Unfilled).room === 0) member++;
    const { sets } = unfilled[member] as Unfilled;
    const set = sets.get(topicId) ?? new Set();
    set.add(partition);
    sets.set(topicId, set);
    (unfilled[member] as Unfilled).room--;
  }
}
