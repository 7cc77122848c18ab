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
  /** Names of those topics by id. */
  readonly topicNames: ReadonlyMap<Uuid, string>;
  /** Error codes of topics that were asked for last and could not be described. */
  readonly topicErrors: ReadonlyMap<string, number>;
  /** The same of those that were asked for by id, while their names are not known. */
  readonly topicIdErrors: ReadonlyMap<Uuid, number>;
}

const LEADER_NOT_AVAILABLE = 5;

/** What is known before the first answer. */
export const EMPTY_METADATA: ClusterMetadata = {
  clusterId: null,
  controllerId: -1,
  brokers: new Map(),
  topics: new Map(),
  topicNames: new Map(),
  topicErrors: new Map(),
  topicIdErrors: new Map(),
};

/** Who leads a partition, as a broker says in its answer to something else (KIP-951). */
export interface LeaderHint {
  readonly topic: string;
  /** Null where topics have no ids. One of another id is another topic, whose epochs began anew. */
  readonly topicId: Uuid | null;
  readonly partition: number;
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

/** The cluster with the addresses of these brokers, beside those of others. */
export function applyBrokers(known: ClusterMetadata, brokers: readonly BrokerMetadata[]): ClusterMetadata {
  const all = new Map(known.brokers);
  for (const broker of brokers) all.set(broker.nodeId, broker);
  return { ...known, brokers: all };
}

/** The cluster as if no broker of it were known; what is known of its topics stays. */
export function withoutBrokers(known: ClusterMetadata): ClusterMetadata {
  return { ...known, brokers: new Map() };
}

/** The cluster with these leaders, where they are newer than what is known, and how many partitions that changed. */
export function applyLeaders(
  known: ClusterMetadata,
  leaders: readonly LeaderHint[],
): { readonly metadata: ClusterMetadata; readonly changed: number } {
  const topics = new Map(known.topics);
  let changed = 0;
  for (const { topic: name, topicId, partition, leaderId, leaderEpoch } of leaders) {
    const topic = topics.get(name);
    const held = topic?.partitions[partition];
    if (topic === undefined || held === undefined || topic.topicId !== topicId) continue;
    if (leaderId < 0 || leaderEpoch <= held.leaderEpoch || !known.brokers.has(leaderId)) continue;
    const partitions = topic.partitions.with(partition, { ...held, leaderId, leaderEpoch, errorCode: 0 });
    topics.set(name, { ...topic, partitions });
    changed++;
  }
  return changed === 0 ? { metadata: known, changed } : { metadata: { ...known, topics }, changed };
}

/**
 * The cluster after `response`. Topics that were not asked for stay as they were. A partition whose leader epoch
 * is older than the one already known keeps what is known: an answer from a broker that lags must not undo what
 * a newer one said (KIP-320), unless the topic was deleted and made anew. A topic is there once all its partitions
 * are described: a key's partition hangs on how many there are. Nothing known of another cluster stays.
 */
export function applyMetadata(before: ClusterMetadata, response: MetadataResponse): ClusterMetadata {
  const isOther =
    before.clusterId !== null && response.clusterId !== null && before.clusterId !== response.clusterId;
  const known = isOther ? EMPTY_METADATA : before;
  const topics = new Map(known.topics);
  const topicErrors = new Map(known.topicErrors);
  const topicIdErrors = new Map(known.topicIdErrors);
  for (const topic of response.topics) {
    const name = topic.name ?? known.topicNames.get(topic.topicId) ?? null;
    topicIdErrors.delete(topic.topicId);
    if (name === null) {
      topicIdErrors.set(topic.topicId, topic.errorCode);
      continue;
    }
    topicErrors.delete(name);
    if (topic.errorCode !== 0) {
      topics.delete(name);
      topicErrors.set(name, topic.errorCode);
      continue;
    }
    const topicId = topic.topicId === ZERO_UUID ? null : topic.topicId;
    const formerly = known.topics.get(name);
    const same = formerly !== undefined && formerly.topicId === topicId;
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
        const held = same ? formerly.partitions[partition.partitionIndex] : undefined;
        return held !== undefined && told.leaderEpoch >= 0 && held.leaderEpoch > told.leaderEpoch
          ? held
          : told;
      })
      .sort((a, b) => a.partition - b.partition);
    if (partitions.length === 0 || partitions.some(({ partition }, index) => partition !== index)) {
      if (formerly === undefined) topicErrors.set(name, LEADER_NOT_AVAILABLE);
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
    topicNames: namesById(topics),
    topicErrors,
    topicIdErrors,
  };
}

function namesById(topics: ReadonlyMap<string, TopicMetadata>): ReadonlyMap<Uuid, string> {
  const names = new Map<Uuid, string>();
  for (const { name, topicId } of topics.values()) if (topicId !== null) names.set(topicId, name);
  return names;
}
