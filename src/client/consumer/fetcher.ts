/**
 * Keeps fetches going to the leaders of the assigned partitions and holds the answers until they are read.
 *
 * While an answer of a broker is read, the next one is fetched, and that is all: what is held is bounded by twice
 * `fetchMaxBytes` per broker. Each fetch names every partition that the broker leads, so that none has to wait for
 * a fetch that waits for others. An answer for a partition that is no longer assigned, or
 * was assigned anew, is dropped: its state is not the one that is assigned now.
 */

import type { Timer } from "../../platform/platform.ts";
import { DecodeError, KafkaError } from "../../protocol/errors.ts";
import type { FetchResponse } from "../../protocol/messages/fetch.ts";
import { CorruptRecordBatchError } from "../../protocol/records/errors.ts";
import type { Crc32 } from "../../protocol/records/legacy-message.ts";
import { readRecordBatches } from "../../protocol/records/read-record-batches.ts";
import type { RecordBatch } from "../../protocol/records/record-batch.ts";
import { type Uuid, ZERO_UUID } from "../../protocol/uuid.ts";
import { AbortGroup } from "../abort-group.ts";
import { Fetch } from "../api.ts";
import type { Purpose } from "../broker.ts";
import type { Cluster } from "../cluster.ts";
import type { ResolvedConsumerConfig } from "../config/consumer-config.ts";
import { BrokerError, isRetriable, messageOf, TimeoutError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { ConsumerObserver, FetchTally } from "../observe/consumer-observer.ts";
import { Deadline } from "../retry.ts";
import { formatPartition, type PartitionAssignment } from "./assignment.ts";
import {
  type Answer,
  type FetchedRecords,
  type FetchFailure,
  initialState,
  type LeaderState,
  type PartitionState,
} from "./fetch-state.ts";
import { checkPartitionExists, lookUpOffset } from "./offset-lookup.ts";

/** What a fetcher needs to know. */
export interface FetcherOptions {
  readonly config: ResolvedConsumerConfig;
  readonly requestTimeoutMs: number;
  readonly defaultApiTimeoutMs: number;
  readonly logger: Logger;
  /** Checks records of magic 0 and 1; undefined where the platform has none. */
  readonly crc32: Crc32 | undefined;
}

type PartitionData = FetchResponse["responses"][number]["partitions"][number];

/** Fetch v13 names topics by id; where a topic has none, v12 is the last that takes its name. */
const LAST_VERSION_BY_NAME = 12;
/** No session: every request names every partition. */
const NO_SESSION = { sessionId: 0, sessionEpoch: -1 };
const OFFSET_OUT_OF_RANGE = 1;
const LEADER_NOT_AVAILABLE = 5;
const UNKNOWN_SERVER_ERROR = -1;
const WAIT_WHILE_LOOKING_UP_MS = 50;
/** One answer being read, one fetched meanwhile. */
const MOST_UNREAD = 2;

/** Runs the fetching of one consumer. */
export class Fetcher {
  readonly #cluster: Cluster;
  readonly #options: FetcherOptions;
  /** The broker's answers to other consumers must not stand in front of ours. */
  readonly #purpose: Purpose;
  readonly #observer: ConsumerObserver;
  #states: readonly PartitionState[] = [];
  #leaders = new Map<number, LeaderState>();
  /** In the order in which they came: an error must not wait for a partition that has records without end. */
  #ready: (FetchedRecords | FetchFailure)[] = [];
  /** Bytes of what was fetched and not yet read to its end. */
  #bytesBuffered = 0;
  #wakeReader: (() => void) | null = null;
  #timer: Timer | null = null;
  /** Ends what is under way for the current assignment. */
  #assignment = new AbortGroup();

  constructor(cluster: Cluster, options: FetcherOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#purpose = cluster.newPurpose("fetch");
    this.#observer = new ConsumerObserver(
      cluster.observability,
      () => this.#states,
      () => this.#bytesBuffered,
    );
  }

  /** What is assigned. */
  get states(): readonly PartitionState[] {
    return this.#states;
  }

  /** Replaces the assignment; whatever was under way or fetched for the former one is dropped. */
  assign(partitions: readonly PartitionAssignment[]): void {
    this.stop(new KafkaError("ASSIGNMENT_CHANGED", "The assignment changed while this was under way"));
    const { autoOffsetReset } = this.#options.config;
    const reset = autoOffsetReset === "none" ? "latest" : autoOffsetReset;
    this.#states = partitions.map((partition) => initialState(partition, reset));
    this.#assignment = new AbortGroup();
  }

  /** Ends all fetching. */
  stop(reason: Error): void {
    this.#assignment.abort(reason);
    this.#timer?.cancel();
    // A fetch that is under way keeps its connection busy for up to `fetchMaxWaitMs`.
    this.#cluster.release(this.#purpose, reason);
    this.#states = [];
    this.#leaders = new Map();
    this.#ready = [];
    this.#bytesBuffered = 0;
    this.#wakeReader?.();
  }

  /** Ends all fetching for good. */
  close(reason: Error): void {
    this.stop(reason);
    this.#observer.close();
  }

  /**
   * The next fetched records, when there are some; null when `stop` or `assign` was called meanwhile.
   *
   * @throws what stopped the fetching of a partition; the next call goes on.
   */
  async next(signal?: AbortSignal): Promise<FetchedRecords | null> {
    const assignment = this.#assignment;
    this.#pump();
    while (!assignment.aborted) {
      const ready = this.#ready.shift();
      if (ready !== undefined) {
        if ("error" in ready) throw ready.error;
        return ready;
      }
      signal?.throwIfAborted();
      const woken = new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#wakeReader = null;
          signal?.removeEventListener("abort", wake);
          resolve();
        };
        this.#wakeReader = wake;
        signal?.addEventListener("abort", wake);
      });
      const what = `records of ${this.#states.length} partitions that are read`;
      await this.#observer.waits.during(woken, what, { patienceMs: Number.POSITIVE_INFINITY });
    }
    return null;
  }

  /** Says that fetched records were read, so that more may be fetched. */
  done({ state, answer, bytes }: FetchedRecords): void {
    this.#bytesBuffered -= bytes;
    state.unread--;
    answer.unreadPartitions--;
    if (answer.unreadPartitions === 0) answer.leader.unread--;
    this.#pump();
  }

  /** Drops what was fetched of a partition, and fetches again from where reading stands. */
  rewind(fetched: FetchedRecords): void {
    const { state } = fetched;
    state.fetchOffset = state.position;
    const dropped = this.#ready.filter((ready) => ready.state === state);
    this.#ready = this.#ready.filter((ready) => ready.state !== state);
    for (const each of [fetched, ...dropped]) if ("answer" in each) this.done(each);
  }

  /** Starts whatever can be started. */
  #pump(): void {
    const now = this.#cluster.clock.monotonicMs();
    const byLeader = new Map<number, PartitionState[]>();
    let wakeAtMs = Number.POSITIVE_INFINITY;
    for (const state of this.#states) {
      if (state.isBusy) continue;
      if (state.notBeforeMs > now) {
        wakeAtMs = Math.min(wakeAtMs, state.notBeforeMs);
        continue;
      }
      if (state.fetchOffset === null) {
        // What was fetched is read first: it comes before the offset that is looked up, whatever that is.
        if (state.unread === 0) void this.#assignment.run((signal) => this.#lookUp(state, signal));
        continue;
      }
      const leader = this.#cluster.leaderOf(state.topic, state.partition);
      if (leader === undefined) {
        void this.#assignment.run((signal) => this.#lookUpLeader(state, signal));
        continue;
      }
      const states = byLeader.get(leader);
      if (states === undefined) byLeader.set(leader, [state]);
      else states.push(state);
    }
    for (const [nodeId, states] of byLeader) {
      const leader = this.#leader(nodeId);
      if (leader.isFetching || leader.unread >= MOST_UNREAD) continue;
      void this.#assignment.run((signal) => this.#fetch(nodeId, leader, states, signal));
    }
    this.#timer?.cancel();
    if (wakeAtMs < Number.POSITIVE_INFINITY) {
      this.#timer = this.#cluster.clock.setTimer(wakeAtMs - now, () => this.#pump());
    }
  }

  /** Never rejects, as all that `#pump` starts. */
  async #lookUp(state: PartitionState, signal: AbortSignal): Promise<void> {
    const { requestTimeoutMs, defaultApiTimeoutMs } = this.#options;
    state.isBusy = true;
    try {
      const deadline = new Deadline(this.#cluster.clock, defaultApiTimeoutMs);
      const options = { deadline, requestTimeoutMs, signal };
      const lookedUp = lookUpOffset(this.#cluster, state, state.lookUp, options);
      const what = `the start offset of ${formatPartition(state)}`;
      const offset = await this.#observer.waits.during(lookedUp, what, deadline);
      state.fetchOffset = offset;
      state.position = offset;
    } catch (error) {
      if (signal.aborted) return;
      // The look-up has retried all that can be retried: this is for the reader. The next one starts anew.
      this.#backOff(state);
      this.#fail(state, error);
    } finally {
      state.isBusy = false;
    }
    if (!signal.aborted) this.#pump();
  }

  async #lookUpLeader(state: PartitionState, signal: AbortSignal): Promise<void> {
    state.isBusy = true;
    try {
      const deadline = new Deadline(this.#cluster.clock, this.#options.defaultApiTimeoutMs);
      if (this.#cluster.cachedTopic(state.topic) !== undefined) await this.#cluster.refresh([state.topic]);
      const topic = await this.#cluster.topic(state.topic, { deadline, signal });
      checkPartitionExists(state, topic.partitions.length);
      if (this.#cluster.leaderOf(state.topic, state.partition) === undefined) {
        throw new BrokerError(LEADER_NOT_AVAILABLE, { topic: state.topic, partition: state.partition });
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof TimeoutError && error.code === "TIMEOUT") {
        // All its time went by without the topic: the reader has waited long enough.
        this.#backOff(state);
        this.#fail(state, error);
      } else {
        this.#failed(state, error);
      }
    } finally {
      state.isBusy = false;
    }
    if (!signal.aborted) this.#pump();
  }

  #leader(nodeId: number): LeaderState {
    let leader = this.#leaders.get(nodeId);
    if (leader === undefined) {
      leader = { isFetching: false, unread: 0 };
      this.#leaders.set(nodeId, leader);
    }
    return leader;
  }

  async #fetch(
    nodeId: number,
    leader: LeaderState,
    states: readonly PartitionState[],
    signal: AbortSignal,
  ): Promise<void> {
    const { config, requestTimeoutMs } = this.#options;
    leader.isFetching = true;
    for (const state of states) state.isBusy = true;
    const asked = states.map((state) => ({ state, fetchOffset: state.fetchOffset as bigint }));
    // Kept for the answer: the topic may be deleted and made anew, under another id, before that comes.
    const topicIds = new Map(
      states.map(({ topic }) => [topic, this.#cluster.metadata.topics.get(topic)?.topicId ?? ZERO_UUID]),
    );
    const byId = ![...topicIds.values()].includes(ZERO_UUID);
    const maxWaitMs = this.#maxWaitMs();
    const sentAtMs = this.#cluster.clock.monotonicMs();
    try {
      const topics = [...topicIds].map(([topic, topicId]) => ({
        topic,
        topicId,
        partitions: asked
          .filter(({ state }) => state.topic === topic)
          .map(({ state: { partition }, fetchOffset }) => ({
            partition,
            fetchOffset,
            partitionMaxBytes: config.maxPartitionFetchBytes,
          })),
      }));
      const { response, version, broker } = await this.#cluster.request(
        nodeId,
        Fetch,
        {
          maxWaitMs,
          minBytes: config.fetchMinBytes,
          maxBytes: config.fetchMaxBytes,
          ...NO_SESSION,
          topics,
        },
        {
          timeoutMs: requestTimeoutMs + maxWaitMs,
          mayTakeMs: maxWaitMs,
          purpose: this.#purpose,
          signal,
          ...(byId ? {} : { maxVersion: LAST_VERSION_BY_NAME }),
        },
      );
      if (signal.aborted) return;
      const context = { broker, apiKey: Fetch.apiKey, apiVersion: version };
      if (response.errorCode !== 0) throw new BrokerError(response.errorCode, context);
      const answer: Answer = { leader, unreadPartitions: 0 };
      const tally = new FetchTally();
      for (const { state, fetchOffset } of asked) {
        // Reading went back meanwhile: the answer begins too late.
        if (state.fetchOffset !== fetchOffset) continue;
        const data = response.responses
          .find(({ topic, topicId }) =>
            version > LAST_VERSION_BY_NAME ? topicId === topicIds.get(state.topic) : topic === state.topic,
          )
          ?.partitions.find(({ partitionIndex }) => partitionIndex === state.partition);
        this.#answered(state, data, answer, tally, context);
        if (data !== undefined && data.errorCode !== 0) {
          const topicId = topicIds.get(state.topic) ?? ZERO_UUID;
          this.#heedLeader(state, topicId, data, response.nodeEndpoints);
        }
      }
      if (answer.unreadPartitions > 0) leader.unread++;
      this.#observer.fetched(tally, () => {
        const latencyMs = this.#cluster.clock.monotonicMs() - sentAtMs;
        return { broker, nodeId, partitions: asked.length, latencyMs };
      });
    } catch (error) {
      if (!signal.aborted) this.#observer.fetchFailed();
      if (!signal.aborted) for (const state of states) this.#failed(state, error);
    } finally {
      leader.isFetching = false;
      for (const state of states) state.isBusy = false;
    }
    if (!signal.aborted) this.#pump();
  }

  /** The new leader is known (KIP-951): there is nothing to wait for. */
  #heedLeader(
    state: PartitionState,
    askedId: Uuid,
    { currentLeader }: PartitionData,
    brokers: FetchResponse["nodeEndpoints"],
  ): void {
    const { topic, partition } = state;
    const topicId = askedId === ZERO_UUID ? null : askedId;
    const learned = this.#cluster.learnLeaders([{ topic, topicId, partition, ...currentLeader }], brokers);
    if (learned > 0) state.notBeforeMs = 0;
  }

  /** A partition whose start is still being looked up must not have to wait out a fetch that leaves it out. */
  #maxWaitMs(): number {
    const { fetchMaxWaitMs } = this.#options.config;
    return this.#states.some(({ fetchOffset }) => fetchOffset === null)
      ? Math.min(fetchMaxWaitMs, WAIT_WHILE_LOOKING_UP_MS)
      : fetchMaxWaitMs;
  }

  #answered(
    state: PartitionState,
    data: PartitionData | undefined,
    answer: Answer,
    tally: FetchTally,
    context: { readonly broker: string; readonly apiKey: number; readonly apiVersion: number },
  ): void {
    const { topic, partition } = state;
    if (data?.errorCode === 0 && data.highWatermark >= 0n) state.endOffset = data.highWatermark;
    if (data === undefined) {
      const problem = { brokerMessage: "its answer leaves the partition out", retriable: true };
      this.#failed(
        state,
        new BrokerError(UNKNOWN_SERVER_ERROR, { ...context, topic, partition, ...problem }),
      );
    } else if (data.errorCode === OFFSET_OUT_OF_RANGE) {
      this.#outOfRange(state, context);
    } else if (data.errorCode !== 0) {
      this.#failed(state, new BrokerError(data.errorCode, { ...context, topic, partition }));
    } else if (data.records !== null && data.records.byteLength > 0) {
      this.#received(state, answer, tally, data.records);
    } else {
      this.#recovered(state);
    }
  }

  /** Batches in front of a damaged one are handed out; the next fetch then starts at that one, and fails on it. */
  #received(state: PartitionState, answer: Answer, tally: FetchTally, bytes: Uint8Array): void {
    const batches: RecordBatch[] = [];
    try {
      const { config, crc32 } = this.#options;
      for (const batch of readRecordBatches(bytes, { checkCrc: config.checkCrcs, crc32 }))
        batches.push(batch);
    } catch (error) {
      if (batches.length === 0) {
        this.#backOff(state);
        this.#fail(state, located(error, state));
        return;
      }
    }
    const last = batches.at(-1);
    if (last === undefined) return;
    this.#recovered(state);
    state.fetchOffset = last.lastOffset + 1n;
    state.unread++;
    answer.unreadPartitions++;
    this.#bytesBuffered += bytes.byteLength;
    tally.add(batches.length, bytes.byteLength);
    this.#ready.push({ state, batches, bytes: bytes.byteLength, answer });
    this.#wakeReader?.();
  }

  /** The offset was deleted by retention, or lies past the end. What to do then is the user's choice. */
  #outOfRange(state: PartitionState, context: { readonly broker: string; readonly apiKey: number }): void {
    const { autoOffsetReset } = this.#options.config;
    const { topic, partition, fetchOffset } = state;
    if (autoOffsetReset === "none") {
      this.#backOff(state);
      this.#fail(
        state,
        new BrokerError(OFFSET_OUT_OF_RANGE, {
          ...context,
          topic,
          partition,
          remedy: `offset ${fetchOffset} is not in the log; assign another one, or set autoOffsetReset`,
        }),
      );
      return;
    }
    this.#options.logger.warn(
      `Offset ${fetchOffset} of ${formatPartition(state)} is not in the log: reading goes on at the ${autoOffsetReset} one`,
    );
    state.fetchOffset = null;
    state.lookUp = autoOffsetReset;
  }

  #failed(state: PartitionState, error: unknown): void {
    if (!isRetriable(error)) {
      this.#backOff(state);
      this.#fail(state, error);
      return;
    }
    const now = this.#cluster.clock.monotonicMs();
    const { defaultApiTimeoutMs, logger } = this.#options;
    state.failingSinceMs ??= now;
    this.#backOff(state);
    logger.debug(`${formatPartition(state)} will be fetched again: ${messageOf(error)}`);
    if (now - state.failingSinceMs >= defaultApiTimeoutMs) {
      state.failingSinceMs = null;
      const message = `${formatPartition(state)} could not be read for ${defaultApiTimeoutMs} ms: ${messageOf(error)}`;
      this.#fail(state, new TimeoutError("TIMEOUT", message, { cause: error }));
      return;
    }
    this.#cluster.refresh([state.topic]).then(
      () => this.#pump(),
      // No broker can be asked now; the next attempt at fetching asks again.
      (failure) => logger.debug(`Leaders of "${state.topic}" are still unknown: ${messageOf(failure)}`),
    );
  }

  #recovered(state: PartitionState): void {
    state.failures = 0;
    state.failingSinceMs = null;
  }

  #backOff(state: PartitionState): void {
    state.failures++;
    state.notBeforeMs = this.#cluster.clock.monotonicMs() + this.#cluster.retryDelayMs(state.failures);
  }

  /** Tells the reader. Once per partition is enough: while that is not read, further attempts fail alike. */
  #fail(state: PartitionState, error: unknown): void {
    const isTold = this.#ready.some((ready) => ready.state === state && "error" in ready);
    if (!isTold) this.#ready.push({ state, error });
    this.#wakeReader?.();
  }
}

/** Says which partition an error in its bytes belongs to. */
export function located(error: unknown, { topic, partition }: PartitionState): unknown {
  if (error instanceof CorruptRecordBatchError) return error.inPartition(topic, partition);
  if (error instanceof DecodeError) return error.within(formatPartition({ topic, partition }));
  return error;
}
