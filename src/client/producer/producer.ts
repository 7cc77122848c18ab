import type { CompressionCodec } from "../../protocol/records/compression-type.ts";
import type { CloseOptions } from "../close-options.ts";
import type { Cluster } from "../cluster.ts";
import type { ResolvedProducerConfig } from "../config/producer-config.ts";
import { ClosedError, TimeoutError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { ProducerObserver } from "../observe/producer-observer.ts";
import { Deadline, within } from "../retry.ts";
import { Accumulator } from "./accumulator.ts";
import { BufferMemory } from "./buffer-memory.ts";
import type { DeliveryCallback } from "./delivery.ts";
import { HandOver } from "./hand-over.ts";
import type { IdentitySource } from "./identity.ts";
import { ProducerIdSource } from "./producer-id.ts";
import type { ProducerRecord, RecordMetadata } from "./record.ts";
import type { RecordData } from "./record-data.ts";
import { RecordIntake } from "./record-intake.ts";
import type { SerializeRecord } from "./record-serializer.ts";
import { Sender } from "./sender.ts";
import { TopicQueues } from "./topic-queues.ts";

/** What a call can be given beside its arguments. */
export interface SendOptions {
  /**
   * Gives up the wait for room in the buffer and for the topic to be known; what is already on its way is not called
   * back.
   */
  readonly signal?: AbortSignal;
}

/** What {@link Producer.flush} takes. */
export interface FlushOptions {
  /** Longest wait in milliseconds. Default: as long as the records may take, by `deliveryTimeoutMs`. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What {@link Producer.ready} takes. */
export interface ReadyOptions {
  /** Longest wait in milliseconds. Default: `maxBlockMs`. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What {@link Producer} is made of; `Kafka.producer` makes it. */
export interface ProducerParts<K, V> {
  readonly cluster: Cluster;
  readonly config: ResolvedProducerConfig;
  readonly requestTimeoutMs: number;
  readonly maxInFlight: number;
  readonly codec: CompressionCodec | null;
  /** Null where records can be sent as they are. */
  readonly serialize: SerializeRecord<K, V> | null;
  readonly logger: Logger;
  readonly allocate: ((size: number) => Uint8Array) | undefined;
  readonly onClose: () => void;
}

/**
 * Sends records. Records of one partition are written in the order in which they were handed over, each once, also
 * when some have to be sent again (KIP-98): see `enableIdempotence`. `K` and `V` are what its serializers take.
 *
 * @example
 * ```ts
 * import { Kafka } from "kafkawire";
 *
 * await using kafka = new Kafka({ bootstrapServers: "localhost:9092" });
 * await using producer = kafka.producer({ compressionType: "gzip" });
 * const { partition, offset } = await producer.send({ topic: "orders", key: "42", value: "paid" });
 * console.log(partition, offset);
 * ```
 */
export class Producer<in K = RecordData, in V = RecordData> implements AsyncDisposable {
  readonly #parts: ProducerParts<K, V>;
  readonly #memory: BufferMemory;
  readonly #identity: IdentitySource | null;
  readonly #intake: RecordIntake;
  readonly #handOver: HandOver;
  readonly #sender: Sender;
  readonly #observer: ProducerObserver;
  readonly #waiting: TopicQueues;
  #isClosing = false;
  #closed: Promise<void> | null = null;

  constructor(parts: ProducerParts<K, V>) {
    this.#parts = parts;
    const { cluster, config, logger } = parts;
    const { clock } = cluster;
    // Kafka says no end as 0.
    const deliveryTimeoutMs =
      config.deliveryTimeoutMs === 0 ? Number.POSITIVE_INFINITY : config.deliveryTimeoutMs;
    const nowMs = (): number => clock.monotonicMs();
    const memory = new BufferMemory(config.bufferMemory, clock, () =>
      this.#bufferExhausted(config.maxBlockMs),
    );
    this.#memory = memory;
    this.#waiting = new TopicQueues((topic) =>
      cluster.topic(topic, { deadline: new Deadline(clock, config.maxBlockMs) }),
    );
    const { batchSize } = config;
    const accumulator = new Accumulator({ batchSize, memory, nowMs, allocate: parts.allocate });
    this.#observer = new ProducerObserver(cluster.observability, {
      accumulator,
      deliveryTimeoutMs,
      lingerMs: config.lingerMs,
      recordsWithoutTopic: () => this.#waiting.recordCount,
      nowMs,
    });
    this.#identity = config.enableIdempotence
      ? new ProducerIdSource(cluster, parts.requestTimeoutMs, logger)
      : null;
    this.#sender = new Sender(cluster, accumulator, {
      ...config,
      deliveryTimeoutMs,
      maxInFlight: parts.maxInFlight,
      transactionalId: null,
      identity: this.#identity,
      memory,
      observer: this.#observer,
      requestTimeoutMs: parts.requestTimeoutMs,
      codec: parts.codec,
      logger,
    });
    this.#intake = new RecordIntake({
      cluster,
      config,
      accumulator,
      memory,
      sender: this.#sender,
      waiting: this.#waiting,
      logger,
    });
    this.#handOver = new HandOver({
      intake: this.#intake,
      memory,
      clock,
      maxBlockMs: config.maxBlockMs,
      exhausted: () => this.#bufferExhausted(0),
      wake: () => this.#sender.wake(),
    });
  }

  /**
   * Sends one record, or several whose metadata comes back in the same order. While the buffer (`bufferMemory`) is
   * full it waits for room, in the order of calls.
   *
   * @throws SerializationError when a serializer can make nothing of a key or value: then none of them is sent.
   * @throws ConfigError when a record cannot be right: then none of them is sent; and `MESSAGE_TOO_LARGE` when it is
   * larger than `maxRequestSize`.
   * @throws TimeoutError `TIMEOUT` when the topic was not found within `maxBlockMs`, `BUFFER_EXHAUSTED` when there was
   * no room within that time, or when more than `bufferMemory` waits for room already. The record was not sent.
   * @throws DeliveryError when the broker refused the record, or it was not acknowledged within `deliveryTimeoutMs`;
   * `mayBeWritten` says whether it may stand in the log all the same.
   * @throws SendError when some of several records failed, once the outcome of each is known; `results` has them.
   */
  send(record: ProducerRecord<K, V>, options?: SendOptions): Promise<RecordMetadata>;
  send(records: readonly ProducerRecord<K, V>[], options?: SendOptions): Promise<RecordMetadata[]>;
  send(
    records: ProducerRecord<K, V> | readonly ProducerRecord<K, V>[],
    { signal }: SendOptions = {},
  ): Promise<RecordMetadata | RecordMetadata[]> {
    try {
      this.#checkOpen();
      signal?.throwIfAborted();
      return isList(records)
        ? this.#handOver.many(this.#allToSend(records), signal)
        : this.#handOver.one(this.#toSend(records), signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Takes a record and makes no promise: the cheapest way to send many. Once it gives false the buffer is full, and
   * {@link ready} says when it has room; the record was taken all the same.
   *
   * @param callback is called once, when the record was delivered or has failed. Without one a failure goes to the
   * logger.
   * @returns whether there is room for more.
   * @throws TimeoutError `BUFFER_EXHAUSTED` when the buffer was full before. The record was not taken, as with any
   * error that is thrown here.
   * @throws ConfigError when the record cannot be right, SerializationError when a serializer can make nothing of it.
   *
   * @example
   * ```ts
   * import { Kafka } from "kafkawire";
   *
   * await using kafka = new Kafka({ bootstrapServers: "localhost:9092" });
   * await using producer = kafka.producer();
   * for (let i = 0; i < 1_000_000; i++) {
   *   const hasRoom = producer.enqueue({ topic: "orders", value: `order ${i}` }, (error) => {
   *     if (error !== null) console.error(error.message);
   *   });
   *   if (!hasRoom) await producer.ready();
   * }
   * await producer.flush();
   * ```
   */
  enqueue(record: ProducerRecord<K, V>, callback: DeliveryCallback | null = null): boolean {
    this.#checkOpen();
    if (this.#memory.isFull) throw this.#bufferExhausted(0);
    this.#intake.take(this.#toSend(record), callback, 0, undefined);
    return !this.#memory.isFull;
  }

  /**
   * Resolves once the buffer has room again: half of it, so that who waits has something to do then.
   *
   * @throws TimeoutError `BUFFER_EXHAUSTED` when there was none in time, with what stood in the way.
   */
  async ready({ timeoutMs, signal }: ReadyOptions = {}): Promise<void> {
    this.#checkOpen();
    signal?.throwIfAborted();
    if (!this.#memory.isFull) return;
    const { cluster, config } = this.#parts;
    const deadline = new Deadline(cluster.clock, timeoutMs ?? config.maxBlockMs);
    const late = (): Error => this.#bufferExhausted(deadline.timeoutMs);
    this.#sender.wake();
    const room = within(cluster.clock, this.#memory.whenRoom(), deadline, signal, late);
    await cluster.observability.waits.during(room, "room in a producer's buffer", deadline);
    this.#checkOpen();
  }

  /**
   * Sends what lingers, and waits until every record handed over so far was delivered or has failed. Giving up the
   * wait calls nothing back.
   *
   * @throws TimeoutError when there is a `timeoutMs`, and it was not enough.
   */
  async flush({ timeoutMs, signal }: FlushOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    const { cluster, config } = this.#parts;
    // Records settle within these times, so that nothing is cut short where nobody asked for it.
    const longestMs =
      config.deliveryTimeoutMs === 0 ? LONGEST_MS : 2 * config.maxBlockMs + config.deliveryTimeoutMs;
    const deadline = new Deadline(cluster.clock, timeoutMs ?? longestMs);
    const late = (): Error => {
      const why = cluster.diagnosis();
      const message = `Not all records were delivered or failed within ${deadline.timeoutMs} ms`;
      return new TimeoutError("TIMEOUT", `${message}${why === "" ? "" : `: ${why}`}`);
    };
    const flushed = within(cluster.clock, this.#settled(), deadline, signal, late);
    await cluster.observability.waits.during(flushed, "a producer to be flushed", deadline);
  }

  async #settled(): Promise<void> {
    // Calls of send() that wait for room are in no batch yet, and in no queue.
    await this.#handOver.whenServed();
    await this.#taken();
  }

  async #taken(): Promise<void> {
    // A record that still waits for its topic is in no batch yet.
    const lookUps = this.#waiting.lookUps().map((lookedUp) => lookedUp.then(() => this.#sender.flush()));
    await Promise.all([this.#sender.flush(), ...lookUps]);
  }

  /**
   * Flushes and ends. Records that are not delivered within the time fail. Further calls wait for the first.
   *
   * @param options.timeoutMs Longest wait in milliseconds. Default: `deliveryTimeoutMs`.
   */
  close(options: CloseOptions = {}): Promise<void> {
    this.#closed ??= this.#close(options);
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(options: CloseOptions): Promise<void> {
    const { cluster, config } = this.#parts;
    this.#isClosing = true;
    const timeoutMs = options.timeoutMs ?? (config.deliveryTimeoutMs || CLOSE_TIMEOUT_MS);
    const deadline = new Deadline(cluster.clock, timeoutMs);
    const closed = new ClosedError(
      "producer",
      `The producer was closed, and within ${timeoutMs} ms the record was not acknowledged: give close() a longer timeoutMs`,
    );
    try {
      const settled = this.#settled().then(() => this.#sender.whenHandedOver());
      const flushed = within(cluster.clock, settled, deadline, undefined, () => closed);
      await cluster.observability.waits.during(flushed, "a producer to be closed", deadline);
    } catch (error) {
      if (error !== closed) throw error;
    } finally {
      this.#memory.close(closed);
      this.#waiting.rejectAll(closed);
      this.#sender.abandon(closed);
      this.#identity?.close();
      this.#observer.close();
      this.#parts.onClose();
    }
  }

  #toSend(record: ProducerRecord<K, V>): ProducerRecord {
    const { serialize } = this.#parts;
    // Without serializers K and V are what can be sent.
    return serialize === null ? (record as ProducerRecord) : serialize(record);
  }

  #allToSend(records: readonly ProducerRecord<K, V>[]): readonly ProducerRecord[] {
    const { serialize } = this.#parts;
    return serialize === null ? (records as readonly ProducerRecord[]) : records.map(serialize);
  }

  #checkOpen(): void {
    if (this.#isClosing) throw new ClosedError("producer");
  }

  #bufferExhausted(waitedMs: number): Error {
    const { cluster, config } = this.#parts;
    const waited = waitedMs === 0 ? "is full" : `had no room for ${waitedMs} ms`;
    const why = cluster.diagnosis();
    const advice = why === "" ? "wait for ready() or for send(), send less, or raise bufferMemory" : why;
    const message = `The producer's buffer of ${config.bufferMemory} bytes (bufferMemory) ${waited}: ${advice}`;
    return new TimeoutError("BUFFER_EXHAUSTED", message);
  }
}

/** As good as no end, and short enough for a timer of any runtime. */
const LONGEST_MS = 0x7fff_ffff;

/** Where records may take for ever, close() is bounded all the same. */
const CLOSE_TIMEOUT_MS = 120_000;

function isList<Each>(records: Each | readonly Each[]): records is readonly Each[] {
  return Array.isArray(records);
}
