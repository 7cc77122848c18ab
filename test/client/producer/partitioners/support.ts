import type { PartitionerTopic } from "../../../../src/client/producer/partitioners/partitioner.ts";

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Chance that is the same in each run: Lehmer's generator. */
export function seeded(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 0x7fff_ffff;
    return (state - 1) / 0x7fff_fffe;
  };
}

/** A topic of so many partitions, of which some have no leader. */
export function topicOf(partitionCount: number, withoutLeader: readonly number[] = []): PartitionerTopic {
  const partitions = Array.from({ length: partitionCount }, (_, partition) => partition);
  const led = partitions.filter((partition) => !withoutLeader.includes(partition));
  return { name: "t", partitionCount, availablePartitions: led.length > 0 ? led : partitions };
}

/** How often each partition was picked. */
export function counted(partitionCount: number, picks: readonly number[]): number[] {
  const counts = new Array<number>(partitionCount).fill(0);
  for (const pick of picks) counts[pick] = (counts[pick] ?? 0) + 1;
  return counts;
}

/** Pearson's chi-squared statistic of counts that should be in the ratio of `shares`. */
export function chiSquared(counts: readonly number[], shares: readonly number[]): number {
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  const unit = sum(counts) / sum(shares);
  return sum(
    counts.map((count, i) => (count - unit * (shares[i] as number)) ** 2 / (unit * (shares[i] as number))),
  );
}
