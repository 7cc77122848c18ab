/** The part of a coordinator that stores the offsets of groups, without membership: a test says what is wrong. */

import { FindCoordinator, OffsetCommit, OffsetFetch } from "../../src/client/api.ts";
import type { OffsetCommitRequest } from "../../src/protocol/messages/offset-commit.ts";
import type { Infer } from "../../src/protocol/schema.ts";
import type { Uuid } from "../../src/protocol/uuid.ts";
import type { FakeCluster } from "./fake-cluster.ts";

export interface StoredOffset {
  readonly offset: bigint;
  readonly leaderEpoch: number;
  readonly metadata: string;
}

const OFFSET_METADATA_TOO_LARGE = 12;
const NOT_COORDINATOR = 16;
const UNKNOWN_TOPIC_OR_PARTITION = 3;
const UNKNOWN_TOPIC_ID = 100;
const UNSTABLE_OFFSET_COMMIT = 88;

/** Kafka's default of `offset.metadata.max.bytes`. */
const MAX_METADATA = 4096;

export class FakeOffsets {
  readonly #cluster: FakeCluster;
  /** Node id of the coordinator. */
  coordinator: number;
  /** By `topic-partition`. */
  readonly stored = new Map<string, StoredOffset>();
  /** The same in the order in which they were stored, as `topic-partition=offset`. */
  readonly history: string[] = [];
  /** Partitions that a transaction is about to commit. */
  readonly pending = new Set<string>();
  /** Error codes by `topic-partition`, each for as long as it stands here. */
  readonly refused = new Map<string, number>();
  /** An error code for whole requests, where it is not 0. */
  groupError = 0;

  constructor(cluster: FakeCluster, coordinator = 1) {
    this.#cluster = cluster;
    this.coordinator = coordinator;
    cluster.brokers.forEach((broker, index) => {
      const nodeId = index + 1;
      broker.handle(FindCoordinator, ({ body, version }) => {
        const [host, port] = cluster.broker(this.coordinator).address.split(":") as [string, string];
        const found = { nodeId: this.coordinator, host, port: Number(port) };
        return version < 4 ? found : { coordinators: body.coordinatorKeys.map((key) => ({ key, ...found })) };
      });
      broker.handle(OffsetCommit, ({ body, version }) => this.take(nodeId, body, version));
      broker.handle(OffsetFetch, ({ body, version }) => {
        const whole = nodeId === this.coordinator ? this.groupError : NOT_COORDINATOR;
        const group = version < 8 ? body : body.groups[0];
        const topics = (group?.topics ?? []).map((asked) => {
          const topic =
            version < 10 ? asked.name : this.#name((asked as { readonly topicId?: Uuid }).topicId);
          const partitions = asked.partitionIndexes.map((partitionIndex) =>
            this.#tell(topic, partitionIndex, body.requireStable, version === 1 ? whole : 0),
          );
          return { ...asked, partitions };
        });
        if (version < 8) return { topics, errorCode: whole };
        return { groups: [{ groupId: body.groups[0]?.groupId ?? "", topics, errorCode: whole }] };
      });
    });
  }

  /** Does what a broker does with the request; tests call it for requests that come late. */
  take(nodeId: number, body: Infer<typeof OffsetCommitRequest>, version: number) {
    const topics = body.topics.map(({ name, topicId, partitions }) => {
      const topic = version < 10 ? name : this.#name(topicId);
      return {
        name,
        topicId,
        partitions: partitions.map(({ partitionIndex, ...given }) => {
          const key = `${topic}-${partitionIndex}`;
          const isTooLarge = (given.committedMetadata ?? "").length > MAX_METADATA;
          const errorCode = isTooLarge
            ? OFFSET_METADATA_TOO_LARGE
            : this.#errorCode(nodeId, topic, partitionIndex, version);
          if (errorCode === 0) {
            const { committedOffset: offset, committedLeaderEpoch, committedMetadata } = given;
            this.stored.set(key, {
              offset,
              leaderEpoch: committedLeaderEpoch,
              metadata: committedMetadata ?? "",
            });
            this.history.push(`${key}=${offset}`);
          }
          return { partitionIndex, errorCode };
        }),
      };
    });
    return { topics };
  }

  #errorCode(nodeId: number, topic: string | undefined, partition: number, version: number): number {
    if (nodeId !== this.coordinator) return NOT_COORDINATOR;
    if (this.groupError !== 0) return this.groupError;
    if (topic === undefined) return UNKNOWN_TOPIC_ID;
    const known = this.#cluster.topics.get(topic)?.partitions[partition];
    if (known === undefined) return version < 10 ? UNKNOWN_TOPIC_OR_PARTITION : UNKNOWN_TOPIC_ID;
    return this.refused.get(`${topic}-${partition}`) ?? 0;
  }

  #tell(topic: string | undefined, partitionIndex: number, requireStable: boolean, errorCode: number) {
    const nothing = { partitionIndex, committedOffset: -1n, committedLeaderEpoch: -1, metadata: "" };
    if (errorCode !== 0) return { ...nothing, errorCode };
    if (topic === undefined) return { ...nothing, errorCode: UNKNOWN_TOPIC_ID };
    const key = `${topic}-${partitionIndex}`;
    if (requireStable && this.pending.has(key)) return { ...nothing, errorCode: UNSTABLE_OFFSET_COMMIT };
    const refused = this.refused.get(key) ?? 0;
    const { offset, leaderEpoch, metadata } = this.stored.get(key) ?? {};
    if (refused !== 0 || offset === undefined) return { ...nothing, errorCode: refused };
    return {
      partitionIndex,
      committedOffset: offset,
      committedLeaderEpoch: leaderEpoch ?? -1,
      metadata: metadata ?? "",
      errorCode: 0,
    };
  }

  #name(topicId: Uuid | undefined): string | undefined {
    return [...this.#cluster.topics.values()].find((topic) => topic.topicId === topicId)?.name;
  }
}
