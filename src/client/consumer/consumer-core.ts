/** What a consumer is made of, and how its parts work together. */

import type { Clock } from "../../platform/platform.ts";
import type { Cluster } from "../cluster.ts";
import type { ResolvedConsumerConfig } from "../config/consumer-config.ts";
import type { ConsumerGroupMetadata } from "../consumer-group-metadata.ts";
import type { Coordinators } from "../coordinators.ts";
import { ClosedError, ConfigError, messageOf } from "../errors.ts";
import type { OffsetToCommit } from "../offset-to-commit.ts";
import { type Backoff, Deadline, within } from "../retry.ts";
import { formatPartition, type PartitionAssignment, type TopicPartition } from "./assignment.ts";
import { BatchCopies } from "./batch-copies.ts";
import type { ConsumerCloseOptions } from "./consumer-close-options.ts";
import type { Deserializers } from "./deserialized-record.ts";
import type { PartitionState } from "./fetch-state.ts";
import { type Decompress, FetchedReader } from "./fetched-reader.ts";
import { Fetcher } from "./fetcher.ts";
import type { FetcherOptions } from "./fetcher-options.ts";
import { ConsumerGroup } from "./group/consumer-group.ts";
import { GroupSubscription } from "./group/group-subscription.ts";
import {
  beginningOffsets,
  endOffsets,
  type OffsetForTime,
  offsetsForTimes,
  type PartitionOffset,
} from "./offset-lookup.ts";
import type { CommittedOffset } from "./offsets/committed-offsets.ts";
import type { PartitionInfo, PartitionLagAt, TimestampQuery } from "./partition-info.ts";
import { Progress } from "./progress.ts";
import { Reading } from "./reading.ts";
import { ReadingSession } from "./reading-session.ts";
import type { RebalanceListener } from "./rebalance-listener.ts";
import type { TopicsWanted } from "./topics-to-read.ts";

/** What a consumer is made of; `Kafka.consumer` makes it. */
export interface ConsumerParts<K, V> extends FetcherOptions {
  readonly cluster: Cluster;
  readonly coordinators: Coordinators;
  readonly metadataMaxAgeMs: number;
  readonly retryBackoff: Backoff;
  readonly decompress: Decompress;
  readonly deserializers: Deserializers<K, V>;
  readonly onClose: () => void;
}

/** As Kafka's. */
const CLOSE_MS = 30_000;

export class ConsumerCore<K, V> {
  readonly config: ResolvedConsumerConfig;
  readonly reading: Reading<K, V>;
  readonly session: ReadingSession<K, V>;
  readonly progress: Progress;
  readonly #parts: ConsumerParts<K, V>;
  /** Null without `groupId`. */
  readonly #group: ConsumerGroup | null;
  #subscription: GroupSubscription | null = null;
  #closing: Promise<void> | null = null;

  constructor(parts: ConsumerParts<K, V>) {
    const { cluster, config, decompress } = parts;
    this.#parts = parts;
    this.config = config;
    const { key, value } = parts.deserializers;
    // Without deserializers keys and values are bytes.
    const deserializers = key === null && value === null ? null : parts.deserializers;
    const { consumer: counters } = cluster.observability;
    const copies = new BatchCopies(cluster.frameMemory, { checkCrc: config.checkCrcs, crc32: parts.crc32 });
    this.reading = new Reading<K, V>(
      new Fetcher(cluster, parts),
      (fetched) => new FetchedReader<K, V>(fetched, copies, decompress, counters, deserializers),
    );
    this.progress = new Progress(this.reading);
    this.session = new ReadingSession({
      clock: cluster.clock,
      reading: this.reading,
      subscription: () => this.#subscription,
      isClosed: () => this.#closing !== null,
      checkOpen: () => this.checkOpen(),
      leaveGroup: ({ reason }) => this.#leaveGroup(this.deadline(CLOSE_MS), reason, "default"),
    });
    this.#group =
      config.groupId === null
        ? null
        : new ConsumerGroup(config.groupId, {
            ...parts,
            reading: this.reading,
            progress: this.progress,
            membership: () => this.#subscription?.membership ?? null,
          });
  }

  get clock(): Clock {
    return this.#parts.cluster.clock;
  }

  get subscription(): GroupSubscription | null {
    return this.#subscription;
  }

  /** @param timeoutMs default: `defaultApiTimeoutMs` */
  deadline(timeoutMs: number = this.#parts.defaultApiTimeoutMs): Deadline {
    return new Deadline(this.clock, timeoutMs);
  }

  checkOpen(): void {
    if (this.#closing !== null) throw new ClosedError("consumer");
  }

  /** @throws ConfigError where it is not assigned. */
  assigned(target: TopicPartition): PartitionState {
    const state = this.reading.fetcher.state(target);
    if (state === undefined)
      throw new ConfigError(`${formatPartition(target)} is not assigned to this consumer`);
    return state;
  }

  subscribe(wanted: TopicsWanted, listener: RebalanceListener): void {
    const group = this.#groupFor("subscribe()");
    if (this.#subscription !== null) {
      this.#subscription.change(wanted, listener);
      return;
    }
    if (this.reading.fetcher.states.length > 0) {
      throw new ConfigError(
        "Partitions are assigned to this consumer by hand: call unsubscribe() before subscribe()",
      );
    }
    const { cluster, config, logger, metadataMaxAgeMs, requestTimeoutMs } = this.#parts;
    this.#subscription = new GroupSubscription(wanted, listener, {
      cluster,
      config,
      logger,
      metadataMaxAgeMs,
      requestTimeoutMs,
      reading: this.reading,
      asked: () => this.session.asked,
      isAsking: () => this.session.isAsking,
      newMembership: (host) => group.newMembership(host),
      commit: () => group.commitProcessed(this.deadline()),
      commitsOf: (partitions) => group.committer.underWay(partitions),
      findStart: (partitions) => group.findStart(partitions),
    });
    group.startAutoCommit();
  }

  assign(partitions: readonly PartitionAssignment[]): void {
    if (this.#subscription !== null) {
      throw new ConfigError("This consumer is subscribed to topics: call unsubscribe() before assign()");
    }
    const { config } = this.#parts;
    const isUnplaced = ({ from }: PartitionAssignment): boolean => from === undefined;
    for (const partition of partitions.filter(isUnplaced)) {
      if (config.autoOffsetReset !== "none" || this.#group !== null) break;
      throw new ConfigError(
        `${formatPartition(partition)} has no \`from\`, and autoOffsetReset is "none": say where to start`,
      );
    }
    this.reading.clear();
    if (this.#group === null) {
      this.reading.fetcher.assign(partitions);
      return;
    }
    const unplaced = partitions.filter(isUnplaced);
    this.reading.fetcher.assign(partitions.filter((each) => !isUnplaced(each)));
    this.reading.addUnplaced(unplaced);
    void this.#group.findStart(unplaced);
    this.#group.startAutoCommit();
  }

  async unsubscribe({
    timeoutMs = CLOSE_MS,
    groupMembership = "default",
  }: ConsumerCloseOptions): Promise<void> {
    const deadline = this.deadline(timeoutMs);
    if (!this.session.hasHandlers) this.reading.hands.release();
    if (this.#subscription === null) await this.#group?.commitProcessed(deadline);
    else await this.#leaveGroup(deadline, "the consumer unsubscribed", groupMembership);
    this.#subscription = null;
    this.#group?.stopAutoCommit();
    this.reading.remove(this.reading.fetcher.states);
    this.reading.clear();
    this.reading.fetcher.wake();
  }

  async commit(offsets: readonly OffsetToCommit[], { timeoutMs, signal }: CommitOptions): Promise<void> {
    await this.#groupFor("commit()").commit(offsets, { deadline: this.deadline(timeoutMs), signal });
  }

  commitAsync(
    offsets: readonly OffsetToCommit[],
    callback: ((error: Error | null) => void) | undefined,
  ): void {
    const group = this.#groupFor("commitAsync()");
    group.commit(offsets, { deadline: this.deadline() }).then(
      () => callback?.(null),
      (error: Error) => {
        if (callback === undefined) this.#parts.logger.warn(`A commit failed: ${messageOf(error)}`);
        else callback(error);
      },
    );
  }

  committed(
    partitions: readonly TopicPartition[],
    { timeoutMs, signal }: CommitOptions,
  ): Promise<ReadonlyMap<string, CommittedOffset | null>> {
    return this.#groupFor("committed()").committer.committed(partitions, {
      deadline: this.deadline(timeoutMs),
      signal,
    });
  }

  groupMetadata(): Required<ConsumerGroupMetadata> {
    const group = this.#groupFor("groupMetadata()");
    const { groupInstanceId } = this.config;
    return (
      this.#subscription?.metadata ?? {
        groupId: group.groupId,
        generationId: -1,
        memberId: "",
        groupInstanceId,
      }
    );
  }

  async partitionsFor(topic: string, options: LookUpOptions): Promise<PartitionInfo[]> {
    const { partitions } = await this.#parts.cluster.topic(topic, options);
    return partitions.map(({ partition, leaderId, replicas, inSyncReplicas }) => ({
      topic,
      partition,
      leader: leaderId,
      replicas,
      inSyncReplicas,
    }));
  }

  beginningOffsets(
    partitions: readonly TopicPartition[],
    options: LookUpOptions,
  ): Promise<PartitionOffset[]> {
    return beginningOffsets(this.#parts.cluster, partitions, this.#lookUp(options));
  }

  endOffsets(partitions: readonly TopicPartition[], options: LookUpOptions): Promise<PartitionOffset[]> {
    return endOffsets(this.#parts.cluster, partitions, this.#lookUp(options));
  }

  offsetsForTimes(queries: readonly TimestampQuery[], options: LookUpOptions): Promise<OffsetForTime[]> {
    return offsetsForTimes(this.#parts.cluster, queries, this.#lookUp(options));
  }

  /** Where a position is not known yet, the committed offset counts, or else the first that is there. */
  async lag(partitions: readonly TopicPartition[], options: LookUpOptions): Promise<PartitionLagAt[]> {
    const ends = await this.endOffsets(partitions, options);
    const positions = partitions.map((each) => this.reading.fetcher.state(each)?.position ?? null);
    const unread = partitions.filter((_, i) => positions[i] === null);
    const starts = new Map<string, bigint>();
    if (unread.length > 0) {
      for (const each of await this.beginningOffsets(unread, options)) {
        starts.set(formatPartition(each), each.offset);
      }
      const committed = await this.#group?.committer.committed(unread, options);
      for (const [name, found] of committed ?? []) if (found !== null) starts.set(name, found.offset);
    }
    return ends.map(({ topic, partition, offset }, i) => {
      const from = positions[i] ?? starts.get(formatPartition({ topic, partition })) ?? 0n;
      return { topic, partition, lag: offset > from ? offset - from : 0n };
    });
  }

  #lookUp(options: LookUpOptions): Parameters<typeof endOffsets>[2] {
    const { requestTimeoutMs } = this.#parts;
    return { ...options, requestTimeoutMs, isolationLevel: this.config.isolationLevel };
  }

  /** Further calls wait for the first. */
  close(options: ConsumerCloseOptions): Promise<void> {
    this.#closing ??= this.#close(options);
    return this.#closing;
  }

  async #close({ timeoutMs = CLOSE_MS, groupMembership = "default" }: ConsumerCloseOptions): Promise<void> {
    // After this run of code: `isClosed` has to be true for whoever is woken.
    await null;
    const deadline = this.deadline(timeoutMs);
    this.reading.fetcher.wake();
    if (!this.session.hasHandlers) this.reading.hands.release();
    try {
      if (this.#subscription !== null) {
        await this.#leaveGroup(deadline, "the consumer is being closed", groupMembership);
      } else if (this.#group !== null) {
        await this.#handlersEnd(deadline);
        await this.#group.commitProcessed(deadline);
      }
    } finally {
      const reason = new ClosedError("consumer");
      this.#subscription?.membership?.abandon(reason);
      this.#group?.close(reason);
      this.reading.clear();
      this.reading.fetcher.close(reason);
      this.#parts.onClose();
    }
  }

  async #handlersEnd(deadline: Deadline): Promise<void> {
    const { fetcher, hands } = this.reading;
    const late = new Error("the time to close is up");
    try {
      await within(this.clock, hands.empty(fetcher.states), deadline, undefined, () => late);
    } catch (error) {
      if (error !== late) throw error;
    }
  }

  async #leaveGroup(
    deadline: Deadline,
    reason: string,
    operation: "default" | "leave" | "remain",
  ): Promise<void> {
    const isStatic = this.config.groupInstanceId !== null;
    const staysMember = operation === "remain" || (operation === "default" && isStatic);
    await this.#subscription?.leave({ deadline, reason, staysMember });
  }

  #groupFor(call: string): ConsumerGroup {
    if (this.#group === null) throw new ConfigError(`${call} needs a group: give groupId to kafka.consumer`);
    return this.#group;
  }
}

/** How long to look for something. */
interface LookUpOptions {
  readonly deadline: Deadline;
  readonly signal?: AbortSignal | undefined;
}

/** How long a commit or a question may take. */
interface CommitOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}
