/** Decides what is fetched from whom, and applies what comes back. */

import type { Timer } from "../../platform/platform.ts";
import type { Crc32 } from "../../protocol/records/legacy-message.ts";
import { ZERO_UUID } from "../../protocol/uuid.ts";
import { AbortGroup } from "../abort-group.ts";
import type { Purpose } from "../broker.ts";
import type { Cluster } from "../cluster.ts";
import type { ResolvedConsumerConfig } from "../config/consumer-config.ts";
import { BrokerError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { PartitionMetadata } from "../metadata.ts";
import { type ConsumerObserver, FetchTally } from "../observe/consumer-observer.ts";
import { judge, type PartitionData } from "./fetch-answer.ts";
import type { FetchBuffer } from "./fetch-buffer.ts";
import type { Wanted } from "./fetch-session.ts";
import { type FetchAnswer, FetchSource } from "./fetch-source.ts";
import type { Answer, Cursor, FetchedRecords, PartitionState } from "./fetch-state.ts";
import { resetPosition } from "./offset-reset.ts";
import { PositionKeeper } from "./position-keeper.ts";
import { isUsable } from "./preferred-replica.ts";
import { Setbacks } from "./setbacks.ts";
import { isOtherTopic, mustBeChecked } from "./truncation.ts";

/** What a fetcher needs to know. */
export interface FetcherOptions {
  readonly config: ResolvedConsumerConfig;
  readonly requestTimeoutMs: number;
  readonly defaultApiTimeoutMs: number;
  /** How long a replica that a leader points to is read from before the leader is asked again. */
  readonly metadataMaxAgeMs: number;
  readonly logger: Logger;
  /** Checks records of magic 0 and 1; undefined where the platform has none. */
  readonly crc32: Crc32 | undefined;
}

interface Asked {
  readonly state: PartitionState;
  readonly cursor: Cursor;
  readonly fetchOffset: bigint;
  readonly currentLeaderEpoch: number;
}

/** What can be started now. */
interface Startable {
  readonly lookUps: PartitionState[];
  /** By their topics. */
  readonly leaderless: Map<string, PartitionState[]>;
  readonly checks: Map<number, PartitionState[]>;
  readonly fetches: Map<number, PartitionState[]>;
  /** Brokers whose next fetch had better wait for a partition that is about to want more. */
  readonly awaited: Set<number>;
  wakeAtMs: number;
}

const OFFSET_OUT_OF_RANGE = 1;
const UNKNOWN_TOPIC_ID = 100;
const UNKNOWN_SERVER_ERROR = -1;
const WAIT_WHILE_PREPARING_MS = 50;
/** So long a replica that failed is not read from: by then the leader may have noticed too. */
const LEADER_ONLY_MS = 10_000;
/** One answer being read, one fetched meanwhile. */
const MOST_UNREAD = 2;

export class FetchLoop {
  readonly #cluster: Cluster;
  readonly #options: FetcherOptions;
  readonly #buffer: FetchBuffer;
  readonly #observer: ConsumerObserver;
  readonly #setbacks: Setbacks;
  readonly #positions: PositionKeeper;
  /** The broker's answers to other consumers must not stand in front of ours. */
  readonly #purpose: Purpose;
  /** In the order in which they are named in a request: who has had records stands behind those who have not. */
  readonly #states = new Set<PartitionState>();
  #sources = new Map<number, FetchSource>();
  #isRunning = false;
  #isPumping = false;
  #mustLookAgain = false;
  /** A fetch waits for what is held to be read. */
  #lacksRoom = false;
  #timer: Timer | null = null;
  /** Ends what is under way. */
  #work = new AbortGroup();

  constructor(cluster: Cluster, options: FetcherOptions, buffer: FetchBuffer, observer: ConsumerObserver) {
    this.#cluster = cluster;
    this.#options = options;
    this.#buffer = buffer;
    this.#observer = observer;
    this.#purpose = cluster.newPurpose("fetch");
    const pump = (): void => this.pump();
    this.#setbacks = new Setbacks(cluster, {
      ...options,
      fail: (state, error) => buffer.fail(state, error),
      pump,
    });
    const { setbacks, waits } = { setbacks: this.#setbacks, waits: observer.waits };
    this.#positions = new PositionKeeper({ ...options, cluster, buffer, setbacks, waits, pump });
  }

  add(state: PartitionState): void {
    this.#states.add(state);
  }

  remove(state: PartitionState): void {
    this.#states.delete(state);
  }

  /** Begins. Before that nothing is asked of the cluster. */
  run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.pump();
  }

  /** Ends what is under way, until it is run again. */
  stop(reason: Error): void {
    this.#isRunning = false;
    this.#work.abort(reason);
    this.#work = new AbortGroup();
    this.#timer?.cancel();
    this.#timer = null;
    this.#states.clear();
    // A fetch that is under way keeps its connection busy for up to `fetchMaxWaitMs`.
    this.#cluster.release(this.#purpose, reason);
    this.#sources = new Map(
      [...this.#sources].map(([nodeId, former]) => [nodeId, this.#newSource(nodeId, former)]),
    );
  }

  /** Takes notice that the reader found nothing to take. */
  askedInVain(): void {
    if (this.#lacksRoom) this.pump();
  }

  /** Takes notice that records were read. */
  done({ state, cursor }: FetchedRecords): void {
    if (state.cursor === cursor) {
      const now = this.#cluster.clock.monotonicMs();
      if (now - state.lastDoneMs < this.#options.config.fetchMaxWaitMs) state.isSlow = false;
      state.lastDoneMs = now;
      state.fullSinceMs = null;
    }
    this.pump();
  }

  /** Ends the sessions that brokers keep. */
  endSessions(): void {
    for (const source of this.#sources.values()) source.endSession();
    this.#sources.clear();
  }

  /** Starts whatever can be started. */
  pump(): void {
    if (!this.#isRunning) return;
    // What is started may fail at once, which is a reason to look again.
    this.#mustLookAgain = true;
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (this.#mustLookAgain) {
      this.#mustLookAgain = false;
      this.#startAll();
    }
    this.#isPumping = false;
  }

  #startAll(): void {
    const now = this.#cluster.clock.monotonicMs();
    const { lookUps, leaderless, checks, fetches, awaited, wakeAtMs } = this.#startable(now);
    if (lookUps.length > 0) this.#start((signal) => this.#positions.lookUp(lookUps, signal));
    for (const [topic, states] of leaderless) {
      this.#start((signal) => this.#positions.findLeaders(topic, states, signal));
    }
    for (const [nodeId, states] of checks) {
      this.#start((signal) => this.#positions.check(nodeId, states, signal));
    }
    const idle = [...fetches].filter(([nodeId]) => !awaited.has(nodeId) && !this.#source(nodeId).isFetching);
    const maxBytes = this.#share(fetches);
    this.#lacksRoom = false;
    for (const [nodeId, states] of idle) {
      const source = this.#source(nodeId);
      const reserved = Math.min(maxBytes, states.length * this.#options.config.maxPartitionFetchBytes);
      this.#lacksRoom = !this.#hasRoom(reserved);
      if (this.#lacksRoom) break;
      source.reservedBytes = reserved;
      this.#start((signal) => this.#fetch(source, states, maxBytes, signal));
    }
    this.#timer?.cancel();
    this.#timer =
      wakeAtMs < Number.POSITIVE_INFINITY
        ? this.#cluster.clock.setTimer(wakeAtMs - now, () => this.pump())
        : null;
  }

  #start(work: (signal: AbortSignal) => Promise<void>): void {
    void this.#work.run(work);
  }

  #startable(now: number): Startable {
    const startable: Startable = {
      lookUps: [],
      leaderless: new Map(),
      checks: new Map(),
      fetches: new Map(),
      awaited: new Set(),
      wakeAtMs: Number.POSITIVE_INFINITY,
    };
    for (const state of this.#states) {
      if (!state.isHeld && state.cursor.work === null) this.#sort(state, startable, now);
    }
    return startable;
  }

  #sort(state: PartitionState, startable: Startable, now: number): void {
    const { cursor, topic, partition } = state;
    const wakeAt = (atMs: number): void => {
      startable.wakeAtMs = Math.min(startable.wakeAtMs, atMs);
    };
    if (cursor.notBeforeMs > now) {
      wakeAt(cursor.notBeforeMs);
      return;
    }
    if (cursor.fetchOffset === null) {
      // What was fetched is read first: it comes before the offset that is looked up, whatever that is.
      if (cursor.unread === 0 && cursor.lookUp !== null) startable.lookUps.push(state);
      return;
    }
    const leader = this.#cluster.leaderOf(topic, partition);
    if (leader === undefined) {
      append(startable.leaderless, topic, state);
      return;
    }
    if (!this.#isSameTopic(state)) {
      this.#sort(state, startable, now);
      return;
    }
    if (mustBeChecked(cursor, this.#metadata(state)?.leaderEpoch ?? -1)) {
      append(startable.checks, leader, state);
      return;
    }
    if (state.isPaused) return;
    const nodeId = this.#replica(state, leader, now);
    if (cursor.unread < MOST_UNREAD) {
      append(startable.fetches, nodeId, state);
      return;
    }
    // A fetch without it would keep the broker busy for `fetchMaxWaitMs` while it runs out of records; one that
    // lasts for longer than that can be left out.
    state.fullSinceMs ??= now;
    const untilMs = state.fullSinceMs + this.#options.config.fetchMaxWaitMs;
    if (untilMs <= now) state.isSlow = true;
    if (state.isSlow) return;
    startable.awaited.add(nodeId);
    wakeAt(untilMs);
  }

  #metadata({ topic, partition }: PartitionState): PartitionMetadata | undefined {
    return this.#cluster.metadata.topics.get(topic)?.partitions[partition];
  }

  /** Offsets of a topic mean nothing in another that has its name. */
  #isSameTopic(state: PartitionState): boolean {
    const { cursor, topic } = state;
    const topicId = this.#cluster.metadata.topics.get(topic)?.topicId ?? null;
    if (!isOtherTopic(cursor.topicId, topicId)) {
      cursor.topicId = topicId;
      return true;
    }
    const remedy =
      "the topic was deleted and made anew; seek to where to go on in it, or set autoOffsetReset";
    this.#reset(state, new BrokerError(UNKNOWN_TOPIC_ID, { topic, partition: state.partition, remedy }));
    return false;
  }

  #replica(state: PartitionState, leader: number, now: number): number {
    const { preferredReplica } = state;
    if (preferredReplica === null) return leader;
    if (isUsable(preferredReplica, state, this.#cluster.metadata, now)) return preferredReplica.nodeId;
    state.preferredReplica = null;
    return leader;
  }

  #source(nodeId: number): FetchSource {
    let source = this.#sources.get(nodeId);
    if (source === undefined) {
      source = this.#newSource(nodeId, null);
      this.#sources.set(nodeId, source);
    }
    return source;
  }

  #newSource(nodeId: number, former: FetchSource | null): FetchSource {
    return new FetchSource(
      nodeId,
      { ...this.#options, cluster: this.#cluster, purpose: this.#purpose },
      former,
    );
  }

  /** How large an answer may be, so that those of all brokers together are bounded. */
  #share(fetches: ReadonlyMap<number, unknown>): number {
    const brokers = new Set(fetches.keys());
    for (const { nodeId, isFetching } of this.#sources.values()) if (isFetching) brokers.add(nodeId);
    return Math.max(1, Math.floor(this.#options.config.fetchMaxBytes / Math.max(1, brokers.size)));
  }

  /**
   * Whether as much more may be fetched. It always may where the reader wants something and nothing of what is there
   * is for it: all of it is in its hands already, or of partitions that it does not want now.
   */
  #hasRoom(bytes: number): boolean {
    let reserved = 0;
    for (const source of this.#sources.values()) if (source.isFetching) reserved += source.reservedBytes;
    const isFull = (): boolean => {
      const taken = this.#buffer.heldBytes + reserved;
      return taken > 0 && taken + bytes > MOST_UNREAD * this.#options.config.fetchMaxBytes;
    };
    if (isFull()) this.#makeRoom(isFull);
    return !isFull() || (reserved === 0 && this.#buffer.isAskedInVain);
  }

  /** What paused partitions hold can be fetched again; it must not keep others from being read. */
  #makeRoom(isFull: () => boolean): void {
    for (const state of this.#buffer.holders(({ isPaused, isHeld }) => isPaused || isHeld)) {
      if (!isFull()) return;
      this.#buffer.rewind(state);
    }
  }

  async #fetch(
    source: FetchSource,
    states: readonly PartitionState[],
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<void> {
    const wanted = new Map<string, Wanted>();
    const asked = new Map<string, Asked>();
    for (const state of states) {
      const { name, cursor, topic, partition } = state;
      const currentLeaderEpoch = this.#metadata(state)?.leaderEpoch ?? -1;
      cursor.work = "fetch";
      const fetchOffset = cursor.fetchOffset as bigint;
      asked.set(name, { state, cursor, fetchOffset, currentLeaderEpoch });
      wanted.set(name, {
        topic,
        partition,
        topicId: cursor.topicId ?? ZERO_UUID,
        fetchOffset,
        currentLeaderEpoch,
        // A replica that lags behind does not have it yet, and would take that for a truncated log.
        reader: state,
        lastFetchedEpoch: state.preferredReplica === null ? cursor.fetchEpoch : -1,
      });
    }
    source.isFetching = true;
    const sentAtMs = this.#cluster.clock.monotonicMs();
    let answer: FetchAnswer | null = null;
    let failure: unknown = null;
    try {
      const rackId = states.some((state) => state.leaderOnlyUntilMs > sentAtMs)
        ? ""
        : this.#options.config.clientRack;
      answer = await source.fetch(wanted, { maxBytes, maxWaitMs: this.#maxWaitMs(), rackId }, signal);
    } catch (error) {
      failure = error;
    }
    source.isFetching = false;
    for (const { cursor } of asked.values()) cursor.work = null;
    if (signal.aborted) return;
    if (answer === null) {
      this.#observer.fetchFailed();
      for (const { state, cursor } of asked.values()) {
        if (state.cursor === cursor) this.#failed(state, failure);
      }
    } else {
      const { broker } = answer.context;
      const tally = this.#heed(source, asked, answer);
      this.#observer.fetched(tally, () => {
        const latencyMs = this.#cluster.clock.monotonicMs() - sentAtMs;
        return { broker, nodeId: source.nodeId, partitions: asked.size, latencyMs };
      });
    }
    this.pump();
  }

  /** A partition that can be fetched in a moment must not have to wait out a fetch that leaves it out. */
  #maxWaitMs(): number {
    const { fetchMaxWaitMs } = this.#options.config;
    for (const { isHeld, cursor } of this.#states) {
      const isSoon = cursor.work === "preparation" || (cursor.fetchOffset === null && cursor.lookUp !== null);
      if (isSoon && !isHeld) return Math.min(fetchMaxWaitMs, WAIT_WHILE_PREPARING_MS);
    }
    return fetchMaxWaitMs;
  }

  #heed(source: FetchSource, asked: ReadonlyMap<string, Asked>, response: FetchAnswer): FetchTally {
    const answer: Answer = { bytes: response.bytes, unreadPartitions: 0 };
    const tally = new FetchTally();
    for (const [name, each] of asked) {
      const { state, cursor, fetchOffset } = each;
      // Reading was sent elsewhere meanwhile, or back.
      if (state.cursor !== cursor || cursor.fetchOffset !== fetchOffset) continue;
      const data = response.partitions.get(name);
      if (data !== undefined) {
        this.#heedPartition(source, each, data, response, answer, tally);
      } else if (response.isFull) {
        this.#failedBy(state, response, "its answer leaves the partition out");
      } else {
        this.#setbacks.recovered(cursor);
      }
    }
    return tally;
  }

  #heedPartition(
    source: FetchSource,
    { state, cursor, currentLeaderEpoch }: Asked,
    data: PartitionData,
    response: FetchAnswer,
    answer: Answer,
    tally: FetchTally,
  ): void {
    const { config, crc32, metadataMaxAgeMs } = this.#options;
    if (data.errorCode === 0) learnOffsets(state, data);
    const verdict = judge(data, state, cursor.fetchOffset as bigint, { checkCrc: config.checkCrcs, crc32 });
    if (verdict.kind === "records" || verdict.kind === "nothing") this.#setbacks.recovered(cursor);
    switch (verdict.kind) {
      case "records": {
        const { batches, bytes, last } = verdict;
        cursor.fetchOffset = last.lastOffset + 1n;
        cursor.fetchEpoch = last.partitionLeaderEpoch;
        cursor.validEpoch = currentLeaderEpoch;
        tally.add(batches.length, bytes);
        const abortedTransactions =
          config.isolationLevel === "read_committed" ? (data.abortedTransactions ?? []) : null;
        this.#buffer.deliver({ state, cursor, batches, bytes, abortedTransactions, answer });
        // Others come first now.
        this.#states.delete(state);
        this.#states.add(state);
        return;
      }
      case "nothing":
        return;
      case "stale":
        this.#failedBy(state, response, "the records in its answer end before the offset asked for");
        return;
      case "damaged":
        this.#setbacks.fatal(state, verdict.error);
        return;
      case "redirected": {
        const untilMs = this.#cluster.clock.monotonicMs() + metadataMaxAgeMs;
        state.preferredReplica = { nodeId: verdict.nodeId, untilMs };
        return;
      }
      case "diverged":
        // The leader is asked where, in so many words.
        cursor.validEpoch = -1;
        this.#setbacks.backOff(cursor);
        return;
      case "out of range":
        this.#outOfRange(source, state, response);
        return;
      case "refused": {
        const { topic, partition } = state;
        this.#failed(state, new BrokerError(verdict.errorCode, { ...response.context, topic, partition }));
        this.#heedLeader(state, data, response);
      }
    }
  }

  /** The broker's answer makes no sense. */
  #failedBy(state: PartitionState, { context }: FetchAnswer, brokerMessage: string): void {
    const { topic, partition } = state;
    const problem = { ...context, topic, partition, brokerMessage, retriable: true };
    this.#failed(state, new BrokerError(UNKNOWN_SERVER_ERROR, problem));
  }

  #failed(state: PartitionState, error: unknown): void {
    this.#leaveReplica(state);
    this.#setbacks.failed(state, error);
  }

  /** A replica that fails is left for the leader, which would point to it again. */
  #leaveReplica(state: PartitionState): void {
    if (state.preferredReplica === null) return;
    state.preferredReplica = null;
    state.leaderOnlyUntilMs = this.#cluster.clock.monotonicMs() + LEADER_ONLY_MS;
  }

  /** The new leader is known (KIP-951): there is nothing to wait for. */
  #heedLeader(state: PartitionState, { currentLeader }: PartitionData, { brokers }: FetchAnswer): void {
    const { topic, partition, cursor } = state;
    const { topicId } = cursor;
    const learned = this.#cluster.learnLeaders([{ topic, topicId, partition, ...currentLeader }], brokers);
    if (learned > 0) cursor.notBeforeMs = 0;
  }

  /** The offset was deleted by retention, or lies past the end. What to do then is the user's choice. */
  #outOfRange(source: FetchSource, state: PartitionState, { context }: FetchAnswer): void {
    const { topic, partition, cursor } = state;
    // Only the leader knows: a replica may lag behind, and a leader may have been replaced.
    if (this.#cluster.leaderOf(topic, partition) !== source.nodeId) {
      this.#leaveReplica(state);
      this.#setbacks.backOff(cursor);
      return;
    }
    const remedy = `offset ${cursor.fetchOffset} is not in the log; seek to another one, or set autoOffsetReset`;
    this.#reset(state, new BrokerError(OFFSET_OUT_OF_RANGE, { ...context, topic, partition, remedy }));
  }

  /** Goes on where `autoOffsetReset` says, once what was fetched has been read. */
  #reset(state: PartitionState, error: BrokerError): void {
    const { config, logger } = this.#options;
    const { cursor } = state;
    const reset = resetPosition(config.autoOffsetReset);
    if (reset === null) {
      this.#setbacks.fatal(state, error);
      return;
    }
    logger.warn(
      `Offset ${cursor.fetchOffset} of ${state.name} is not in the log: reading goes on by autoOffsetReset ("${config.autoOffsetReset}")`,
    );
    cursor.fetchOffset = null;
    cursor.lookUp = reset;
    cursor.topicId = null;
  }
}

function learnOffsets(state: PartitionState, data: PartitionData): void {
  if (data.highWatermark >= 0n) state.highWatermark = data.highWatermark;
  if (data.lastStableOffset >= 0n) state.lastStableOffset = data.lastStableOffset;
  if (data.logStartOffset >= 0n) state.logStartOffset = data.logStartOffset;
}

function append<Key>(groups: Map<Key, PartitionState[]>, key: Key, state: PartitionState): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [state]);
  else group.push(state);
}
