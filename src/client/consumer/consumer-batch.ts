import type { TopicPartition } from "./assignment.ts";
import type { ConsumerRecord } from "./consumer-record.ts";

/** Records of one partition, in order, at least one and at most `maxPollRecords`. */
export class ConsumerBatch<out K = Uint8Array, out V = Uint8Array> implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly ConsumerRecord<K, V>[];
  /**
   * Offset behind the last record that can be read, as the last fetch found it; null where none has told. With
   * `isolationLevel: "read_committed"` open transactions count as not there.
   */
  readonly endOffset: bigint | null;

  constructor(
    { topic, partition }: TopicPartition,
    records: readonly ConsumerRecord<K, V>[],
    endOffset: bigint | null,
  ) {
    this.topic = topic;
    this.partition = partition;
    this.records = records;
    this.endOffset = endOffset;
  }

  get firstOffset(): bigint {
    return (this.records[0] as ConsumerRecord<K, V>).offset;
  }

  get lastOffset(): bigint {
    return (this.records.at(-1) as ConsumerRecord<K, V>).offset;
  }

  /** The records themselves. */
  [Symbol.iterator](): IterableIterator<ConsumerRecord<K, V>> {
    return this.records[Symbol.iterator]();
  }
}
