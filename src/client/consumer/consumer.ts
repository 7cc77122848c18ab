import type { ConsumerGroupMetadata } from "../consumer-group-metadata.ts";
import { ConfigError } from "../errors.ts";
import type { OffsetToCommit } from "../offset-to-commit.ts";
import type { Deadline } from "../retry.ts";
import {
  checkAssignment,
  formatPartition,
  type PartitionAssignment,
  type StartPosition,
  type TopicPartition,
} from "./assignment.ts";
import { batchLoop, poll } from "./batch-loop.ts";
import type { ConsumerBatch } from "./consumer-batch.ts";
import type { ConsumerCloseOptions } from "./consumer-close-options.ts";
import { ConsumerCore, type ConsumerParts } from "./consumer-core.ts";
import type { ConsumerRecord } from "./consumer-record.ts";
import type { OffsetForTime, PartitionOffset } from "./offset-lookup.ts";
import type { CommittedOffset } from "./offsets/committed-offsets.ts";
import type { PartitionInfo, PartitionLagAt, TimestampQuery } from "./partition-info.ts";
import type { RebalanceListener } from "./rebalance-listener.ts";
import { RecordLoop } from "./record-loop.ts";
import { checkRunOptions, RunLoop, type RunOptions } from "./run-loop.ts";
import { type TopicsToRead, topicsWanted } from "./topics-to-read.ts";
import { type Committable, offsetsToCommit } from "./what-to-commit.ts";

/** What a call that waits can be given. */
export interface WaitOptions {
  /** Longest wait in milliseconds. Default: `defaultApiTimeoutMs`. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What {@link Consumer.poll} can be given. */
export interface PollOptions {
  /** Longest wait for a first record in milliseconds. Default: `1000`. */
  readonly timeoutMs?: number;
  /** Ends the wait: the group is left, and `poll` rejects with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Reads records: those of partitions that it is assigned by hand (`assign`), or as a member of a group that shares the
 * partitions of its topics among its members (`subscribe`). `K` and `V` are what its deserializers make of keys and
 * values; without any, bytes.
 *
 * There are four ways to read, one at a time: `for await` over the consumer gives records, `batches` gives up to
 * `maxPollRecords` records of a partition at once, `run` calls a function with either and can handle partitions side by
 * side, and `poll` returns what there is. A record counts as processed when the next one is asked for (or when its
 * handler is done), so what is committed by itself is never ahead of the application.
 *
 * @example
 * ```ts
 * import { Kafka } from "kafkawire";
 *
 * await using kafka = new Kafka({ bootstrapServers: "localhost:9092" });
 * await using consumer = kafka.consumer({ groupId: "billing", topics: ["orders"] });
 * for await (const record of consumer) {
 *   console.log(record.partition, record.offset, record.key, record.value);
 * }
 * ```
 */
export class Consumer<out K = Uint8Array, out V = Uint8Array> implements AsyncDisposable {
  readonly #core: ConsumerCore<K, V>;

  constructor(parts: ConsumerParts<K, V>) {
    this.#core = new ConsumerCore(parts);
    const { topics, rebalanceListener } = parts.config;
    if (topics !== null) this.subscribe(topics as readonly TopicsToRead[], rebalanceListener ?? {});
  }

  /**
   * Reads topics as a member of the group `groupId`. It is joined when records are asked for the first time. Another
   * call replaces the topics and the listener; partitions of topics that are still wanted stay.
   *
   * @param topics Names, `RegExp`s that the client resolves, or a `{ pattern }` that the brokers resolve.
   * @throws ConfigError without `groupId`, for what is no topic, or after `assign`.
   */
  subscribe(topics: TopicsToRead | readonly TopicsToRead[], listener: RebalanceListener = {}): void {
    this.#core.checkOpen();
    this.#core.subscribe(topicsWanted(topics, this.#core.config.groupProtocol), listener);
  }

  /** What is subscribed to: names as they were given, the sources of expressions, the pattern. */
  subscription(): readonly string[] {
    const wanted = this.#core.subscription?.wanted;
    if (wanted === undefined) return [];
    const { names, expressions, pattern } = wanted;
    return [...names, ...expressions.map(({ source }) => source), ...(pattern === null ? [] : [pattern])];
  }

  /**
   * Ends the subscription or the assignment. A member leaves its group, as with {@link close}.
   *
   * @param options.timeoutMs Longest wait in milliseconds. Default: `30000`.
   */
  async unsubscribe(options: ConsumerCloseOptions = {}): Promise<void> {
    this.#core.checkOpen();
    await this.#core.unsubscribe(options);
  }

  /**
   * Says which partitions to read, and where each starts: without `from` at the group's committed offset, if there is
   * a `groupId`, and else where `autoOffsetReset` says. Replaces what was assigned before; nothing is asked of the
   * cluster before the records are, but for committed offsets.
   *
   * @throws ConfigError when a partition or a start cannot be right, or after `subscribe`.
   */
  assign(partitions: readonly PartitionAssignment[]): void {
    this.#core.checkOpen();
    const names = new Set<string>();
    for (const partition of partitions) {
      checkAssignment(partition);
      const name = formatPartition(partition);
      if (names.has(name)) throw new ConfigError(`${name} is assigned twice`);
      names.add(name);
    }
    this.#core.assign(partitions);
  }

  /** What is assigned: by hand, or by the group. */
  assignment(): TopicPartition[] {
    return this.#core.reading.fetcher.states.map(({ topic, partition }) => ({ topic, partition }));
  }

  /**
   * Offset of the record that is read next; null while it has not been looked up.
   *
   * @throws ConfigError when the partition is not assigned.
   */
  position(target: TopicPartition): bigint | null {
    return this.#core.assigned(target).position;
  }

  /**
   * Goes on reading a partition from another place. What was fetched of it is dropped; records that were handed out
   * already stay valid.
   *
   * @throws ConfigError when the partition is not assigned, or the place cannot be right.
   */
  seek(target: TopicPartition, to: StartPosition): void {
    this.#core.checkOpen();
    checkAssignment({ ...target, from: to });
    this.#core.assigned(target);
    this.#core.reading.seek(target, to);
  }

  /**
   * Hands out nothing of these partitions until {@link resume}. What is fetched of them stays, and they stay assigned;
   * a rebalance that takes a partition away forgets that it was paused.
   *
   * @throws ConfigError when one is not assigned.
   */
  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#core.assigned(partition);
    this.#core.reading.fetcher.pause(partitions);
  }

  /** @throws ConfigError when one is not assigned. */
  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#core.assigned(partition);
    this.#core.reading.fetcher.resume(partitions);
  }

  /** What is paused. */
  paused(): TopicPartition[] {
    return this.#core.reading.fetcher.paused();
  }

  /** The records, one after another, until the consumer is closed or the loop is left. */
  [Symbol.asyncIterator](): RecordLoop<K, V> {
    return this.records();
  }

  /**
   * As iterating over the consumer itself, with a signal that ends the wait for the next record.
   *
   * Leaving the loop leaves the group, after what was processed is committed; the record at which it was left does not
   * count as processed, since nothing tells a `break` from an error: `commit` it before, or it is read again. Without a
   * group the next loop goes on behind that record.
   *
   * @throws BrokerError, TimeoutError or UnreadableBatchError when a partition cannot be read on. The consumer
   * stays what it was: the next loop tries again, unless `seek` has moved on.
   */
  records(options: { readonly signal?: AbortSignal } = {}): RecordLoop<K, V> {
    this.#core.checkOpen();
    return new RecordLoop(this.#core.session, options.signal);
  }

  /**
   * The records in batches: each of one partition, with up to `maxPollRecords` records. The quickest way to read. All
   * records of a batch count as processed when the next batch is asked for.
   *
   * @example
   * ```ts
   * import { Kafka } from "kafkawire";
   *
   * await using kafka = new Kafka({ bootstrapServers: "localhost:9092" });
   * const consumer = kafka.consumer({ groupId: "billing", topics: ["orders"] });
   * for await (const { partition, records } of consumer.batches()) console.log(partition, records.length);
   * ```
   */
  batches(
    options: { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<ConsumerBatch<K, V>, void, undefined> {
    this.#core.checkOpen();
    return batchLoop(this.#core.session, this.#core.config.maxPollRecords, options.signal);
  }

  /**
   * Calls a function with each record or each batch, and awaits it: records of one partition in order, up to
   * `concurrency` partitions at the same time. Resolves once the consumer is closed, which waits for what is being
   * handled; so do not wait for `close` in a handler.
   *
   * @throws what a handler throws, after the others have ended. What it was given is read again by the next `run`, or
   * by the next member.
   * @example
   * ```ts
   * import { Kafka } from "kafkawire";
   *
   * await using kafka = new Kafka({ bootstrapServers: "localhost:9092" });
   * const consumer = kafka.consumer({ groupId: "billing", topics: ["orders"] });
   * await consumer.run({
   *   concurrency: 4,
   *   eachRecord: async ({ partition, offset }) => console.log(partition, offset),
   * });
   * ```
   */
  async run(options: RunOptions<K, V>): Promise<void> {
    this.#core.checkOpen();
    checkRunOptions(options as RunOptions<never, never>);
    await new RunLoop(this.#core.session, options, this.#core.config.maxPollRecords).run();
  }

  /**
   * What there is to read, up to `maxPollRecords` records of any partitions; empty when nothing came in time. Records
   * of the poll before count as processed.
   *
   * @throws as a loop over the records does.
   */
  async poll(options: PollOptions = {}): Promise<ConsumerRecord<K, V>[]> {
    this.#core.checkOpen();
    const { clock, config, session } = this.#core;
    const { signal, timeoutMs = 1000 } = options;
    return poll(session, clock, { max: config.maxPollRecords, timeoutMs, signal });
  }

  /**
   * Commits to the group: everything that was handed out, or the records, batches or offsets that are given, of which
   * an offset is that of the next record to process. Resolves when the group has them.
   *
   * @example
   * ```ts
   * import { Kafka } from "kafkawire";
   *
   * await using kafka = new Kafka({ bootstrapServers: "localhost:9092" });
   * const consumer = kafka.consumer({ groupId: "billing", topics: ["orders"], enableAutoCommit: false });
   * for await (const record of consumer) {
   *   await consumer.commit(record);
   * }
   * ```
   * @throws ConfigError without `groupId`.
   * @throws CommitError saying for which partitions it failed.
   */
  async commit(what?: Committable, options: WaitOptions = {}): Promise<void> {
    this.#core.checkOpen();
    await this.#core.commit(this.#toCommit(what), options);
  }

  /**
   * As {@link commit}, without waiting: `callback` is told how it ended. Without one, a failure is logged.
   */
  commitAsync(what?: Committable, callback?: (error: Error | null) => void): void {
    this.#core.checkOpen();
    this.#core.commitAsync(this.#toCommit(what), callback);
  }

  /**
   * The offsets that the group has committed; null for partitions without any.
   *
   * @throws ConfigError without `groupId`.
   */
  async committed(
    partitions: readonly TopicPartition[],
    options: WaitOptions = {},
  ): Promise<(CommittedOffset | null)[]> {
    this.#core.checkOpen();
    const committed = await this.#core.committed(partitions, options);
    return partitions.map((partition) => committed.get(formatPartition(partition)) ?? null);
  }

  /**
   * As whom the consumer reads: for `sendOffsets` of a transaction (KIP-447), which has the group refuse offsets of a
   * member that does not own its partitions any more.
   *
   * @throws ConfigError without `groupId`.
   */
  groupMetadata(): Required<ConsumerGroupMetadata> {
    return this.#core.groupMetadata();
  }

  /** Has the group rebalance, as when what an assignor looks at has changed (KIP-568). Does nothing without membership. */
  enforceRebalance(reason = "the application asked for it"): void {
    this.#core.checkOpen();
    this.#core.subscription?.membership?.rejoin(reason);
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
    this.#core.checkOpen();
    const infos = await this.#core.partitionsFor(topic, this.#wait(options));
    return infos.map((info) => ({ ...info, ...(options.from === undefined ? {} : { from: options.from }) }));
  }

  /** Offset of the first record that is there, of each partition. */
  beginningOffsets(
    partitions: readonly TopicPartition[],
    options: WaitOptions = {},
  ): Promise<PartitionOffset[]> {
    return this.#core.beginningOffsets(partitions, this.#wait(options));
  }

  /**
   * Offset behind the last record that this consumer may read, of each partition: with `isolationLevel:
   * "read_committed"` that in front of the first open transaction.
   */
  endOffsets(partitions: readonly TopicPartition[], options: WaitOptions = {}): Promise<PartitionOffset[]> {
    return this.#core.endOffsets(partitions, this.#wait(options));
  }

  /** The first record of each partition whose timestamp is at least the one given; null where there is none. */
  offsetsForTimes(queries: readonly TimestampQuery[], options: WaitOptions = {}): Promise<OffsetForTime[]> {
    return this.#core.offsetsForTimes(queries, this.#wait(options));
  }

  /** How many offsets each partition is behind its end, as the brokers say now. Default: of all that are assigned. */
  lag(partitions?: readonly TopicPartition[], options: WaitOptions = {}): Promise<PartitionLagAt[]> {
    return this.#core.lag(partitions ?? this.assignment(), this.#wait(options));
  }

  /**
   * Ends reading, and leaves the group: what was processed is committed (if `enableAutoCommit`), the listener is told
   * which partitions are revoked, and the group hears that the member has gone. A loop over the records ends after the
   * record that it is at, which does not count as processed; handlers of `run` are waited for.
   *
   * @param options.timeoutMs Longest wait in milliseconds. Default: `30000`.
   */
  close(options: ConsumerCloseOptions = {}): Promise<void> {
    return this.#core.close(options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #toCommit(what: Committable | undefined): readonly OffsetToCommit[] {
    return what === undefined ? this.#core.progress.handedOut() : offsetsToCommit(what);
  }

  #wait({ timeoutMs, signal }: WaitOptions): {
    readonly deadline: Deadline;
    readonly signal?: AbortSignal | undefined;
  } {
    this.#core.checkOpen();
    return { deadline: this.#core.deadline(timeoutMs), signal };
  }
}
