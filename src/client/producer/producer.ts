import type { CompressionCodec } from "../../protocol/records/compression-type.ts";
import type { CloseOptions } from "../close-options.ts";
import type { Cluster } from "../cluster.ts";
import type { ResolvedProducerConfig } from "../config/producer-config.ts";
import type { ConsumerGroupMetadata } from "../consumer-group-metadata.ts";
import type { Coordinators } from "../coordinators.ts";
import { ClosedError, messageOf, TimeoutError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { ProducerObserver } from "../observe/producer-observer.ts";
import type { OffsetToCommit } from "../offset-to-commit.ts";
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
import { LazyTransactions, notTransactional } from "./transactions/lazy-transactions.ts";
import type { Transaction } from "./transactions/transaction.ts";
import type { TransactionCallOptions, TransactionManager } from "./transactions/transaction-manager.ts";

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
  readonly coordinators: Coordinators;
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
  /** Null without a transactional id. */
  readonly #transactions: LazyTransactions | null;
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
    this.#waiting = new TopicQueues({
      clock,
      find: (topic, timeoutMs, anew) =>
        cluster.topic(topic, { deadline: new Deadline(clock, timeoutMs), anew }),
      notFound: (topic) => cluster.topicNotFound(topic, config.maxBlockMs),
    });
    const { batchSize } = config;
    const accumulator = new Accumulator({ batchSize, memory, nowMs, allocate: parts.allocate });
    this.#observer = new ProducerObserver(cluster.observability, {
      accumulator,
      deliveryTimeoutMs,
      lingerMs: config.lingerMs,
      recordsWithoutTopic: () => this.#waiting.recordCount,
      nowMs,
    });
    const { transactionalId = null } = config;
    this.#transactions =
      transactionalId === null
        ? null
        : new LazyTransactions(
            cluster,
            parts.coordinators,
            { ...parts, ...config, transactionalId },
            { flush: () => this.#settled(), drop: (error) => this.#drop(error) },
          );
    this.#identity =
      this.#transactions ??
      (config.enableIdempotence ? new ProducerIdSource(cluster, parts.requestTimeoutMs, logger) : null);
    this.#sender = new Sender(cluster, accumulator, {
      ...config,
      deliveryTimeoutMs,
      maxInFlight: parts.maxInFlight,
      transactionalId,
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
   * full it waits for room, in the order of calls. Keys and values that are bytes may change once it has settled.
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
      const send = (): Promise<RecordMetadata | RecordMetadata[]> =>
        isList(records)
          ? this.#handOver.many(this.#allToSend(records), signal)
          : this.#handOver.one(this.#toSend(records), signal);
      return this.#transactions === null ? send() : this.#transactions.sending(send);
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
    const recipient = this.#transactions === null ? callback : this.#transactions.watching(callback);
    this.#intake.take(this.#toSend(record), recipient, 0, undefined);
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
    let forget = (): void => {};
    const room = new Promise<void>((resolve) => {
      forget = this.#memory.onRoom(resolve);
    });
    this.#sender.wake();
    try {
      const waited = within(cluster.clock, room, deadline, signal, late);
      await cluster.observability.waits.during(waited, "room in a producer's buffer", deadline);
    } finally {
      forget();
    }
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

  /**
   * Begins a transaction, runs `work` in it, and commits it: its records and offsets are then seen by
   * `read_committed` readers, all of them at once. Where `work` throws, or a record fails, it is aborted, none of it
   * is ever seen, and the error is thrown. That an abort failed too stands in the error's `suppressed`.
   *
   * @param options.signal Aborts the transaction, until its commit begins.
   * @returns what `work` returns.
   * @throws KafkaError `TRANSACTION_ABORTABLE` when a record or an offset failed, which is its cause; with `fatal`,
   * such as `PRODUCER_FENCED`, when another producer took over the transactional id: close this one.
   * @throws TimeoutError `TIMEOUT` when it is not known within `maxBlockMs` whether the commit came about: call
   * {@link commitTransaction}, which goes on with it.
   *
   * @example
   * ```ts
   * import { Kafka } from "kafkawire";
   *
   * await using kafka = new Kafka({ bootstrapServers: "localhost:9092" });
   * await using producer = kafka.producer({ transactionalId: "billing-1" });
   * await producer.transaction(async (tx) => {
   *   tx.send({ topic: "orders", key: "42", value: "paid" });
   *   tx.send({ topic: "invoices", key: "42", value: "due" });
   *   await tx.sendOffsets([{ topic: "carts", partition: 0, offset: 17n }], { groupId: "billing" });
   * });
   * ```
   */
  transaction<T>(
    work: (tx: Transaction<ProducerRecord<K, V>>) => Promise<T> | T,
    options: TransactionCallOptions = {},
  ): Promise<T> {
    return this.#transactional((transactions) => transactions.run(this, work, options));
  }

  /**
   * Fences earlier producers of the transactional id, and ends what they left open. The first transaction does so by
   * itself; call it for this to happen at once.
   *
   * @throws BrokerError such as `TRANSACTIONAL_ID_AUTHORIZATION_FAILED`; it may be called again.
   */
  initTransactions(options?: TransactionCallOptions): Promise<void> {
    return this.#withTransactions(options, (manager) => manager.initialize(options));
  }

  /**
   * Begins a transaction: what is sent from now on is part of it, until {@link commitTransaction} or
   * {@link abortTransaction}.
   *
   * @throws KafkaError `ILLEGAL_TRANSACTION_STATE` while another one is running.
   */
  beginTransaction(options?: TransactionCallOptions): Promise<void> {
    return this.#withTransactions(options, (manager) => manager.begin(options));
  }

  /**
   * Waits for all records and offsets of the transaction, and commits it.
   *
   * @throws KafkaError `TRANSACTION_ABORTABLE` when one of them failed: then it has to be aborted.
   * @throws TimeoutError when the outcome is not known within `maxBlockMs`. Only the same call can follow, which goes
   * on with the same commit.
   */
  commitTransaction(options?: TransactionCallOptions): Promise<void> {
    return this.#withTransactions(options, (manager) => manager.commit(options));
  }

  /** Aborts the transaction. Records that were not sent yet fail with `TRANSACTION_ABORTED`. */
  abortTransaction(options?: TransactionCallOptions): Promise<void> {
    return this.#withTransactions(options, (manager) => manager.abort(options));
  }

  /**
   * Makes offsets of a consumer group part of the transaction (KIP-98, KIP-447).
   *
   * @param offsets Of the next record to read of each partition, one past the last one that was processed.
   * @param group With member and generation, a member whose partitions have moved on is refused.
   * @throws KafkaError `TRANSACTION_ABORTABLE` when they were not taken.
   */
  sendOffsets(
    offsets: readonly OffsetToCommit[],
    group: ConsumerGroupMetadata,
    options?: TransactionCallOptions,
  ): Promise<void> {
    return this.#withTransactions(options, (manager) => manager.sendOffsets(offsets, group, options));
  }

  #withTransactions<T>(
    options: TransactionCallOptions | undefined,
    call: (manager: TransactionManager) => Promise<T>,
  ): Promise<T> {
    return this.#transactional((transactions) => transactions.with(call, options));
  }

  async #transactional<T>(call: (transactions: LazyTransactions) => Promise<T>): Promise<T> {
    this.#checkOpen();
    if (this.#transactions === null) throw notTransactional();
    return call(this.#transactions);
  }

  /** Fails what was not sent, and waits for the rest. */
  async #drop(error: Error): Promise<void> {
    this.#waiting.rejectAll(error);
    const aborted = this.#sender.abortUnsent(error);
    // Calls that wait for room get it now, and fail like the others.
    await this.#handOver.whenServed();
    this.#waiting.rejectAll(error);
    await aborted;
    await this.#sender.abortUnsent(error);
  }

  async #settled(): Promise<void> {
    // Calls of send() that wait for room are in no batch yet, and in no queue.
    await this.#handOver.whenServed();
    await this.#taken();
  }

  async #taken(): Promise<void> {
    // A record that still waits for its topic is in no batch yet.
    const lookUps = this.#waiting.whenThrough().map((through) => through.then(() => this.#sender.flush()));
    await Promise.all([this.#sender.flush(), ...lookUps]);
  }

  /**
   * Flushes and ends, aborting a transaction that is open. Records that are not delivered within the time fail.
   * Further calls wait for the first.
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
      await this.#finishTransaction(deadline);
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

  /** Without it the coordinator would abort by itself what is open, after the transaction's timeout. */
  async #finishTransaction(deadline: Deadline): Promise<void> {
    const { cluster, logger } = this.#parts;
    if (this.#transactions === null) return;
    const late = (): Error => new ClosedError("producer");
    try {
      await within(cluster.clock, this.#transactions.finish(), deadline, undefined, late);
    } catch (error) {
      logger.warn(`The producer is closed, and its transaction may be open: ${messageOf(error)}`);
    }
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
