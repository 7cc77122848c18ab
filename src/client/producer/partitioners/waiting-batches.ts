import type { TopicState } from "../accumulator.ts";
import type { PartitionQueues } from "./sticky-partitioner.ts";

/** What the producer has of a topic, as its partitioner looks at it. */
export class WaitingBatches implements PartitionQueues {
  readonly #topic: TopicState;
  readonly #isHeldUp: (topic: string, partition: number) => boolean;

  /** @param isHeldUp Whether a partition's leader has answered nothing for longer than it may. */
  constructor(topic: TopicState, isHeldUp: (topic: string, partition: number) => boolean) {
    this.#topic = topic;
    this.#isHeldUp = isHeldUp;
  }

  isComplete(partition: number): boolean {
    const open = this.#topic.queues[partition]?.open ?? null;
    return open === null;
  }

  waitingBatches(partition: number): number {
    let count = 0;
    for (const { isOnTheWay } of this.#topic.queues[partition]?.batches ?? []) if (!isOnTheWay) count++;
    return count;
  }

  isHeldUp(partition: number): boolean {
    return this.#isHeldUp(this.#topic.name, partition);
  }
}
