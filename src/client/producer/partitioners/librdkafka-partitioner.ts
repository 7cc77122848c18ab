import type { Clock } from "../../../platform/platform.ts";
import type { RecordField } from "../../../protocol/records/record-encoding.ts";
import type { KeyHashes } from "./key-hashes.ts";
import type { BuiltInPartitioner, PartitionerTopic, TopicPartitioner } from "./partitioner.ts";

/** Under librdkafka's names. */
export type LibrdkafkaPartitionerName = Exclude<BuiltInPartitioner, "default" | "round_robin" | "random">;

type Hash = (hashes: KeyHashes, key: string | Uint8Array) => number;

const HASHES: { readonly [name in LibrdkafkaPartitionerName]: Hash } = {
  consistent: (hashes, key) => hashes.crc32(key),
  consistent_random: (hashes, key) => hashes.crc32(key),
  murmur2_random: (hashes, key) => hashes.murmur2(key),
  fnv1a_random: (hashes, key) => hashes.fnv1a(key),
};

/**
 * By a hash of the key, and by chance without one, as librdkafka does: chance names one partition for a while (its
 * `sticky.partitioning.linger.ms`), so that batches have more than one record.
 */
export class LibrdkafkaPartitioner implements TopicPartitioner {
  readonly #hash: Hash;
  readonly #hashesEmptyKeys: boolean;
  readonly #hashes: KeyHashes;
  readonly #stickyMs: number;
  readonly #clock: Clock;
  #topic: PartitionerTopic | null = null;
  #partition = -1;
  #drawnAtMs = 0;

  /** @param stickyMs For how long chance stays with a partition. */
  constructor(name: LibrdkafkaPartitionerName, hashes: KeyHashes, stickyMs: number, clock: Clock) {
    this.#hash = HASHES[name];
    // An empty key of this one, the default of librdkafka, is none.
    this.#hashesEmptyKeys = name !== "consistent_random";
    this.#hashes = hashes;
    this.#stickyMs = stickyMs;
    this.#clock = clock;
  }

  partition(topic: PartitionerTopic, key: RecordField): number {
    if (key === null || (key.length === 0 && !this.#hashesEmptyKeys)) return this.#byChance(topic);
    return this.#hash(this.#hashes, key) % topic.partitionCount;
  }

  #byChance(topic: PartitionerTopic): number {
    const now = this.#clock.monotonicMs();
    if (now - this.#drawnAtMs > this.#stickyMs || this.#stickyMs === 0 || this.#isGoneFrom(topic)) {
      const { availablePartitions } = topic;
      this.#partition = availablePartitions[
        Math.floor(this.#clock.random() * availablePartitions.length)
      ] as number;
      this.#drawnAtMs = now;
    }
    return this.#partition;
  }

  #isGoneFrom(topic: PartitionerTopic): boolean {
    if (topic === this.#topic) return false;
    this.#topic = topic;
    return !topic.availablePartitions.includes(this.#partition);
  }
}
