import type { Assignor, GroupMember, MemberAssignment, TopicLayout } from "../assignor.ts";
import { groupState } from "./sticky/group-state.ts";
import { stickyAssignment } from "./sticky/sticky-assignment.ts";
import { decodeStickyUserData, encodeStickyUserData } from "./sticky/user-data.ts";

/**
 * Kafka's `sticky` (KIP-54): as even as can be across all topics, also where members are subscribed to different ones,
 * and such that members keep as much as can be of what they had.
 *
 * Choose it where members build something up for their partitions and yet all of them have to stop during a
 * rebalance; otherwise choose `cooperative-sticky`, which assigns in the same way and lets them go on. Members say what
 * they had in bytes of their own, so a subscription grows with the number of partitions.
 *
 * Where members have a `clientRack` and not all racks hold all partitions, partitions go to members in a rack of
 * theirs as far as that keeps the balance; what a member owns in another rack may be taken from it (KIP-881).
 */
export class StickyAssignor implements Assignor {
  readonly name = "sticky";
  readonly rebalanceProtocol = "eager";
  #assignment: MemberAssignment | null = null;
  #generation = -1;

  userData(): Uint8Array | null {
    return this.#assignment === null ? null : encodeStickyUserData(this.#assignment, this.#generation);
  }

  assigned(assignment: MemberAssignment, generationId: number): void {
    this.#assignment = assignment;
    this.#generation = generationId;
  }

  assign(
    members: readonly GroupMember[],
    topics: ReadonlyMap<string, TopicLayout>,
  ): ReadonlyMap<string, MemberAssignment> {
    // Members have given everything up before they joined, so what they own says nothing.
    const state = groupState(members, topics, ({ subscription }, partitions) => {
      const { previousAssignment, generation } = decodeStickyUserData(subscription.userData);
      return { partitions: partitions.numbersOf(previousAssignment), generation };
    });
    const { assigned } = stickyAssignment(state);
    return new Map(
      state.members.map(({ memberId }, member) => [
        memberId,
        state.partitions.toAssignment(assigned[member] as Iterable<number>),
      ]),
    );
  }
}
