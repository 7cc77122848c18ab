import type { CompressionCodec } from "../../protocol/records/compression-type.ts";
import { RecordBatchBuilder } from "../../protocol/records/record-batch-builder.ts";
import type { PreparedRecord, RecordMetadata } from "./record.ts";

/** Who waits for a record. */
export interface Delivery {
  readonly resolve: (metadata: RecordMetadata) => void;
  readonly reject: (error: unknown) => void;
}

/** What a broker said of a batch that it took. */
export interface Acknowledgement {
  /** Offset of the first record; -1 where the broker did not tell. */
  readonly baseOffset: bigint;
  /** -1 where the records keep their own timestamps. */
  readonly logAppendTimeMs: number;
}

/** Records for one partition that are sent together, and who waits for each. */
export class ProducerBatch {
  readonly topic: string;
  readonly partition: number;
  /** On the monotonic clock. */
  readonly createdAtMs: number;
  /** How often it was sent in vain. */
  attempts = 0;
  /** Why the last attempt failed. */
  lastFailure: unknown = null;
  /** No more records are to be added. */
  isClosed = false;
  /** Node id of the broker that it was last sent to; null before. */
  sentTo: number | null = null;
  /** Bytes as they are sent; 0 before they are known. */
  encodedSize = 0;
  /** Bytes before compression; 0 before it is closed. */
  plainSize = 0;
  readonly #builder: RecordBatchBuilder;
  readonly #deliveries: Delivery[] = [];
  readonly #timestamps: number[] = [];
  #bytes: Uint8Array | null = null;
  #settled = false;
  readonly #settledListeners: (() => void)[] = [];

  constructor(
    topic: string,
    partition: number,
    createdAtMs: number,
    allocate?: (size: number) => Uint8Array,
  ) {
    this.#builder = new RecordBatchBuilder({ allocate });
    this.topic = topic;
    this.partition = partition;
    this.createdAtMs = createdAtMs;
  }

  /** Bytes so far, before compression. */
  get size(): number {
    return this.#builder.size;
  }

  get recordCount(): number {
    return this.#builder.recordCount;
  }

  /** Whether every waiter has its answer. */
  get isSettled(): boolean {
    return this.#settled;
  }

  /** Whether the batch stays within `limit` bytes with this record. The first one always has room. */
  hasRoomFor(record: PreparedRecord, limit: number): boolean {
    if (this.#builder.recordCount === 0) return true;
    return this.#builder.hasRoomFor(limit, record.timestamp, record.key, record.value, record.headers);
  }

  /** Adds a record; `delivery` is told what the batch comes to, in the order of the records. */
  append(record: PreparedRecord, delivery: Delivery): void {
    this.#builder.append(record.timestamp, record.key, record.value, record.headers);
    this.#deliveries.push(delivery);
    this.#timestamps.push(record.timestamp);
  }

  /** The bytes to send, made once: a retry sends the very same. */
  async encode(compression: CompressionCodec | null): Promise<Uint8Array> {
    this.isClosed = true;
    // The builder's size is that of the compressed records once they are.
    if (this.plainSize === 0) this.plainSize = this.#builder.size;
    this.#bytes ??= await this.#builder.build({ compression });
    this.encodedSize = this.#bytes.byteLength;
    return this.#bytes;
  }

  /** The records were taken. */
  acknowledge({ baseOffset, logAppendTimeMs }: Acknowledgement): void {
    this.#settle((delivery, index) =>
      delivery.resolve({
        topic: this.topic,
        partition: this.partition,
        offset: baseOffset < 0n ? -1n : baseOffset + BigInt(index),
        timestamp: logAppendTimeMs < 0 ? (this.#timestamps[index] as number) : logAppendTimeMs,
      }),
    );
  }

  /** The records were not taken, or nobody knows. */
  fail(error: unknown): void {
    this.#settle((delivery) => delivery.reject(error));
  }

  /** Resolves when every waiter has its answer, whichever it is. */
  whenSettled(): Promise<void> {
    return this.#settled ? Promise.resolve() : new Promise((resolve) => this.#settledListeners.push(resolve));
  }

  #settle(answer: (delivery: Delivery, index: number) => void): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#bytes = null;
    this.#deliveries.forEach(answer);
    this.#deliveries.length = 0;
    this.#timestamps.length = 0;
    for (const listener of this.#settledListeners.splice(0)) listener();
  }
}
