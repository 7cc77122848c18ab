import type { TransactionPartition } from "./transaction-state.ts";

/** Partitions as records and responses have them: the numbers of each topic, in the order in which they came. */
export function byTopic(
  partitions: readonly TransactionPartition[],
): { readonly topic: string; readonly partitions: number[] }[] {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of partitions) {
    const numbers = topics.get(topic);
    if (numbers === undefined) topics.set(topic, [partition]);
    else numbers.push(partition);
  }
  return Array.from(topics, ([topic, numbers]) => ({ topic, partitions: numbers }));
}
