import type { GroupMember, TopicLayout } from "../../assignor.ts";
import { rackOf, racksByPartition, racksMatter } from "../racks.ts";

/** Which members are in a rack that holds a partition (KIP-881). */
export class RackMatching {
  /** Of members that say no rack. */
  static readonly none = new RackMatching([], []);

  /** Whether it makes a difference to look at racks; otherwise everything matches. */
  readonly matters: boolean;
  readonly #rackOf: readonly (string | null)[];
  readonly #racksOf: readonly (readonly string[])[];
  readonly #membersIn = new Map<string, number>();

  /** @param topics those of the partitions, in the order of their numbers */
  constructor(members: readonly GroupMember[], topics: readonly TopicLayout[]) {
    this.#rackOf = members.map(rackOf);
    for (const rack of this.#rackOf) {
      if (rack !== null) this.#membersIn.set(rack, (this.#membersIn.get(rack) ?? 0) + 1);
    }
    this.#racksOf = this.#membersIn.size === 0 ? [] : topics.flatMap(racksByPartition);
    this.matters = racksMatter(new Set(this.#membersIn.keys()), this.#racksOf);
  }

  /** Whether the partition is away from the rack that the member says it is in. */
  mismatch(member: number, partition: number): boolean {
    if (!this.matters) return false;
    const rack = this.#rackOf[member] as string | null;
    return rack !== null && !this.#racksOf[partition]?.includes(rack);
  }

  /** Whether the member says its rack, and the partition is there. */
  match(member: number, partition: number): boolean {
    const rack = this.#rackOf[member] ?? null;
    return this.matters && rack !== null && (this.#racksOf[partition]?.includes(rack) ?? false);
  }

  /**
   * The partitions in the same order, but those first that the fewest members have in their rack. Like Kafka's, it
   * sorts as soon as one member says its rack, even where racks make no difference.
   */
  fewestMembersFirst(partitions: readonly number[]): number[] {
    if (this.#membersIn.size === 0) return [...partitions];
    return partitions
      .map((partition) => ({ partition, members: this.#membersNear(partition) }))
      .sort((a, b) => a.members - b.members)
      .map(({ partition }) => partition);
  }

  #membersNear(partition: number): number {
    let members = 0;
    for (const rack of this.#racksOf[partition] ?? []) members += this.#membersIn.get(rack) ?? 0;
    return members;
  }
}
