import { settleClaims } from "./claims.ts";
import type { GroupState } from "./group-state.ts";
import { type StickyAssignment, stickyAssignment } from "./sticky-assignment.ts";

/** Groups that come to rest at all do within ten or so. */
const MOST_REBALANCES = 100;

/**
 * Whether a group that rebalances cooperatively is done some day, if nobody joins or leaves: each rebalance that takes
 * something away is followed by another. With racks and members that are subscribed to different topics, the one may
 * take away what the other gives, over and over, since what is held back does not count as load meanwhile.
 */
export function comesToRest(state: GroupState, assignment: StickyAssignment): boolean {
  let generation = Math.max(0, ...state.claims.map((claim) => claim.generation));
  let current = assignment;
  const seen = new Set<string>();
  for (let rebalance = 0; rebalance < MOST_REBALANCES; rebalance++) {
    if (current.changingHands.size === 0) return true;
    generation++;
    const owner = new Int32Array(state.partitions.count).fill(-1);
    const claims = current.assigned.map((assigned, member) => {
      const partitions = [...assigned].filter((partition) => !current.changingHands.has(partition));
      for (const partition of partitions) owner[partition] = member;
      return { partitions, generation, subscriptionGeneration: generation };
    });
    const key = owner.join();
    if (seen.has(key)) return false;
    seen.add(key);
    current = stickyAssignment({ ...state, claims, settled: settleClaims(claims, state.order) });
  }
  return false;
}
