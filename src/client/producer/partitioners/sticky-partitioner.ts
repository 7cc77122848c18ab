import {
  leastBodySize,
  type RecordField,
  type RecordHeadersInput,
} from "../../../protocol/records/record-encoding.ts";
import { PartitionLoad } from "./partition-load.ts";
import type { PartitionerTopic, TopicPartitioner } from "./partitioner.ts";

/** What waits to be sent to the partitions of one topic. */
export interface PartitionQueues {
  /** Whether the partition has no batch that would take another record. */
  isComplete(partition: number): boolean;
  /** Batches that wait to be sent to the partition. */
  waitingBatches(partition: number): number;
  /** Whether the partition's leader has answered nothing for longer than it may. */
  isHeldUp(partition: number): boolean;
}

/** What decides how records without a key are spread. */
export interface StickyOptions {
  /** Bytes after which a partition has had enough. */
  readonly stickyBytes: number;
  /** Whether partitions with less in their queues are drawn more often. */
  readonly isAdaptive: boolean;
  /** From 0 up to, and not including, 1. */
  readonly random: () => number;
  readonly queues: PartitionQueues;
}

/**
 * To one partition until a batch's worth of bytes went there, then to another drawn by chance, as Kafka's Java client
 * does since KIP-794: batches fill up, slow brokers get less, and where all are as fast, partitions get equal shares.
 *
 * A partition is not left while its batch has room, since that batch would then go as it is: with a `lingerMs` in
 * which less than a batch comes together, each of two partitions would get a part. But after twice the bytes it is:
 * records with keys may have begun yet another batch there.
 *
 * Unlike Java, it draws when the next record comes and not after the last one, so that it knows how things are by
 * then; and a partition that lost its leader is left at once.
 */
export class StickyPartitioner implements TopicPartitioner {
  readonly #options: StickyOptions;
  readonly #load = new PartitionLoad();
  readonly #queueSizes: number[] = [];
  readonly #candidates: number[] = [];
  #topic: PartitionerTopic | null = null;
  #partition = -1;
  #bytes = 0;

  constructor(options: StickyOptions) {
    this.#options = options;
  }

  partition(
    topic: PartitionerTopic,
    key: RecordField,
    value: RecordField,
    headers: RecordHeadersInput,
  ): number {
    if (this.#hasHadEnough() || this.#isGoneFrom(topic)) {
      this.#partition = this.#draw(topic);
      this.#bytes = 0;
    }
    // Of text other than ASCII a little less than it takes, which is close enough.
    this.#bytes += leastBodySize(0, 0, key, value, headers);
    return this.#partition;
  }

  #hasHadEnough(): boolean {
    const { stickyBytes, queues } = this.#options;
    if (this.#bytes < stickyBytes) return false;
    return this.#bytes >= 2 * stickyBytes || queues.isComplete(this.#partition);
  }

  #isGoneFrom(topic: PartitionerTopic): boolean {
    if (topic === this.#topic) return false;
    this.#topic = topic;
    return !topic.availablePartitions.includes(this.#partition);
  }

  #draw(topic: PartitionerTopic): number {
    const { isAdaptive, random } = this.#options;
    const { availablePartitions } = topic;
    if (isAdaptive) this.#measure(topic);
    const { shares } = this.#load;
    if (shares > 0) return this.#load.partitionOf(Math.floor(random() * shares));
    return availablePartitions[Math.floor(random() * availablePartitions.length)] as number;
  }

  #measure({ partitionCount, availablePartitions }: PartitionerTopic): void {
    const { queues } = this.#options;
    let length = 0;
    for (const partition of availablePartitions) {
      const size = queues.waitingBatches(partition);
      // Where nothing waits, nothing says that the leader would not take it by now.
      if (size > 0 && queues.isHeldUp(partition)) continue;
      this.#candidates[length] = partition;
      this.#queueSizes[length++] = size;
    }
    this.#load.update(this.#queueSizes, this.#candidates, length, partitionCount);
  }
}
