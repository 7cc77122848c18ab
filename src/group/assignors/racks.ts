/** What the assignors have in common where they look at racks (KIP-881). */

import type { GroupMember, TopicLayout } from "../assignor.ts";

/** `clientRack` of a member; null for none, as which Kafka takes an empty one too. */
export function rackOf({ subscription: { rackId } }: GroupMember): string | null {
  return rackId === "" ? null : rackId;
}

/** The racks that hold each partition of a topic, each rack once. */
export function racksByPartition({ partitions, racks }: TopicLayout): (readonly string[])[] {
  return Array.from({ length: partitions }, (_, partition) => {
    const all = racks[partition] ?? [];
    return all.length < 2 ? all : [...new Set(all)];
  });
}

/**
 * Whether it can make a difference to look at racks: members have to be in racks that hold partitions, and not every
 * partition may be in every rack.
 *
 * @param byPartition the racks of each partition, each rack once
 */
export function racksMatter(
  ofMembers: ReadonlySet<string>,
  byPartition: readonly (readonly string[])[],
): boolean {
  const ofPartitions = new Set(byPartition.flat());
  if (![...ofMembers].some((rack) => ofPartitions.has(rack))) return false;
  return byPartition.some((racks) => racks.length !== ofPartitions.size);
}
