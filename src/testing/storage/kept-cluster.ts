/** What a data directory says of the cluster as a whole: a file of our own, beside Kafka's logs. */

import type { ClusterState } from "../cluster-state.ts";
import type { KeptConfigs } from "../config/config-store.ts";

export interface KeptPartition {
  readonly replicas: readonly number[];
  readonly leaderEpoch: number;
}

export interface KeptTopic {
  readonly name: string;
  readonly topicId: string;
  readonly isInternal: boolean;
  readonly partitions: readonly KeptPartition[];
}

export interface KeptCluster {
  readonly version: 1;
  readonly clusterId: string;
  readonly brokers: number;
  /** Producer ids in front of it may have been given to somebody. */
  readonly producerIdsEnd: string;
  readonly features: Readonly<Record<string, number>>;
  readonly configs: KeptConfigs;
  readonly topics: readonly KeptTopic[];
}

/** What is to be kept of a cluster. */
export function keptOf(cluster: ClusterState): KeptCluster {
  return {
    version: 1,
    clusterId: cluster.clusterId,
    brokers: cluster.brokers.size,
    producerIdsEnd: String(cluster.producerIdsEnd),
    features: cluster.features.levels,
    configs: cluster.configs.kept,
    topics: Array.from(cluster.topics.all, ({ name, topicId, isInternal, partitions }) => ({
      name,
      topicId,
      isInternal,
      partitions: partitions.map(({ replicas, removing, leaderEpoch }) => ({
        // A move that is under way is over when all come back together.
        replicas: replicas.filter((id) => !removing.includes(id)),
        leaderEpoch,
      })),
    })),
  };
}

/** @throws Error where it makes no sense. */
export function readKept(text: string, path: string): KeptCluster {
  let kept: Partial<KeptCluster>;
  try {
    kept = JSON.parse(text) as Partial<KeptCluster>;
  } catch (error) {
    throw new Error(`${path} is damaged: ${error instanceof Error ? error.message : error}`);
  }
  if (kept.version !== 1 || !Array.isArray(kept.topics) || kept.configs === undefined) {
    throw new Error(`${path} was written by another version of kafkawire, or is none of its files`);
  }
  return kept as KeptCluster;
}
