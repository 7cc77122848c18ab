import type { CloseOptions } from "../close-options.ts";
import type { Cluster } from "../cluster.ts";
import { ClosedError, ConfigError } from "../errors.ts";
import type { PartitionMetadata } from "../metadata.ts";
import { Deadline } from "../retry.ts";
import {
  checkAssignment,
  formatPartition,
  type PartitionAssignment,
  type TopicPartition,
} from "./assignment.ts";
import type { ConsumerRecord } from "./consumer-record.ts";
import type { Deserializers } from "./deserialized-record.ts";
import { located } from "./fetch-answer.ts";
import type { FetcherOptions } from "./fetch-loop.ts";
import { type Decompress, FetchedReader } from "./fetched-reader.ts";
import { Fetcher } from "./fetcher.ts";

/** A partition of a topic, with its brokers. */
export interface PartitionInfo extends TopicPartition {
  /** Node id of the leader; -1 while there is none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly inSyncReplicas: readonly number[];
}

/** What a call that waits can be given. */
export interface WaitOptions {
  /** Longest wait in milliseconds. Default: `defaultApiTimeoutMs`. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What {@link Consumer} is made of; `Kafka.consumer` makes it. */
export interface ConsumerParts<K, V> extends FetcherOptions {
  readonly cluster: Cluster;
  readonly decompress: Decompress;
  readonly deserializers: Deserializers<K, V>;
  readonly onClose: () => void;
}

/**
 * Reads the records of partitions that are assigned to it. `K` and `V` are what its deserializers make of keys and
 * values; without any, bytes.
 *
 * @example
 * ```ts
 * import { Kafka } from "kafkawire";
 *
 * await using kafka = new Kafka({ bootstrapServers: "localhost:9092" });
 * await using consumer = kafka.consumer();
 * consumer.assign(await consumer.partitionsFor("orders", { from: "earliest" }));
 * for await (const record of consumer) {
 *   console.log(record.partition, record.offset, record.key, record.value);
 * }
 * ```
 */
export class Consumer<out K = Uint8Array, out V = Uint8Array> implements AsyncDisposable {
  readonly #parts: ConsumerParts<K, V>;
  /** Null where keys and values are bytes. */
  readonly #deserializers: Deserializers<K, V> | null;
  readonly #fetcher: Fetcher;
  /** What is being read; it outlives a loop, so that the next loop goes on where that one was left. */
  #current: FetchedReader<K, V> | null = null;
  #isRead = false;
  #isClosed = false;

  constructor(parts: ConsumerParts<K, V>) {
    this.#parts = parts;
    const { key, value } = parts.deserializers;
    this.#deserializers = key === null && value === null ? null : parts.deserializers;
    this.#fetcher = new Fetcher(parts.cluster, parts);
  }

  /**
   * Says which partitions to read, and where each starts. Replaces what was assigned before; nothing is asked of
   * the cluster before the records are.
   *
   * @throws ConfigError when a partition or a start cannot be right.
   */
  assign(partitions: readonly PartitionAssignment[]): void {
    this.#checkOpen();
    const names = new Set<string>();
    for (const partition of partitions) {
      checkAssignment(partition);
      if (partition.from === undefined && this.#parts.config.autoOffsetReset === "none") {
        throw new ConfigError(
          `${formatPartition(partition)} has no \`from\`, and autoOffsetReset is "none": say where to start`,
        );
      }
      const name = formatPartition(partition);
      if (names.has(name)) throw new ConfigError(`${name} is assigned twice`);
      names.add(name);
    }
    this.#current = null;
    this.#fetcher.assign(partitions);
  }

  /** What is assigned. */
  assignment(): TopicPartition[] {
    return this.#fetcher.states.map(({ topic, partition }) => ({ topic, partition }));
  }

  /**
   * Offset of the record that is read next; null while it has not been looked up.
   *
   * @throws ConfigError when the partition is not assigned.
   */
  position(target: TopicPartition): bigint | null {
    const state = this.#fetcher.states.find(
      ({ topic, partition }) => topic === target.topic && partition === target.partition,
    );
    if (state === undefined)
      throw new ConfigError(`${formatPartition(target)} is not assigned to this consumer`);
    return state.position;
  }

  /**
   * The partitions of a topic, in a form that {@link assign} takes.
   *
   * @param options.from Where each of them is to start.
   * @throws TimeoutError when the topic was not found in time.
   */
  async partitionsFor(
    topic: string,
    options: WaitOptions & Pick<PartitionAssignment, "from"> = {},
  ): Promise<(PartitionInfo & PartitionAssignment)[]> {
    this.#checkOpen();
    const { cluster, defaultApiTimeoutMs } = this.#parts;
    const deadline = new Deadline(cluster.clock, options.timeoutMs ?? defaultApiTimeoutMs);
    const { partitions } = await cluster.topic(topic, { deadline, signal: options.signal });
    return partitions.map((partition: PartitionMetadata) => ({
      topic,
      partition: partition.partition,
      leader: partition.leaderId,
      replicas: partition.replicas,
      inSyncReplicas: partition.inSyncReplicas,
      ...(options.from === undefined ? {} : { from: options.from }),
    }));
  }

  /** The records, one after another, until the consumer is closed or the loop is left. */
  [Symbol.asyncIterator](): AsyncGenerator<ConsumerRecord<K, V>, void, undefined> {
    return this.records();
  }

  /**
   * As iterating over the consumer itself, with a signal that ends the wait for the next record. A loop that is
   * left does not close the consumer: the next one goes on behind the last record that was handed out.
   *
   * @throws BrokerError, TimeoutError or UnreadableBatchError when a partition cannot be read on.
   */
  async *records(
    options: { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<ConsumerRecord<K, V>, void, undefined> {
    this.#checkOpen();
    if (this.#isRead) {
      throw new ConfigError(
        "This consumer is being read already: leave that loop first, or use a second consumer",
      );
    }
    this.#isRead = true;
    try {
      while (!this.#isClosed) {
        if (this.#fetcher.states.length === 0) {
          throw new ConfigError("Nothing is assigned to this consumer: call assign() first");
        }
        this.#current ??= await this.#next(options.signal);
        const current = this.#current;
        if (current === null) continue;
        // Before reading: a record that is read counts as handed out.
        options.signal?.throwIfAborted();
        const record = this.#read(current);
        if (record !== null) {
          yield record;
        } else if (!(await this.#nextBatch(current)) && this.#current === current) {
          this.#current = null;
          this.#fetcher.done(current.fetched);
        }
      }
    } finally {
      this.#isRead = false;
    }
  }

  /**
   * Ends reading: a loop over the records ends after the record that it is at. There is nothing to wait for, however
   * long `timeoutMs` is.
   */
  async close(_options: CloseOptions = {}): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#current = null;
    this.#fetcher.close(new ClosedError("consumer"));
    this.#parts.onClose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #next(signal: AbortSignal | undefined): Promise<FetchedReader<K, V> | null> {
    const fetched = await this.#fetcher.next(signal);
    if (fetched === null) return null;
    const { decompress, cluster } = this.#parts;
    return new FetchedReader(fetched, decompress, cluster.observability.consumer, this.#deserializers);
  }

  #read(reader: FetchedReader<K, V>): ConsumerRecord<K, V> | null {
    try {
      return reader.record();
    } catch (error) {
      throw this.#unreadable(reader, error);
    }
  }

  async #nextBatch(reader: FetchedReader<K, V>): Promise<boolean> {
    try {
      return await reader.nextBatch();
    } catch (error) {
      throw this.#unreadable(reader, error);
    }
  }

  /** The next loop tries the same record again; assigning a later offset gets past it. */
  #unreadable(reader: FetchedReader<K, V>, error: unknown): unknown {
    const unreadable = located(error, reader.fetched);
    if (this.#current === reader) {
      this.#current = null;
      this.#fetcher.rewind(reader.fetched);
    }
    return unreadable;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new ClosedError("consumer");
  }
}
