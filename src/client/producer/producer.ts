import type { CompressionCodec } from "../../protocol/records/compression-type.ts";
import { RECORD_BATCH_OVERHEAD } from "../../protocol/records/layout.ts";
import { recordSizeUpperBound } from "../../protocol/records/record-batch-builder.ts";
import type { CloseOptions } from "../close-options.ts";
import type { Cluster } from "../cluster.ts";
import type { ResolvedProducerConfig } from "../config/producer-config.ts";
import { ClosedError, ConfigError, TimeoutError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { TopicMetadata } from "../metadata.ts";
import { ProducerObserver } from "../observe/producer-observer.ts";
import { Deadline, within } from "../retry.ts";
import { Accumulator } from "./accumulator.ts";
import type { Delivery } from "./batch.ts";
import { partitionForKey, StickyPartitioner } from "./partitioner.ts";
import { type PreparedRecord, type ProducerRecord, prepareRecord, type RecordMetadata } from "./record.ts";
import { Sender } from "./sender.ts";
import { TopicQueues } from "./topic-queues.ts";

/** What a call can be given beside its arguments. */
export interface SendOptions {
  /** Gives up the wait for metadata; what is already on its way is not called back. */
  readonly signal?: AbortSignal;
}

/** What {@link Producer.flush} takes. */
export interface FlushOptions {
  /** Longest wait in milliseconds. Default: as long as the records may take, by `deliveryTimeoutMs`. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What {@link Producer} is made of; `Kafka.producer` makes it. */
export interface ProducerParts {
  readonly cluster: Cluster;
  readonly config: ResolvedProducerConfig;
  readonly requestTimeoutMs: number;
  readonly codec: CompressionCodec | null;
  readonly logger: Logger;
  readonly allocate: ((size: number) => Uint8Array) | undefined;
  readonly onClose: () => void;
}

/**
 * Sends records. Records of one partition are written in the order in which `send` was called with them, also
 * when some have to be sent again.
 *
 * Until idempotence is there, a record whose acknowledgement was lost may be written twice.
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
export class Producer implements AsyncDisposable {
  readonly #parts: ProducerParts;
  readonly #accumulator: Accumulator;
  readonly #sender: Sender;
  readonly #observer: ProducerObserver;
  readonly #sticky = new Map<string, StickyPartitioner>();
  readonly #waiting: TopicQueues;
  readonly #closing = new AbortController();
  #closed: Promise<void> | null = null;

  constructor(parts: ProducerParts) {
    this.#parts = parts;
    const { cluster, config } = parts;
    this.#waiting = new TopicQueues((topic) =>
      cluster.topic(topic, { deadline: new Deadline(cluster.clock, config.maxBlockMs) }),
    );
    this.#accumulator = new Accumulator(config.batchSize, parts.allocate);
    this.#observer = new ProducerObserver(cluster.observability, {
      accumulator: this.#accumulator,
      deliveryTimeoutMs: config.deliveryTimeoutMs,
      lingerMs: config.lingerMs,
      recordsWithoutTopic: () => this.#waiting.recordCount,
      nowMs: () => cluster.clock.monotonicMs(),
    });
    this.#sender = new Sender(parts.cluster, this.#accumulator, {
      ...parts.config,
      observer: this.#observer,
      requestTimeoutMs: parts.requestTimeoutMs,
      codec: parts.codec,
      logger: parts.logger,
    });
  }

  /**
   * Sends one record, or several whose metadata comes back in the same order.
   *
   * @throws ConfigError when a record cannot be right, and `MESSAGE_TOO_LARGE` when it is larger than
   * `maxRequestSize`. Of several records, those before it are sent.
   * @throws TimeoutError when the topic was not found within `maxBlockMs`, or the record was not acknowledged
   * within `deliveryTimeoutMs`.
   * @throws BrokerError when the broker refused the record.
   */
  send(record: ProducerRecord, options?: SendOptions): Promise<RecordMetadata>;
  send(records: readonly ProducerRecord[], options?: SendOptions): Promise<RecordMetadata[]>;
  send(
    records: ProducerRecord | readonly ProducerRecord[],
    options: SendOptions = {},
  ): Promise<RecordMetadata | RecordMetadata[]> {
    if (!isList(records)) return this.#send(records, options);
    return Promise.all(records.map((record) => this.#send(record, options)));
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
    const longestMs = config.maxBlockMs + config.deliveryTimeoutMs;
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
    this.#closing.abort(new ClosedError("producer"));
    const deadline = new Deadline(cluster.clock, options.timeoutMs ?? config.deliveryTimeoutMs);
    const closed = new ClosedError(
      "producer",
      `The producer was closed, and within ${deadline.timeoutMs} ms the record was not acknowledged. It may have ` +
        "been written all the same: give close() a longer timeoutMs",
    );
    try {
      const flushed = within(cluster.clock, this.#settled(), deadline, undefined, () => closed);
      await cluster.observability.waits.during(flushed, "a producer to be closed", deadline);
    } catch (error) {
      if (error !== closed) throw error;
    } finally {
      this.#waiting.rejectAll(closed);
      this.#sender.abandon(closed);
      this.#observer.close();
      this.#parts.onClose();
    }
  }

  /**
   * One promise per record, whichever way it takes from here: deliveries of a partition are then seen in the order
   * of their offsets.
   */
  #send(record: ProducerRecord, { signal }: SendOptions): Promise<RecordMetadata> {
    return new Promise((resolve, reject) => {
      if (this.#closing.signal.aborted) throw new ClosedError("producer");
      signal?.throwIfAborted();
      const { cluster } = this.#parts;
      const prepared = prepareRecord(record, cluster.clock.wallMs());
      const size =
        RECORD_BATCH_OVERHEAD + recordSizeUpperBound(prepared.key, prepared.value, prepared.headers);
      this.#checkSize(prepared, size);
      const delivery: Delivery = { resolve, reject };
      const topic = cluster.cachedTopic(prepared.topic);
      if (topic !== undefined && !this.#waiting.has(prepared.topic)) {
        this.#append(topic, prepared, size, delivery);
        return;
      }
      this.#waiting.add(prepared.topic, {
        signal,
        proceed: (found) => {
          try {
            this.#append(found, prepared, size, delivery);
          } catch (error) {
            reject(error);
          }
        },
        reject,
      });
    });
  }

  #checkSize({ topic }: PreparedRecord, size: number): void {
    const { maxRequestSize } = this.#parts.config;
    if (size <= maxRequestSize) return;
    throw new ConfigError(
      `A record for topic "${topic}" takes up to ${size} bytes, and maxRequestSize is ${maxRequestSize}: ` +
        "raise maxRequestSize (and the topic's max.message.bytes), or send less in one record",
      { code: "MESSAGE_TOO_LARGE" },
    );
  }

  #append(topic: TopicMetadata, record: PreparedRecord, size: number, delivery: Delivery): void {
    const { cluster, config } = this.#parts;
    const partition = this.#partition(topic, record, size);
    const isFull = this.#accumulator.append(record, partition, delivery, cluster.clock.monotonicMs());
    if (isFull || config.lingerMs === 0 || this.#closing.signal.aborted) this.#sender.wake();
    else this.#sender.wakeAfterLinger();
  }

  #partition(topic: TopicMetadata, record: PreparedRecord, size: number): number {
    const count = topic.partitions.length;
    if (record.partition !== undefined) {
      if (record.partition < count) return record.partition;
      throw new ConfigError(
        `Topic "${topic.name}" has ${count} partitions (0 to ${count - 1}), and the record names partition ${record.partition}`,
      );
    }
    if (record.key !== null) return partitionForKey(record.key, count);
    let sticky = this.#sticky.get(topic.name);
    if (sticky === undefined) {
      const { cluster, config } = this.#parts;
      sticky = new StickyPartitioner(Math.max(1, config.batchSize), () => cluster.clock.random());
      this.#sticky.set(topic.name, sticky);
    }
    const led = topic.partitions.filter(({ leaderId }) => leaderId >= 0).map(({ partition }) => partition);
    return sticky.partition(led.length > 0 ? led : topic.partitions.map(({ partition }) => partition), size);
  }
}

function isList(records: ProducerRecord | readonly ProducerRecord[]): records is readonly ProducerRecord[] {
  return Array.isArray(records);
}
