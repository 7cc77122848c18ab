import { ConfigError } from "../errors.ts";
import { type HeadersToSend, prepareHeaders } from "./headers.ts";
import { prepareData, type RecordData } from "./record-data.ts";

/** A record to send. `K` and `V` are what the producer's serializers take; without any, what can be sent as it is. */
export interface ProducerRecord<out K = RecordData, out V = RecordData> {
  readonly topic: string;
  /** Decides the partition where none is given; records with one key stay in order. Default: null. */
  readonly key?: K | null | undefined;
  /** Null is a tombstone in a compacted topic. Default: null. */
  readonly value?: V | null | undefined;
  readonly headers?: HeadersToSend | undefined;
  /** Overrides the partitioner. */
  readonly partition?: number | undefined;
  /** Milliseconds since the epoch. Default: now. */
  readonly timestamp?: number | undefined;
}

/** Where a record went. */
export interface RecordMetadata {
  readonly topic: string;
  readonly partition: number;
  /** -1 with `acks: 0`: the broker does not tell. */
  readonly offset: bigint;
  /** That of the record, or the broker's where the topic has `message.timestamp.type=LogAppendTime`. */
  readonly timestamp: number;
}

/**
 * Checks a record as far as that can be done without the cluster.
 *
 * @throws ConfigError naming the part that is wrong.
 */
export function checkRecord(record: ProducerRecord): void {
  checkPlace(record);
  const { topic } = record;
  prepareData(record.key, topic, "key");
  prepareData(record.value, topic, "value");
  prepareHeaders(record.headers, topic);
}

/** @throws ConfigError when topic, partition or timestamp cannot be right. */
export function checkPlace(record: Pick<ProducerRecord, "topic" | "partition" | "timestamp">): void {
  if (typeof record !== "object" || record === null)
    throw new ConfigError("A record must be an object with a topic: give { topic, key, value }");
  const { topic, partition, timestamp } = record;
  if (typeof topic !== "string" || topic === "")
    throw new ConfigError("A record needs a topic: give it as `topic`");
  if (partition !== undefined && (!Number.isInteger(partition) || partition < 0)) {
    throw new ConfigError(`Record for topic "${topic}": partition ${partition} is not a number from 0 up`);
  }
  if (timestamp !== undefined && (!Number.isSafeInteger(timestamp) || timestamp < 0)) {
    throw new ConfigError(
      `Record for topic "${topic}": timestamp ${timestamp} is not a whole number of milliseconds since the epoch`,
    );
  }
}
