/** Partitions by the id of their topic, as the heartbeats of KIP-848 name them. Never changed: what changes is a new one. */

import type { Uuid } from "../../protocol/uuid.ts";

export type PartitionSet = ReadonlyMap<Uuid, ReadonlySet<number>>;

export const NO_PARTITIONS: PartitionSet = new Map();

/** As they stand in requests and responses. */
export interface TopicIdPartitions {
  readonly topicId: Uuid;
  readonly partitions: readonly number[];
}

/** What a coordinator listed. What it lists twice counts once; no partition has a number below 0. */
export function setOf(listed: readonly TopicIdPartitions[]): PartitionSet {
  const all = new Map<Uuid, Set<number>>();
  for (const { topicId, partitions } of listed) {
    for (const partition of partitions) if (partition >= 0) add(all, topicId, partition);
  }
  return all;
}

/** Sorted, so that the same partitions are always the same request. */
export function listOf(set: PartitionSet): TopicIdPartitions[] {
  return [...set.keys()]
    .sort()
    .map((topicId) => ({ topicId, partitions: [...(set.get(topicId) ?? [])].sort((a, b) => a - b) }));
}

export function plus(set: PartitionSet, added: PartitionSet): PartitionSet {
  const all = new Map<Uuid, Set<number>>();
  for (const each of [set, added]) {
    for (const [topicId, partitions] of each)
      for (const partition of partitions) add(all, topicId, partition);
  }
  return all;
}

export function minus(set: PartitionSet, removed: PartitionSet): PartitionSet {
  const rest = new Map<Uuid, Set<number>>();
  for (const [topicId, partitions] of set) {
    const others = removed.get(topicId);
    for (const partition of partitions)
      if (others === undefined || !others.has(partition)) add(rest, topicId, partition);
  }
  return rest;
}

/** Those whose topic is one of `topicIds`. */
export function ofTopics(set: PartitionSet, topicIds: { has(topicId: Uuid): boolean }): PartitionSet {
  return new Map([...set].filter(([topicId]) => topicIds.has(topicId)));
}

export function isSame(a: PartitionSet, b: PartitionSet): boolean {
  return a.size === b.size && minus(a, b).size === 0 && minus(b, a).size === 0;
}

export function countOf(set: PartitionSet): number {
  let count = 0;
  for (const partitions of set.values()) count += partitions.size;
  return count;
}

function add(set: Map<Uuid, Set<number>>, topicId: Uuid, partition: number): void {
  const partitions = set.get(topicId);
  if (partitions === undefined) set.set(topicId, new Set([partition]));
  else partitions.add(partition);
}
