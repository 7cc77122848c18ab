/**
 * AlterPartitionReassignments, v0-1: moves partitions to other brokers, or (replicas null) stops such a move.
 *
 * - v1: whether the number of replicas may change (KIP-860).
 *
 * Differs from Kafka: what can be moved at once has moved when the answer comes, so a move is under way only while a
 * new replica is down or held back.
 */

import {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from "../../protocol/messages/alter-partition-reassignments.ts";
import type { Infer, InferInput } from "../../protocol/schema.ts";
import { type RequestContext, serve } from "../api.ts";
import { NONE, Refusal } from "../error-code.ts";
import { CLUSTER_NAME } from "../security/authorizer.ts";
import { refuseUnlessController } from "../topics/controller.ts";

type Request = Infer<typeof AlterPartitionReassignmentsRequest>;
type PartitionRequest = Request["topics"][number]["partitions"][number];
type TopicAnswer = NonNullable<InferInput<typeof AlterPartitionReassignmentsResponse>["responses"]>[number];
type PartitionAnswer = NonNullable<TopicAnswer["partitions"]>[number];

export const AlterPartitionReassignments = serve({
  request: AlterPartitionReassignmentsRequest,
  response: AlterPartitionReassignmentsResponse,
  refuse: ({ topics }, errorCode, errorMessage) => ({
    errorCode,
    errorMessage,
    responses: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode, errorMessage })),
    })),
  }),
  handle: ({ topics, allowReplicationFactorChange }, context) => {
    refuseUnlessController(context);
    if (!context.allows("ALTER", "CLUSTER", CLUSTER_NAME)) {
      throw new Refusal("CLUSTER_AUTHORIZATION_FAILED", "Cluster authorization failed.");
    }
    return {
      allowReplicationFactorChange,
      errorCode: NONE,
      errorMessage: null,
      responses: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map((asked) => move(name, asked, allowReplicationFactorChange, context)),
      })),
    };
  },
});

function move(
  name: string,
  { partitionIndex, replicas }: PartitionRequest,
  mayChangeFactor: boolean,
  context: RequestContext,
): PartitionAnswer {
  const { topics, reassignments } = context.cluster;
  const injected = context.injected({ topic: name, partition: partitionIndex });
  if (injected !== NONE) return { partitionIndex, errorCode: injected, errorMessage: null };
  try {
    if (topics.get(name) === undefined) {
      throw new Refusal("UNKNOWN_TOPIC_OR_PARTITION", `Unable to find a topic named ${name}.`);
    }
    const partition = topics.partition(name, partitionIndex);
    if (partition === undefined) {
      throw new Refusal("UNKNOWN_TOPIC_OR_PARTITION", `Unable to find partition ${name}:${partitionIndex}.`);
    }
    if (replicas === null) reassignments.cancel(partition);
    else reassignments.begin(partition, replicas, mayChangeFactor);
    return { partitionIndex, errorCode: NONE, errorMessage: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { partitionIndex, errorCode: error.errorCode, errorMessage: error.message };
  }
}
