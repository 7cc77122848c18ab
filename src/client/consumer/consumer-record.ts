import type { RecordHeader } from "../../protocol/records/header-reader.ts";
import type { RecordBatch } from "../../protocol/records/record-batch.ts";
import type { TimestampType } from "../../protocol/records/record-batch-header.ts";
import type { RecordView } from "../../protocol/records/record-view.ts";

/**
 * A record as it was read. Its parts are decoded when they are asked for; bytes are views on the memory of the
 * answer that they came in, so copy what is to be kept for long.
 */
export class ConsumerRecord {
  readonly topic: string;
  readonly partition: number;
  readonly #batch: RecordBatch;
  readonly #view: RecordView;

  constructor(topic: string, partition: number, batch: RecordBatch, view: RecordView) {
    this.#batch = batch;
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
    return this.#batch.timestampType;
  }

  /** Epoch of the leader that wrote the record; -1 where it is not known. */
  get leaderEpoch(): number {
    return this.#batch.partitionLeaderEpoch;
  }

  get key(): Uint8Array | null {
    return this.#view.key;
  }

  get value(): Uint8Array | null {
    return this.#view.value;
  }

  /** In the order in which they were sent; keys may repeat. */
  get headers(): readonly RecordHeader[] {
    return this.#view.headers;
  }
}
