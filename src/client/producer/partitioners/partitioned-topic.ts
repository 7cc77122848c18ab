import type { RecordField, RecordHeadersInput } from "../../../protocol/records/record-encoding.ts";
import { ConfigError } from "../../errors.ts";
import type { TopicMetadata } from "../../metadata.ts";
import type { PartitionerTopic, TopicPartitioner } from "./partitioner.ts";

/** One topic of a producer: says which partition a record goes to. */
export class PartitionedTopic {
  readonly #partitioner: TopicPartitioner;
  #metadata: TopicMetadata | null = null;
  #topic: PartitionerTopic = { name: "", partitionCount: 0, availablePartitions: [] };

  constructor(partitioner: TopicPartitioner) {
    this.#partitioner = partitioner;
  }

  /**
   * The partition that the record names, or the one that the partitioner picks.
   *
   * @param metadata The topic as it is now: partitions that were added count from the next record on.
   * @param named By the record; undefined where it names none.
   * @throws ConfigError when the topic has no such partition.
   */
  partitionOf(
    metadata: TopicMetadata,
    named: number | undefined,
    key: RecordField,
    value: RecordField,
    headers: RecordHeadersInput,
    timestamp: number,
  ): number {
    if (named !== undefined) return checked(named, metadata);
    if (metadata !== this.#metadata) {
      this.#metadata = metadata;
      this.#topic = describe(metadata);
    }
    return this.#partitioner.partition(this.#topic, key, value, headers, timestamp);
  }
}

function checked(partition: number, { name, partitions }: TopicMetadata): number {
  const count = partitions.length;
  if (partition < count) return partition;
  throw new ConfigError(
    `Topic "${name}" has ${count} partitions (0 to ${count - 1}), and the record names partition ${partition}`,
  );
}

function describe({ name, partitions }: TopicMetadata): PartitionerTopic {
  const led = partitions.filter(({ leaderId }) => leaderId >= 0);
  const availablePartitions = (led.length > 0 ? led : partitions).map(({ partition }) => partition);
  return { name, partitionCount: partitions.length, availablePartitions };
}
