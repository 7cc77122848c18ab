import type { PartitionerTopic, TopicPartitioner } from "./partitioner.ts";

/** To any partition by chance, whatever the key; each record anew. */
export class RandomPartitioner implements TopicPartitioner {
  readonly #random: () => number;

  /** @param random From 0 up to, and not including, 1. */
  constructor(random: () => number) {
    this.#random = random;
  }

  partition({ availablePartitions }: PartitionerTopic): number {
    return availablePartitions[Math.floor(this.#random() * availablePartitions.length)] as number;
  }
}
