/** What the cluster looks like, as the brokers last told. Pure: no I/O happens here. */

import type { MetadataResponse } from "../protocol/messages/metadata.ts";
import { type Uuid, ZERO_UUID } from "../protocol/uuid.ts";
import type { Endpoint } from "./endpoint.ts";

/** A broker of the cluster. */
export interface BrokerMetadata extends Endpoint {
  readonly nodeId: number;
  readonly rack: string | null;
}

/** A partition of a topic. */
export interface PartitionMetadata {
  readonly partition: number;
  /** Node id of the leader; -1 while there is none. */
  readonly leaderId: number;
  /** -1 where brokers do not tell. */
  readonly leaderEpoch: number;
  readonly replicas: readonly number[];
  readonly inSyncReplicas: readonly number[];
  readonly errorCode: number;
}

/** A topic that exists. */
export interface TopicMetadata {
  readonly name: string;
  /** Null where brokers are too old to have topic ids. */
  readonly topicId: Uuid | null;
  readonly isInternal: boolean;
  /** Sorted by number, without gaps: partition `n` stands at index `n`. */
  readonly partitions: readonly PartitionMetadata[];
}

/** The cluster at one moment. */
export interface ClusterMetadata {
  readonly clusterId: string | null;
  readonly controllerId: number;
  readonly brokers: ReadonlyMap<number, BrokerMetadata>;
  readonly topics: ReadonlyMap<string, TopicMetadata>;
  /** Error codes of topics that were asked for last and could not be described. */
  readonly topicErrors: ReadonlyMap<string, number>;
}

const LEADER_NOT_AVAILABLE = 5;

/** What is known before the first answer. */
export const EMPTY_METADATA: ClusterMetadata = {
  clusterId: null,
  controllerId: -1,
  brokers: new Map(),
  topics: new Map(),
  topicErrors: new Map(),
};

/**
 * The cluster after `response`. Topics that were not asked for stay as they were. A partition whose leader epoch
 * is older than the one already known keeps what is known: an answer from a broker that lags must not undo what
 * a newer one said (KIP-320), unless the topic was deleted and made anew. A topic is there once all its partitions
 * are described: a key's partition hangs on how many there are.
 */
export function applyMetadata(known: ClusterMetadata, response: MetadataResponse): ClusterMetadata {
  const topics = new Map(known.topics);
  const topicErrors = new Map(known.topicErrors);
  for (const topic of response.topics) {
    const { name } = topic;
    if (name === null) continue;
    topicErrors.delete(name);
    if (topic.errorCode !== 0) {
      topics.delete(name);
      topicErrors.set(name, topic.errorCode);
      continue;
    }
    const topicId = topic.topicId === ZERO_UUID ? null : topic.topicId;
    const before = known.topics.get(name);
    const same = before !== undefined && before.topicId === topicId;
    const partitions = topic.partitions
      .map((partition): PartitionMetadata => {
        const told: PartitionMetadata = {
          partition: partition.partitionIndex,
          leaderId: partition.leaderId,
          leaderEpoch: partition.leaderEpoch,
          replicas: partition.replicaNodes,
          inSyncReplicas: partition.isrNodes,
          errorCode: partition.errorCode,
        };
        const held = same ? before.partitions[partition.partitionIndex] : undefined;
        return held !== undefined && told.leaderEpoch >= 0 && held.leaderEpoch > told.leaderEpoch
          ? held
          : told;
      })
      .sort((a, b) => a.partition - b.partition);
    if (partitions.length === 0 || partitions.some(({ partition }, index) => partition !== index)) {
      if (before === undefined) topicErrors.set(name, LEADER_NOT_AVAILABLE);
      continue;
    }
    topics.set(name, { name, topicId, isInternal: topic.isInternal, partitions });
  }
  return {
    clusterId: response.clusterId ?? known.clusterId,
    controllerId: response.controllerId,
    brokers: new Map(
      response.brokers.map(({ nodeId, host, port, rack }) => [nodeId, { nodeId, host, port, rack }] as const),
    ),
    topics,
    topicErrors,
  };
}
