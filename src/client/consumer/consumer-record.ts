import type { RecordHeader } from "../../protocol/records/header-reader.ts";
import type { TimestampType } from "../../protocol/records/record-batch-header.ts";
import type { RecordView } from "../../protocol/records/record-view.ts";

/**
 * A record as it was read. Its parts are decoded when they are asked for; bytes are views on the memory of the batch that
 * they came in and of those around it, so copy what is to be kept for long.
 *
 * Key and value are what the consumer's deserializers make of them, and bytes without: see `keyDeserializer` and
 * `valueDeserializer`.
 */
export class ConsumerRecord<out K = Uint8Array, out V = Uint8Array> {
  readonly topic: string;
  readonly partition: number;
  readonly #view: RecordView;

  constructor(topic: string, partition: number, view: RecordView) {
    this.topic = topic;
    this.partition = partition;
    this.#view = view;
  }

  get offset(): bigint {
    return this.#view.offset;
  }

  /** Milliseconds since the epoch; -1 where the record has none. */
  get timestamp(): number {
    return this.#view.timestamp;
  }

  /** Whether the timestamp is the producer's or the broker's. */
  get timestampType(): TimestampType {
    return this.#view.batch.timestampType;
  }

  /** Epoch of the leader that wrote the record; -1 where it is not known. */
  get leaderEpoch(): number {
    return this.#view.batch.partitionLeaderEpoch;
  }

  /**
   * Null where it was sent as null.
   *
   * @throws SerializationError when the deserializer can make nothing of it. Value, headers and bytes can be read all
   * the same, and so can the next record.
   */
  get key(): K | null {
    // Without deserializers K is bytes; with them it is a DeserializedRecord that answers.
    return this.#view.key as K | null;
  }

  /**
   * Null where it was sent as null, which deletes the key from a compacted topic.
   *
   * @throws SerializationError when the deserializer can make nothing of it.
   */
  get value(): V | null {
    return this.#view.value as V | null;
  }

  /** The key as it was sent, whatever it means. */
  get keyBytes(): Uint8Array | null {
    return this.#view.key;
  }

  /** The value as it was sent, whatever it means. */
  get valueBytes(): Uint8Array | null {
    return this.#view.value;
  }

  /** In the order in which they were sent; keys may repeat. */
  get headers(): readonly RecordHeader[] {
    return this.#view.headers;
  }
}
