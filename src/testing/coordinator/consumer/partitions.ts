/** Sets of partitions by the ids of their topics, as groups of the consumer protocol speak of them. */

import type { Uuid } from "../../../protocol/uuid.ts";

/** Partitions of topics, ascending; no topic is without any. */
export type TopicPartitions = ReadonlyMap<Uuid, readonly number[]>;

export const NO_PARTITIONS: TopicPartitions = new Map();

/** How requests and responses list them. */
export interface ListedPartitions {
  readonly topicId: Uuid;
  readonly partitions: number[];
}

export function listed(partitions: TopicPartitions): ListedPartitions[] {
  return Array.from(partitions, ([topicId, numbers]) => ({ topicId, partitions: [...numbers] }));
}

/** From a list, in which a topic may come twice and partitions in any order. */
export function fromList(
  list: Iterable<{ readonly topicId: Uuid; readonly partitions: readonly number[] }>,
): TopicPartitions {
  const sets = new Map<Uuid, Set<number>>();
  for (const { topicId, partitions } of list) {
    const set = sets.get(topicId) ?? new Set();
    for (const partition of partitions) set.add(partition);
    if (set.size > 0) sets.set(topicId, set);
  }
  return fromSets(sets);
}

export function fromSets(sets: ReadonlyMap<Uuid, ReadonlySet<number>>): TopicPartitions {
  const partitions = new Map<Uuid, readonly number[]>();
  for (const [topicId, set] of sets) {
    if (set.size > 0)
      partitions.set(
        topicId,
        [...set].sort((a, b) => a - b),
      );
  }
  return partitions;
}

/** The same, as sets that can be changed. */
export function toSets(partitions: TopicPartitions): Map<Uuid, Set<number>> {
  return new Map(Array.from(partitions, ([topicId, numbers]) => [topicId, new Set(numbers)]));
}

export function areSame(a: TopicPartitions, b: TopicPartitions): boolean {
  if (a.size !== b.size) return false;
  for (const [topicId, partitions] of a) {
    const others = b.get(topicId);
    if (others === undefined || others.length !== partitions.length) return false;
    if (partitions.some((partition, i) => partition !== others[i])) return false;
  }
  return true;
}

/** Whether all of `part` is in `whole`. */
export function isWithin(part: TopicPartitions, whole: TopicPartitions): boolean {
  for (const [topicId, partitions] of part) {
    const all = whole.get(topicId);
    if (all === undefined || partitions.some((partition) => !all.includes(partition))) return false;
  }
  return true;
}

/** Whether the two have a partition in common. */
export function overlap(a: TopicPartitions, b: TopicPartitions): boolean {
  for (const [topicId, partitions] of a) {
    const others = b.get(topicId);
    if (others !== undefined && partitions.some((partition) => others.includes(partition))) return true;
  }
  return false;
}

/** What is in `a` and not in `b`. */
export function without(a: TopicPartitions, b: TopicPartitions): TopicPartitions {
  return filtered(a, (topicId, partition) => b.get(topicId)?.includes(partition) !== true);
}

/** What is in both. */
export function common(a: TopicPartitions, b: TopicPartitions): TopicPartitions {
  return filtered(a, (topicId, partition) => b.get(topicId)?.includes(partition) === true);
}

/** What is in either. */
export function union(a: TopicPartitions, b: TopicPartitions): TopicPartitions {
  if (b.size === 0) return a;
  return fromList([...listed(a), ...listed(b)]);
}

export function filtered(
  from: TopicPartitions,
  keep: (topicId: Uuid, partition: number) => boolean,
): TopicPartitions {
  const kept = new Map<Uuid, readonly number[]>();
  for (const [topicId, partitions] of from) {
    const some = partitions.filter((partition) => keep(topicId, partition));
    if (some.length > 0) kept.set(topicId, some);
  }
  return kept;
}
