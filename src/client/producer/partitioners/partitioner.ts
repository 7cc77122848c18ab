import type {
  RecordField,
  RecordHeaderInput,
  RecordHeadersInput,
} from "../../../protocol/records/record-encoding.ts";

/** What a partitioner is told of a record. */
export interface PartitionerRecord {
  readonly topic: string;
  /** As it will be sent; text is sent as UTF-8. */
  readonly key: RecordField;
  /** As it will be sent; text is sent as UTF-8. */
  readonly value: RecordField;
  readonly headers: readonly RecordHeaderInput[];
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
}

/** What a partitioner is told of the record's topic, as the cluster last described it. */
export interface PartitionerTopic {
  readonly name: string;
  /** Partitions are numbered from 0 up. A topic may be given more while it is in use, never fewer. */
  readonly partitionCount: number;
  /** Partitions that have a leader, in ascending order; all of them while none has. Never empty. */
  readonly availablePartitions: readonly number[];
}

/**
 * A partitioner of your own. It is called once for each record that names no partition, has to answer at once, and
 * must return a whole number from 0 up to, and not including, `topic.partitionCount`; anything else, and what it
 * throws, fails the record.
 *
 * @example
 * ```ts
 * import { Kafka, type Partitioner, partitionForKey } from "kafkawire";
 *
 * // The last partition is for those who must not wait behind others.
 * const partitioner: Partitioner = ({ key, headers }, { partitionCount }) =>
 *   headers.some((header) => header.key === "urgent")
 *     ? partitionCount - 1
 *     : partitionForKey(key ?? "", Math.max(1, partitionCount - 1));
 *
 * await using kafka = new Kafka({ bootstrapServers: "localhost:9092" });
 * const producer = kafka.producer({ partitioner });
 * await producer.send({ topic: "orders", key: "42", value: "paid", headers: { urgent: "yes" } });
 * ```
 */
export type Partitioner = (record: PartitionerRecord, topic: PartitionerTopic) => number;

/** Partitioners that are there, by the names of Kafka's Java client and of librdkafka. */
export const BUILT_IN_PARTITIONERS = [
  "default",
  "round_robin",
  "random",
  "consistent",
  "consistent_random",
  "murmur2_random",
  "fnv1a_random",
] as const;

/** The name of a partitioner that is there. */
export type BuiltInPartitioner = (typeof BUILT_IN_PARTITIONERS)[number];

/**
 * Picks partitions of one topic. Each topic of a producer has one of its own: it may keep state. It runs for every
 * record, and is given that in parts, so that no object has to be made.
 */
export interface TopicPartitioner {
  /** @param topic The same object for as long as nothing about the topic changes. */
  partition(
    topic: PartitionerTopic,
    key: RecordField,
    value: RecordField,
    headers: RecordHeadersInput,
    timestamp: number,
  ): number;
}
