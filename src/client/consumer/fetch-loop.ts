/** Decides what is fetched from whom, and when. */

import type { Timer } from "../../platform/platform.ts";
import { ZERO_UUID } from "../../protocol/uuid.ts";
import { AbortGroup } from "../abort-group.ts";
import type { Purpose } from "../broker.ts";
import type { Cluster } from "../cluster.ts";
import type { PartitionMetadata } from "../metadata.ts";
import type { ConsumerObserver } from "../observe/consumer-observer.ts";
import type { FetchBuffer } from "./fetch-buffer.ts";
import { type Asked, FetchOutcome } from "./fetch-outcome.ts";
import { FetchRoom } from "./fetch-room.ts";
import type { Wanted } from "./fetch-session.ts";
import { type FetchAnswer, FetchSource } from "./fetch-source.ts";
import type { FetchedRecords, PartitionState } from "./fetch-state.ts";
import type { FetcherOptions } from "./fetcher-options.ts";
import { PositionKeeper } from "./position-keeper.ts";
import { isUsable } from "./preferred-replica.ts";
import { Setbacks } from "./setbacks.ts";
import { mustBeChecked } from "./truncation.ts";

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

const WAIT_WHILE_PREPARING_MS = 50;
/** One answer being read, one fetched meanwhile. */
const MOST_UNREAD = 2;

export class FetchLoop {
  readonly #cluster: Cluster;
  readonly #options: FetcherOptions;
  readonly #observer: ConsumerObserver;
  readonly #outcome: FetchOutcome;
  readonly #room: FetchRoom;
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
    this.#observer = observer;
    this.#purpose = cluster.newPurpose("fetch");
    this.#room = new FetchRoom(options.config.fetchMaxBytes, buffer);
    const pump = (): void => this.pump();
    const fail = (state: PartitionState, error: unknown): void => buffer.fail(state, error);
    const setbacks = new Setbacks(cluster, { ...options, fail, pump });
    const { waits } = observer;
    this.#positions = new PositionKeeper({ ...options, cluster, buffer, setbacks, waits, pump });
    this.#outcome = new FetchOutcome(cluster, options, buffer, setbacks);
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
    const underWay = [...this.#sources.values()].filter(({ isFetching }) => isFetching);
    const maxBytes = this.#room.share([...fetches.keys(), ...underWay.map(({ nodeId }) => nodeId)]);
    this.#lacksRoom = false;
    for (const [nodeId, states] of idle) {
      const source = this.#source(nodeId);
      const reserved = Math.min(maxBytes, states.length * this.#options.config.maxPartitionFetchBytes);
      this.#lacksRoom = !this.#room.hasRoom(reserved, underWay);
      if (this.#lacksRoom) break;
      source.reservedBytes = reserved;
      underWay.push(source);
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
    if (!this.#outcome.isSameTopic(state)) {
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
        if (state.cursor === cursor) this.#outcome.failed(state, failure);
      }
    } else {
      const { broker } = answer.context;
      const tally = this.#outcome.heed(source.nodeId, asked, answer, (state) => {
        // Others come first now.
        if (this.#states.delete(state)) this.#states.add(state);
      });
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
}

function append<Key>(groups: Map<Key, PartitionState[]>, key: Key, state: PartitionState): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [state]);
  else group.push(state);
}
