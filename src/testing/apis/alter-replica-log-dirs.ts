/**
 * AlterReplicaLogDirs, v1-2: moves replicas between the log directories of a broker, of which there is one here. So a
 * replica that the broker has is where it is to be (NONE), and any other directory is unknown (LOG_DIR_NOT_FOUND).
 */

import {
  AlterReplicaLogDirsRequest,
  AlterReplicaLogDirsResponse,
} from "../../protocol/messages/alter-replica-log-dirs.ts";
import { type RequestContext, serve } from "../api.ts";
import { errorNumber, NONE, Refusal } from "../error-code.ts";
import { CLUSTER_NAME } from "../security/authorizer.ts";

const LOG_DIR_NOT_FOUND = errorNumber("LOG_DIR_NOT_FOUND");
const REPLICA_NOT_AVAILABLE = errorNumber("REPLICA_NOT_AVAILABLE");
const UNKNOWN_TOPIC_OR_PARTITION = errorNumber("UNKNOWN_TOPIC_OR_PARTITION");

export const AlterReplicaLogDirs = serve({
  request: AlterReplicaLogDirsRequest,
  response: AlterReplicaLogDirsResponse,
  refuse: ({ dirs }, errorCode) => ({
    results: dirs.flatMap(({ topics }) =>
      topics.map(({ name, partitions }) => ({
        topicName: name,
        partitions: partitions.map((partitionIndex) => ({ partitionIndex, errorCode })),
      })),
    ),
  }),
  handle: ({ dirs }, context) => {
    if (!context.allows("ALTER", "CLUSTER", CLUSTER_NAME)) {
      throw new Refusal("CLUSTER_AUTHORIZATION_FAILED", "Cluster authorization failed.");
    }
    const errors = new Map<string, Map<number, number>>();
    for (const { path, topics } of dirs) {
      for (const { name, partitions } of topics) {
        const ofTopic = errors.get(name) ?? new Map<number, number>();
        errors.set(name, ofTopic);
        for (const index of partitions) ofTopic.set(index, errorOf(path, name, index, context));
      }
    }
    const results = Array.from(errors, ([topicName, ofTopic]) => ({
      topicName,
      partitions: Array.from(ofTopic, ([partitionIndex, errorCode]) => ({ partitionIndex, errorCode })),
    }));
    return { results };
  },
});

function errorOf(path: string, topic: string, index: number, context: RequestContext): number {
  const { cluster, broker } = context;
  const injected = context.injected({ topic, partition: index });
  if (injected !== NONE) return injected;
  if (path !== broker.logDirectory) return LOG_DIR_NOT_FOUND;
  const partition = cluster.topics.partition(topic, index);
  if (partition === undefined) return UNKNOWN_TOPIC_OR_PARTITION;
  return partition.replicas.includes(broker.id) ? NONE : REPLICA_NOT_AVAILABLE;
}
