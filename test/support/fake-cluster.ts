/** Brokers that together behave as a small Kafka cluster, until a test tells one of them to do otherwise. */

import {
  Fetch,
  InitProducerId,
  ListOffsets,
  Metadata,
  OffsetForLeaderEpoch,
  Produce,
} from "../../src/client/api.ts";
import type { Infer, InferInput } from "../../src/protocol/schema.ts";
import { type Uuid, ZERO_UUID } from "../../src/protocol/uuid.ts";
import { FakeBroker, type FakeRequest } from "./fake-broker.ts";
import { FakeFetchSessions } from "./fake-fetch-sessions.ts";
import { AppendError, FakeLog } from "./fake-log.ts";
import { FakePlatform } from "./fake-platform.ts";

export interface FakePartition {
  leader: number;
  leaderEpoch: number;
  /** Brokers that have all its records too, and from which it can be read. */
  followers?: readonly number[];
  readonly log: FakeLog;
}

export interface FakeTopic {
  readonly name: string;
  readonly topicId: Uuid;
  readonly partitions: FakePartition[];
}

type FetchPartition = InferInput<typeof Fetch.response>["responses"] extends
  | readonly (infer Topic)[]
  | undefined
  ? Topic extends { readonly partitions?: readonly (infer P)[] | undefined }
    ? P
    : never
  : never;

const NONE = 0;
const OFFSET_OUT_OF_RANGE = 1;
const UNKNOWN_TOPIC_OR_PARTITION = 3;
const NOT_LEADER_OR_FOLLOWER = 6;
const FENCED_LEADER_EPOCH = 74;
const UNKNOWN_LEADER_EPOCH = 75;
const UNKNOWN_TOPIC_ID = 100;

export class FakeCluster {
  readonly platform: FakePlatform;
  readonly brokers: readonly FakeBroker[];
  readonly topics = new Map<string, FakeTopic>();
  /** Node ids that metadata tells of. Default: all. */
  readonly alive = new Set<number>();
  /** Where brokers stand; readers in the same rack are sent to them. */
  readonly racks = new Map<number, string>();
  /** Without topic ids, as before Kafka 2.8. */
  withoutTopicIds = false;
  readonly #sessions = new Map<number, FakeFetchSessions>();
  #topicCount = 0;
  #nextProducerId = 1000n;
  #appended: (() => void)[] = [];

  constructor(brokerCount = 1, platform = new FakePlatform()) {
    this.platform = platform;
    this.brokers = Array.from({ length: brokerCount }, (_, i) => new FakeBroker(platform, `b${i + 1}:9092`));
    this.brokers.forEach((broker, index) => {
      const nodeId = index + 1;
      this.alive.add(nodeId);
      broker.handle(Metadata, ({ body }) => this.#describe(body));
      broker.handle(InitProducerId, () => ({ producerId: this.#nextProducerId++, producerEpoch: 0 }));
      broker.handle(Produce, (request) => this.#produce(nodeId, request));
      broker.handle(Fetch, ({ body }) => this.#fetch(nodeId, body));
      broker.handle(ListOffsets, ({ body }) => this.#listOffsets(nodeId, body));
      broker.handle(OffsetForLeaderEpoch, ({ body }) => this.#endOffsets(nodeId, body));
    });
  }

  get bootstrapServers(): string[] {
    return this.brokers.map(({ address }) => address);
  }

  /** The broker with this id; ids count from 1. */
  broker(nodeId: number): FakeBroker {
    return this.brokers[nodeId - 1] as FakeBroker;
  }

  /** Makes a topic; its partitions are led by the brokers in turn. */
  createTopic(name: string, partitionCount = 1): FakeTopic {
    const topicId = this.withoutTopicIds
      ? ZERO_UUID
      : (`topic${String(++this.#topicCount).padStart(16, "0")}A` as Uuid);
    const partitions = Array.from({ length: partitionCount }, (_, i) => ({
      leader: (i % this.brokers.length) + 1,
      leaderEpoch: 0,
      log: new FakeLog(),
    }));
    const topic = { name, topicId, partitions };
    this.topics.set(name, topic);
    return topic;
  }

  /** The fetch sessions that a broker keeps. */
  sessions(nodeId: number): FakeFetchSessions {
    const sessions = this.#sessions.get(nodeId) ?? new FakeFetchSessions();
    this.#sessions.set(nodeId, sessions);
    return sessions;
  }

  log(topic: string, partition = 0): FakeLog {
    return this.#partition(topic, partition).log;
  }

  /** Appends batches to a partition, as another producer would. */
  append(topic: string, partition: number, records: Uint8Array): void {
    this.log(topic, partition).append(records);
    for (const wake of this.#appended.splice(0)) wake();
  }

  /** Makes another broker the leader. */
  moveLeader(topic: string, partition: number, leader: number): void {
    const moved = this.#partition(topic, partition);
    moved.leader = leader;
    moved.leaderEpoch++;
    moved.log.leaderEpoch = moved.leaderEpoch;
  }

  #partition(topic: string, partition: number): FakePartition {
    const found = this.topics.get(topic)?.partitions[partition];
    if (found === undefined) throw new Error(`No partition ${topic}-${partition}`);
    return found;
  }

  #describe(body: Infer<typeof Metadata.request>): InferInput<typeof Metadata.response> {
    const brokers = [...this.alive].map((nodeId) => {
      const [host, port] = this.broker(nodeId).address.split(":") as [string, string];
      return { nodeId, host, port: Number(port), rack: this.racks.get(nodeId) ?? null };
    });
    const topics = (body.topics ?? []).map((asked) => {
      const byId = asked.name === null;
      const topic = byId
        ? [...this.topics.values()].find(({ topicId }) => topicId === asked.topicId)
        : this.topics.get(asked.name ?? "");
      if (topic === undefined) {
        return { ...asked, errorCode: byId ? UNKNOWN_TOPIC_ID : UNKNOWN_TOPIC_OR_PARTITION };
      }
      const { name } = topic;
      const partitions = topic.partitions.map(({ leader, leaderEpoch, followers = [] }, partitionIndex) => ({
        partitionIndex,
        leaderId: leader,
        leaderEpoch,
        replicaNodes: [leader, ...followers],
        isrNodes: [leader, ...followers],
      }));
      return { name, topicId: topic.topicId, partitions };
    });
    return { brokers, controllerId: [...this.alive][0] ?? -1, clusterId: "fake", topics };
  }

  #produce(
    nodeId: number,
    { body, version }: FakeRequest<Infer<typeof Produce.request>>,
  ): InferInput<typeof Produce.response> {
    const responses = body.topicData.map(({ name, topicId, partitionData }) => ({
      name,
      topicId,
      partitionResponses: partitionData.map(({ index, records }) => {
        const found = this.#find(version > 12 ? { topicId } : { name }, index, nodeId);
        if (typeof found === "number") return { index, errorCode: found, baseOffset: -1n };
        try {
          const baseOffset = found.log.append(records as Uint8Array);
          return { index, errorCode: NONE, baseOffset };
        } catch (error) {
          if (!(error instanceof AppendError)) throw error;
          return { index, errorCode: error.errorCode, baseOffset: -1n };
        }
      }),
    }));
    for (const wake of this.#appended.splice(0)) wake();
    return { responses };
  }

  async #fetch(
    nodeId: number,
    body: Infer<typeof Fetch.request>,
  ): Promise<InferInput<typeof Fetch.response>> {
    const sessions = this.sessions(nodeId);
    const fetch = sessions.resolve(body);
    if (typeof fetch === "number") return { errorCode: fetch };
    const { sessionId } = fetch;
    const untilMs = this.platform.clock.monotonicMs() + body.maxWaitMs;
    for (;;) {
      let leftBytes = body.maxBytes;
      const responses = fetch.topics.map(({ topic, topicId, partitions }) => ({
        topic,
        topicId,
        partitions: partitions.map((asked) => {
          const partitionMaxBytes = Math.min(asked.partitionMaxBytes, leftBytes);
          const place = topic === "" ? { topicId } : { name: topic };
          const data = this.#read(nodeId, place, { ...asked, partitionMaxBytes }, body);
          const bytes = data.records?.byteLength ?? 0;
          // Only the first batch of all may be larger than the limit.
          if (bytes > leftBytes && leftBytes < body.maxBytes) return { ...data, records: new Uint8Array() };
          leftBytes -= bytes;
          return data;
        }),
      }));
      const isEmpty = responses.every(({ partitions }) =>
        partitions.every(
          ({ errorCode, records, preferredReadReplica, divergingEpoch }) =>
            errorCode === NONE &&
            records?.byteLength === 0 &&
            preferredReadReplica === undefined &&
            divergingEpoch === undefined,
        ),
      );
      const leftMs = untilMs - this.platform.clock.monotonicMs();
      if (!isEmpty || leftMs <= 0) return { sessionId, responses: sessions.news(fetch, responses) };
      await new Promise<void>((resolve) => {
        this.#appended.push(resolve);
        this.platform.clock.setTimer(leftMs, resolve, { background: true });
      });
    }
  }

  #read(
    nodeId: number,
    topic: { readonly name: string } | { readonly topicId: Uuid },
    asked: Infer<typeof Fetch.request>["topics"][number]["partitions"][number],
    { isolationLevel, rackId }: { readonly isolationLevel: number; readonly rackId: string },
  ): FetchPartition & { readonly errorCode: number; readonly records?: Uint8Array } {
    const partitionIndex = asked.partition;
    const found = this.#find(topic, partitionIndex, nodeId, true);
    if (typeof found === "number") return { partitionIndex, errorCode: found };
    const { log, leader, leaderEpoch, followers = [] } = found;
    const epochError = compareEpochs(asked.currentLeaderEpoch, leaderEpoch);
    if (epochError !== NONE) {
      const currentLeader = { leaderId: leader, leaderEpoch };
      return { partitionIndex, errorCode: epochError, currentLeader };
    }
    const near =
      nodeId === leader ? followers.find((id) => this.racks.get(id) === rackId && rackId !== "") : undefined;
    const empty = new Uint8Array();
    if (near !== undefined && near !== leader) {
      return {
        partitionIndex,
        errorCode: NONE,
        preferredReadReplica: near,
        highWatermark: -1n,
        records: empty,
      };
    }
    const { startOffset, nextOffset } = log;
    const offsets = {
      highWatermark: nextOffset,
      lastStableOffset: log.lastStableOffset,
      logStartOffset: startOffset,
    };
    if (asked.lastFetchedEpoch >= 0) {
      const end = log.endOf(asked.lastFetchedEpoch);
      if (end.leaderEpoch < asked.lastFetchedEpoch || end.endOffset < asked.fetchOffset) {
        const divergingEpoch = { epoch: end.leaderEpoch, endOffset: end.endOffset };
        return { partitionIndex, errorCode: NONE, ...offsets, divergingEpoch, records: empty };
      }
    }
    if (asked.fetchOffset < startOffset || asked.fetchOffset > nextOffset) {
      return { partitionIndex, errorCode: OFFSET_OUT_OF_RANGE };
    }
    const isCommittedOnly = isolationLevel === 1;
    const records = log.read(
      asked.fetchOffset,
      asked.partitionMaxBytes,
      isCommittedOnly ? log.lastStableOffset : undefined,
    );
    const abortedTransactions = isCommittedOnly ? log.abortedFrom(asked.fetchOffset) : null;
    return { partitionIndex, errorCode: NONE, ...offsets, abortedTransactions, records };
  }

  /** All replicas have all records. */
  #endOffsets(
    nodeId: number,
    body: Infer<typeof OffsetForLeaderEpoch.request>,
  ): InferInput<typeof OffsetForLeaderEpoch.response> {
    const topics = body.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition, leaderEpoch, currentLeaderEpoch }) => {
        const found = this.#find({ name: topic }, partition, nodeId);
        if (typeof found === "number") return { partition, errorCode: found };
        const errorCode = compareEpochs(currentLeaderEpoch, found.leaderEpoch);
        return errorCode === NONE ? { partition, ...found.log.endOf(leaderEpoch) } : { partition, errorCode };
      }),
    }));
    return { topics };
  }

  #listOffsets(
    nodeId: number,
    body: Infer<typeof ListOffsets.request>,
  ): InferInput<typeof ListOffsets.response> {
    const topics = body.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex, timestamp, currentLeaderEpoch }) => {
        const found = this.#find({ name }, partitionIndex, nodeId);
        if (typeof found === "number") return { partitionIndex, errorCode: found };
        const errorCode = compareEpochs(currentLeaderEpoch, found.leaderEpoch);
        if (errorCode !== NONE) return { partitionIndex, errorCode };
        const { log } = found;
        const offset =
          timestamp === -2n
            ? log.startOffset
            : timestamp === -1n
              ? body.isolationLevel === 1
                ? log.lastStableOffset
                : log.nextOffset
              : log.offsetAt(Number(timestamp));
        return { partitionIndex, offset };
      }),
    }));
    return { topics };
  }

  /** The partition, or why this broker has nothing to say of it. */
  #find(
    by: { readonly name: string } | { readonly topicId: Uuid },
    partition: number,
    nodeId: number,
    orFollower = false,
  ): FakePartition | number {
    const topic =
      "name" in by
        ? this.topics.get(by.name)
        : [...this.topics.values()].find(({ topicId }) => topicId === by.topicId);
    const found = topic?.partitions[partition];
    if (found === undefined) return "name" in by ? UNKNOWN_TOPIC_OR_PARTITION : UNKNOWN_TOPIC_ID;
    const isReplica = found.leader === nodeId || (orFollower && found.followers?.includes(nodeId) === true);
    return isReplica ? found : NOT_LEADER_OR_FOLLOWER;
  }
}

/** What a broker says to a client that knows another epoch. */
function compareEpochs(theirs: number, ours: number): number {
  if (theirs < 0 || theirs === ours) return NONE;
  return theirs < ours ? FENCED_LEADER_EPOCH : UNKNOWN_LEADER_EPOCH;
}
