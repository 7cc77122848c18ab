/**
 * ElectLeaders, v0-2: has the preferred replicas lead (type 0), or any that is up where none leads (type 1, v1).
 *
 * - Where all partitions are asked for (null), those that need no election are left out.
 * - Another type of election is INVALID_REQUEST.
 */

import { ElectLeadersRequest, ElectLeadersResponse } from "../../protocol/messages/elect-leaders.ts";
import type { InferInput } from "../../protocol/schema.ts";
import { type RequestContext, serve } from "../api.ts";
import { errorNumber, NONE, Refusal } from "../error-code.ts";
import { CLUSTER_NAME } from "../security/authorizer.ts";
import { refuseUnlessController } from "../topics/controller.ts";
import type { Partition } from "../topics/partition.ts";

type TopicAnswer = NonNullable<InferInput<typeof ElectLeadersResponse>["replicaElectionResults"]>[number];
type PartitionAnswer = NonNullable<TopicAnswer["partitionResult"]>[number];

const PREFERRED = 0;
const UNCLEAN = 1;
const ELECTION_NOT_NEEDED = errorNumber("ELECTION_NOT_NEEDED");

export const ElectLeaders = serve({
  request: ElectLeadersRequest,
  response: ElectLeadersResponse,
  refuse: ({ topicPartitions }, errorCode, errorMessage) => ({
    errorCode,
    replicaElectionResults: (topicPartitions ?? []).map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map((partitionId) => ({ partitionId, errorCode, errorMessage })),
    })),
  }),
  handle: ({ electionType, topicPartitions }, context) => {
    refuseUnlessController(context);
    if (!context.allows("ALTER", "CLUSTER", CLUSTER_NAME)) {
      throw new Refusal("CLUSTER_AUTHORIZATION_FAILED", "Cluster authorization failed.");
    }
    if (electionType !== PREFERRED && electionType !== UNCLEAN) {
      throw new Refusal("INVALID_REQUEST", `Unknown election type ${electionType}`);
    }
    const { topics } = context.cluster;
    const asked =
      topicPartitions ??
      Array.from(topics.all, ({ name, partitions }) => ({
        topic: name,
        partitions: partitions.map(({ index }) => index),
      }));
    return {
      errorCode: NONE,
      replicaElectionResults: asked.map(({ topic, partitions }) => {
        const results = partitions.map((index) => elect(topic, index, electionType, context));
        const needed = ({ errorCode }: PartitionAnswer): boolean => errorCode !== ELECTION_NOT_NEEDED;
        return { topic, partitionResult: topicPartitions === null ? results.filter(needed) : results };
      }),
    };
  },
});

function elect(topic: string, index: number, type: number, context: RequestContext): PartitionAnswer {
  const { topics, replication } = context.cluster;
  const injected = context.injected({ topic, partition: index });
  if (injected !== NONE) return { partitionId: index, errorCode: injected, errorMessage: null };
  try {
    const partition = found(topics.partition(topic, index), topic, index);
    if (type === PREFERRED) replication.electPreferred(partition);
    else replication.electUnclean(partition);
    return { partitionId: index, errorCode: NONE, errorMessage: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { partitionId: index, errorCode: error.errorCode, errorMessage: error.message };
  }
}

function found(partition: Partition | undefined, topic: string, index: number): Partition {
  if (partition !== undefined) return partition;
  throw new Refusal("UNKNOWN_TOPIC_OR_PARTITION", `No such partition as ${topic}-${index}`);
}
