import type { RecordField, RecordHeadersInput } from "../../../protocol/records/record-encoding.ts";
import type { KeyHashes } from "./key-hashes.ts";
import type { PartitionerTopic, TopicPartitioner } from "./partitioner.ts";

/** What Kafka's Java client does unless it is told otherwise: by murmur2 of the key, and without one as `keyless` does. */
export class DefaultPartitioner implements TopicPartitioner {
  readonly #hashes: KeyHashes;
  readonly #keyless: TopicPartitioner;

  constructor(hashes: KeyHashes, keyless: TopicPartitioner) {
    this.#hashes = hashes;
    this.#keyless = keyless;
  }

  partition(
    topic: PartitionerTopic,
    key: RecordField,
    value: RecordField,
    headers: RecordHeadersInput,
    timestamp: number,
  ): number {
    if (key === null) return this.#keyless.partition(topic, key, value, headers, timestamp);
    return this.#hashes.murmur2(key) % topic.partitionCount;
  }
}
