import type { PartitionerTopic, TopicPartitioner } from "./partitioner.ts";

/** To one partition after another, whatever the key. */
export class RoundRobinPartitioner implements TopicPartitioner {
  #count = 0;

  partition({ availablePartitions }: PartitionerTopic): number {
    const turn = this.#count % availablePartitions.length;
    // From 2^31 on it starts over, as Java's does: a small integer is quick.
    this.#count = (this.#count + 1) & 0x7fff_ffff;
    return availablePartitions[turn] as number;
  }
}
