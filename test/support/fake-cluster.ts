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
import { AppendError, FakeLog } from "./fake-log.ts";
import { FakePlatform } from "./fake-platform.ts";

export interface FakePartition {
  leader: number;
  leaderEpoch: number;
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
const UNKNOWN_TOPIC_ID = 100;

export class FakeCluster {
  readonly platform: FakePlatform;
  readonly brokers: readonly FakeBroker[];
  readonly topics = new Map<string, FakeTopic>();
  /** Node ids that metadata tells of. Default: all. */
  readonly alive = new Set<number>();
  /** Without topic ids, as before Kafka 2.8. */
  withoutTopicIds = false;
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
  }

  #partition(topic: string, partition: number): FakePartition {
    const found = this.topics.get(topic)?.partitions[partition];
    if (found === undefined) throw new Error(`No partition ${topic}-${partition}`);
    return found;
  }

  #describe(body: Infer<typeof Metadata.request>): InferInput<typeof Metadata.response> {
    const brokers = [...this.alive].map((nodeId) => {
      const [host, port] = this.broker(nodeId).address.split(":") as [string, string];
      return { nodeId, host, port: Number(port) };
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
      const partitions = topic.partitions.map(({ leader, leaderEpoch }, partitionIndex) => ({
        partitionIndex,
        leaderId: leader,
        leaderEpoch,
        replicaNodes: [leader],
        isrNodes: [leader],
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
    const untilMs = this.platform.clock.monotonicMs() + body.maxWaitMs;
    for (;;) {
      const responses = body.topics.map(({ topic, topicId, partitions }) => ({
        topic,
        topicId,
        partitions: partitions.map((asked) =>
          this.#read(nodeId, topic === "" ? { topicId } : { name: topic }, asked),
        ),
      }));
      const isEmpty = responses.every(({ partitions }) =>
        partitions.every(({ errorCode, records }) => errorCode === NONE && records?.byteLength === 0),
      );
      const leftMs = untilMs - this.platform.clock.monotonicMs();
      if (!isEmpty || leftMs <= 0) return { responses };
      await new Promise<void>((resolve) => {
        this.#appended.push(resolve);
        this.platform.clock.setTimer(leftMs, resolve, { background: true });
      });
    }
  }

  #read(
    nodeId: number,
    topic: { readonly name: string } | { readonly topicId: Uuid },
    asked: { readonly partition: number; readonly fetchOffset: bigint; readonly partitionMaxBytes: number },
  ): FetchPartition & { readonly errorCode: number; readonly records?: Uint8Array } {
    const partitionIndex = asked.partition;
    const found = this.#find(topic, partitionIndex, nodeId);
    if (typeof found === "number") return { partitionIndex, errorCode: found };
    const { startOffset, nextOffset } = found.log;
    if (asked.fetchOffset < startOffset || asked.fetchOffset > nextOffset) {
      return { partitionIndex, errorCode: OFFSET_OUT_OF_RANGE };
    }
    const records = found.log.read(asked.fetchOffset, asked.partitionMaxBytes);
    return { partitionIndex, errorCode: NONE, highWatermark: nextOffset, records };
  }

  /** All replicas have all records, and there has only been one epoch. */
  #endOffsets(
    nodeId: number,
    body: Infer<typeof OffsetForLeaderEpoch.request>,
  ): InferInput<typeof OffsetForLeaderEpoch.response> {
    const topics = body.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition, leaderEpoch }) => {
        const found = this.#find({ name: topic }, partition, nodeId);
        return typeof found === "number"
          ? { partition, errorCode: found }
          : { partition, leaderEpoch, endOffset: found.log.nextOffset };
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
      partitions: partitions.map(({ partitionIndex, timestamp }) => {
        const found = this.#find({ name }, partitionIndex, nodeId);
        if (typeof found === "number") return { partitionIndex, errorCode: found };
        const { log } = found;
        const offset =
          timestamp === -2n
            ? log.startOffset
            : timestamp === -1n
              ? log.nextOffset
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
  ): FakePartition | number {
    const topic =
      "name" in by
        ? this.topics.get(by.name)
        : [...this.topics.values()].find(({ topicId }) => topicId === by.topicId);
    const found = topic?.partitions[partition];
    if (found === undefined) return "name" in by ? UNKNOWN_TOPIC_OR_PARTITION : UNKNOWN_TOPIC_ID;
    return found.leader === nodeId ? found : NOT_LEADER_OR_FOLLOWER;
  }
}
