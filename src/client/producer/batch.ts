import type { CompressionCodec } from "../../protocol/records/compression-type.ts";
import { RecordBatchBuilder } from "../../protocol/records/record-batch-builder.ts";
import type { RecordField, RecordHeaderInput } from "../../protocol/records/record-encoding.ts";
import { rewriteProducerState } from "../../protocol/records/rewrite-producer-state.ts";
import type { Recipient } from "./delivery.ts";
import type { RecordMetadata } from "./record.ts";

/** What a broker said of a batch that it took. */
export interface Acknowledgement {
  /** Offset of the first record; -1 where the broker did not tell. */
  readonly baseOffset: bigint;
  /** -1 where the records keep their own timestamps. */
  readonly logAppendTimeMs: number;
}

/** Who a batch comes from, for its header. */
export interface BatchStamp {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly isTransactional: boolean;
}

/** What a batch is made with. */
export interface BatchOptions {
  readonly topic: string;
  readonly partition: number;
  /** On the monotonic clock. */
  readonly createdAtMs: number;
  /** Bytes at which it takes no more records; the first one always fits. */
  readonly limit: number;
  /** Bytes to begin with. */
  readonly capacity: number;
  readonly allocate: ((size: number) => Uint8Array) | undefined;
  /** Is given the memory that it has outgrown. */
  readonly outgrown: (buffer: Uint8Array) => void;
}

/** What the books take for a record beside its bytes: who waits for it, and its timestamp. */
const RECORD_COST = 48;
/** The same for a batch. */
const BATCH_COST = 512;

/** How far a batch is. */
type Encoding = "open" | "under way" | "done";

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
  /** A request with it has no answer yet. */
  isOnTheWay = false;
  /** The bytes of the last attempt went to a connection. */
  isWritten = false;
  /** An attempt got no answer that tells whether it was written. */
  mayBeWritten = false;
  /** It has sequence numbers, and keeps them. */
  isSequenced = false;
  /** Its bytes carry these numbers. */
  isStamped = false;
  /** It is being made into others, and must not be sent as it is. */
  isBeingSplit = false;
  /** Node id of the broker that it was last sent to; null before. */
  sentTo: number | null = null;
  /** Bytes before compression; 0 before it is closed. */
  plainSize = 0;
  /** Bytes that the buffer memory was charged for it. */
  charged = 0;
  readonly #builder: RecordBatchBuilder;
  readonly #outgrown: (buffer: Uint8Array) => void;
  readonly #limit: number;
  /** What the builder writes into. */
  #buffer: Uint8Array;
  #recipients: Recipient[] = [];
  #numbers: number[] = [];
  #timestamps: number[] = [];
  #recordCount = 0;
  #bytes: Uint8Array | null = null;
  #encoding: Encoding = "open";
  #settled = false;
  #settledListeners: (() => void)[] = [];

  constructor({ topic, partition, createdAtMs, limit, capacity, allocate, outgrown }: BatchOptions) {
    this.#builder = new RecordBatchBuilder({ allocate, capacity });
    this.#buffer = this.#builder.buffer;
    this.#outgrown = outgrown;
    this.#limit = limit;
    this.topic = topic;
    this.partition = partition;
    this.createdAtMs = createdAtMs;
  }

  /** Bytes so far: before compression until it is encoded. */
  get size(): number {
    return this.#builder.size;
  }

  get recordCount(): number {
    return this.#recordCount;
  }

  /** Whether every waiter has its answer. */
  get isSettled(): boolean {
    return this.#settled;
  }

  /** Bytes of memory that it holds, by and large. */
  get cost(): number {
    return BATCH_COST + this.#buffer.byteLength + this.#recordCount * RECORD_COST;
  }

  /** Bytes as they are sent; 0 before they are known. */
  get encodedSize(): number {
    return this.#bytes?.byteLength ?? 0;
  }

  /** The bytes to send, once they were made. */
  get bytes(): Uint8Array {
    return this.#bytes as Uint8Array;
  }

  /**
   * Adds a record; `recipient` is told under `number` what the batch comes to, in the order of the records.
   *
   * @returns false when there is no room, and nothing is added.
   */
  append(
    timestamp: number,
    key: RecordField,
    value: RecordField,
    headers: readonly RecordHeaderInput[] | undefined,
    recipient: Recipient,
    number: number,
  ): boolean {
    if (!this.#builder.appendWithin(this.#limit, timestamp, key, value, headers)) return false;
    const { buffer } = this.#builder;
    if (buffer !== this.#buffer) {
      this.#outgrown(this.#buffer);
      this.#buffer = buffer;
    }
    this.#recipients.push(recipient);
    this.#numbers.push(number);
    this.#timestamps.push(timestamp);
    this.#recordCount++;
    // Closed, it does not linger: nothing more would fit.
    if (this.#builder.size >= this.#limit) this.isClosed = true;
    return true;
  }

  /**
   * Compresses the records, and so makes the bytes to send.
   *
   * @param later is called with null when they are there, or with why they never will, where that takes a while.
   * @returns whether they are there now.
   */
  compress(codec: CompressionCodec, later: (error: unknown) => void): boolean {
    if (this.#encoding !== "open") return this.#encoding === "done";
    this.#close();
    this.#encoding = "under way";
    const built = this.#builder.build({ compression: codec });
    if (built instanceof Uint8Array) {
      this.#encoded(built);
      return true;
    }
    built.then((bytes) => {
      this.#encoded(bytes);
      later(null);
    }, later);
    return false;
  }

  /**
   * Makes the bytes to send if there are none yet, with who sends them in their header; null for nobody in
   * particular. Not while they are on the way.
   */
  encode(stamp: BatchStamp | null): Uint8Array {
    if (this.#bytes === null) {
      this.#close();
      this.#encoded(this.#builder.build(stamp ?? {}));
    } else if (stamp !== null) {
      rewriteProducerState(this.#bytes, stamp);
    }
    if (stamp !== null) this.isStamped = true;
    return this.bytes;
  }

  /** Gives up the memory that it was written into; null while that is still being compressed. */
  releaseBuffer(): Uint8Array | null {
    this.#bytes = null;
    return this.#encoding === "under way" ? null : this.#builder.buffer;
  }

  /** The records were taken. */
  acknowledge({ baseOffset, logAppendTimeMs }: Acknowledgement, onThrown: (error: unknown) => void): void {
    if (this.#settled) return;
    const { topic, partition } = this;
    this.#settle((recipient, index) => {
      const metadata: RecordMetadata = {
        topic,
        partition,
        offset: baseOffset < 0n ? -1n : baseOffset + BigInt(index),
        timestamp: logAppendTimeMs < 0 ? (this.#timestamps[index] as number) : logAppendTimeMs,
      };
      if (typeof recipient === "function") recipient(null, metadata);
      else recipient.delivered(this.#numbers[index] as number, metadata);
    }, onThrown);
  }

  /** The records were not taken, or nobody knows. */
  fail(errorOf: (index: number) => Error, onThrown: (error: unknown) => void): void {
    this.#settle((recipient, index) => {
      const error = errorOf(index);
      if (typeof recipient === "function") (recipient as (error: Error) => void)(error);
      else recipient.failed(this.#numbers[index] as number, error);
    }, onThrown);
  }

  /** Whether there is a record whose fate nobody asked to be told. */
  get hasUnwatched(): boolean {
    return this.#recipients.includes(null);
  }

  /** Resolves when every waiter has its answer, whichever it is. */
  whenSettled(): Promise<void> {
    return this.#settled ? Promise.resolve() : new Promise((resolve) => this.#settledListeners.push(resolve));
  }

  /**
   * Hands what it stands for over to batches that take its place, each with its next records in order: who waits,
   * and what is known of its sending.
   */
  handOverTo(parts: readonly ProducerBatch[]): void {
    let at = 0;
    for (const part of parts) {
      part.isClosed = true;
      // That it is too large was no failure of theirs (KIP-126).
      part.attempts = this.attempts - 1;
      part.lastFailure = this.lastFailure;
      part.mayBeWritten = this.mayBeWritten;
      part.isSequenced = this.isSequenced;
      for (let i = 0; i < part.#recordCount; i++, at++) {
        part.#recipients[i] = this.#recipients[at] as Recipient;
        part.#numbers[i] = this.#numbers[at] as number;
      }
    }
    this.#settled = true;
    const listeners = this.#settledListeners.splice(0);
    let left = parts.length;
    for (const part of parts) {
      part.#settledListeners.push(() => {
        left--;
        if (left === 0) for (const listener of listeners) listener();
      });
    }
  }

  #close(): void {
    this.isClosed = true;
    // The builder's size is that of the compressed records once they are.
    this.plainSize = this.#builder.size;
  }

  #encoded(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#encoding = "done";
  }

  #settle(
    answer: (recipient: Exclude<Recipient, null>, index: number) => void,
    onThrown: (error: unknown) => void,
  ): void {
    if (this.#settled) return;
    this.#settled = true;
    for (let i = 0; i < this.#recipients.length; i++) {
      const recipient = this.#recipients[i] as Recipient;
      if (recipient === null) continue;
      try {
        answer(recipient, i);
      } catch (error) {
        // One who throws keeps no other from being told.
        onThrown(error);
      }
    }
    // Nobody is kept in memory by a batch that is. New arrays: to empty one takes longer than to make one.
    this.#recipients = [];
    this.#numbers = [];
    this.#timestamps = [];
    const listeners = this.#settledListeners;
    this.#settledListeners = [];
    for (const listener of listeners) listener();
  }
}
