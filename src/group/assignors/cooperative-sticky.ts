import type { Assignor, GroupMember, MemberAssignment, TopicLayout } from "../assignor.ts";
import { comesToRest } from "./sticky/coming-to-rest.ts";
import { groupState } from "./sticky/group-state.ts";
import { RackMatching } from "./sticky/rack-matching.ts";
import { stickyAssignment } from "./sticky/sticky-assignment.ts";
import { decodeCooperativeStickyUserData, encodeCooperativeStickyUserData } from "./sticky/user-data.ts";

/**
 * Kafka's `cooperative-sticky` (KIP-429), the second of its defaults: assigns as `sticky` does, but lets members go on
 * reading while the group is rebalanced. A partition that moves is at first assigned to nobody; once its member has
 * given it up, that member joins again, and a second rebalance assigns it.
 *
 * Choose it unless topics have to be cut alike (`range`). All members have to have it, and it alone, for a group to
 * rebalance cooperatively; beside another assignor it works, in rebalances that stop everybody.
 *
 * Racks count as with `sticky` (KIP-881), unless the group would then never come to rest.
 */
export class CooperativeStickyAssignor implements Assignor {
  readonly name = "cooperative-sticky";
  readonly rebalanceProtocol = "cooperative";
  #generation = -1;

  userData(): Uint8Array {
    return encodeCooperativeStickyUserData(this.#generation);
  }

  assigned(_assignment: MemberAssignment, generationId: number): void {
    this.#generation = generationId;
  }

  assign(
    members: readonly GroupMember[],
    topics: ReadonlyMap<string, TopicLayout>,
  ): ReadonlyMap<string, MemberAssignment> {
    const state = groupState(members, topics, ({ subscription }, partitions) => {
      const { ownedPartitions, generationId, userData } = subscription;
      // Older members say it in the assignor's bytes only (KIP-792).
      const generation = generationId >= 0 ? generationId : decodeCooperativeStickyUserData(userData);
      return { partitions: partitions.numbersOf(ownedPartitions), generation };
    });
    let assignment = stickyAssignment(state);
    // Kafka's goes on with racks, and such a group rebalances without end.
    if (state.racks.matters && !comesToRest(state, assignment)) {
      assignment = stickyAssignment({ ...state, racks: RackMatching.none });
    }
    const { assigned, changingHands } = assignment;
    return new Map(
      state.members.map(({ memberId }, member) => {
        const given: number[] = [];
        for (const partition of assigned[member] as Iterable<number>) {
          if (!changingHands.has(partition)) given.push(partition);
        }
        return [memberId, state.partitions.toAssignment(given)];
      }),
    );
  }
}
