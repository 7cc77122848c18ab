/**
 * Metadata, v0-13: brokers, topics, and who leads which partition.
 *
 * - v0: no topics named means all topics; from v1 on null means all, and none means none.
 * - v4: whether topics may be made by being asked for. v8-10: operations that are allowed on the cluster.
 * - v10: topic ids in the answer; v12: in the request, and then the name is null.
 * - v13: an error for the whole of it.
 *
 * A topic that is made here is told of at once. Kafka first answers LEADER_NOT_AVAILABLE (up to 3.x) or
 * UNKNOWN_TOPIC_OR_PARTITION, and tells of the topic when it is asked again.
 *
 * Differs from Kafka: all brokers have the same metadata at all times.
 */

import { MetadataRequest, MetadataResponse } from "../../protocol/messages/metadata.ts";
import type { Infer, InferInput } from "../../protocol/schema.ts";
import { ZERO_UUID } from "../../protocol/uuid.ts";
import { type RequestContext, serve } from "../api.ts";
import { errorNumber, NONE, Refusal } from "../error-code.ts";
import { authorizedOperations } from "../security/authorized-operations.ts";
import { CLUSTER_NAME } from "../security/authorizer.ts";
import { NO_LEADER, type Partition } from "../topics/partition.ts";
import { checkTopicName } from "../topics/topic-name.ts";
import type { Topic } from "../topics/topic-store.ts";

type Request = Infer<typeof MetadataRequest>;
type TopicAnswer = NonNullable<InferInput<typeof MetadataResponse>["topics"]>[number];
type PartitionAnswer = NonNullable<TopicAnswer["partitions"]>[number];

const UNKNOWN_TOPIC_OR_PARTITION = errorNumber("UNKNOWN_TOPIC_OR_PARTITION");
const UNKNOWN_TOPIC_ID = errorNumber("UNKNOWN_TOPIC_ID");
const LEADER_NOT_AVAILABLE = errorNumber("LEADER_NOT_AVAILABLE");
const TOPIC_AUTHORIZATION_FAILED = errorNumber("TOPIC_AUTHORIZATION_FAILED");
const FIRST_VERSION_WITH_IDS = 12;

export const Metadata = serve({
  request: MetadataRequest,
  response: MetadataResponse,
  refuse: ({ topics }, errorCode) => ({
    errorCode,
    topics: (topics ?? []).map(({ name, topicId }) => ({ errorCode, name: name ?? "", topicId })),
  }),
  handle: (request, context) => {
    const { cluster, version } = context;
    checkRequest(request, version);
    const brokers = cluster.aliveBrokers.map(({ id, host, port, rack }) => ({
      nodeId: id,
      host,
      port,
      rack,
    }));
    return {
      brokers,
      clusterId: cluster.clusterId,
      controllerId: cluster.controllerId,
      topics: topicsOf(request, context),
      ...(request.includeClusterAuthorizedOperations
        ? { clusterAuthorizedOperations: authorizedOperations(context, "CLUSTER", CLUSTER_NAME) }
        : {}),
    };
  },
});

function checkRequest({ topics }: Request, version: number): void {
  if (version >= FIRST_VERSION_WITH_IDS) return;
  for (const { name, topicId } of topics ?? []) {
    if (name === null) {
      throw new Refusal("INVALID_REQUEST", `Topic name can not be null for version ${version}`);
    }
    if (topicId !== ZERO_UUID) {
      throw new Refusal("INVALID_REQUEST", `Topic IDs are not supported in requests for version ${version}`);
    }
  }
}

function topicsOf(request: Request, context: RequestContext): TopicAnswer[] {
  const { cluster, version } = context;
  const { topics, allowAutoTopicCreation, includeTopicAuthorizedOperations } = request;
  const describe = (topic: Topic): TopicAnswer => {
    const { name, topicId, isInternal, partitions } = topic;
    const errorCode = context.injected({ topic: name });
    return {
      errorCode,
      name,
      topicId,
      isInternal,
      partitions: errorCode === NONE ? partitions.map((partition) => partitionOf(partition, context)) : [],
      ...(includeTopicAuthorizedOperations
        ? { topicAuthorizedOperations: authorizedOperations(context, "TOPIC", name) }
        : {}),
    };
  };
  if (topics === null || (version === 0 && topics.length === 0)) {
    return [...cluster.topics.all]
      .filter(({ name }) => context.allows("DESCRIBE", "TOPIC", name))
      .map(describe);
  }
  const ids = new Set(topics.map(({ topicId }) => topicId).filter((topicId) => topicId !== ZERO_UUID));
  if (ids.size > 0) {
    return Array.from(ids, (topicId) => {
      const topic = cluster.topics.byId(topicId);
      if (topic === undefined) return { errorCode: UNKNOWN_TOPIC_ID, name: null, topicId };
      if (context.allows("DESCRIBE", "TOPIC", topic.name)) return describe(topic);
      return { errorCode: TOPIC_AUTHORIZATION_FAILED, name: null, topicId };
    });
  }
  const names = new Set(topics.map(({ name }) => name ?? ""));
  const mayCreate = allowAutoTopicCreation && cluster.configs.boolean("auto.create.topics.enable");
  return Array.from(names, (name) => {
    if (!context.allows("DESCRIBE", "TOPIC", name)) return { errorCode: TOPIC_AUTHORIZATION_FAILED, name };
    const topic = cluster.topics.get(name);
    if (topic !== undefined) return describe(topic);
    const injected = context.injected({ topic: name });
    return injected === NONE ? absent(name, mayCreate, context, describe) : { errorCode: injected, name };
  });
}

function absent(
  name: string,
  mayCreate: boolean,
  context: RequestContext,
  describe: (topic: Topic) => TopicAnswer,
): TopicAnswer {
  try {
    checkTopicName(name);
    if (!mayCreate) return { errorCode: UNKNOWN_TOPIC_OR_PARTITION, name };
    const isAllowed =
      context.allows("CREATE", "CLUSTER", CLUSTER_NAME) || context.allows("CREATE", "TOPIC", name);
    if (!isAllowed) return { errorCode: TOPIC_AUTHORIZATION_FAILED, name };
    return describe(context.cluster.topicManager.createAutomatically(name));
  } catch (error) {
    if (error instanceof Refusal) return { errorCode: error.errorCode, name };
    throw error;
  }
}

function partitionOf(partition: Partition, { cluster }: RequestContext): PartitionAnswer {
  const { index, leader, leaderEpoch, replicas, isr } = partition;
  return {
    errorCode: leader === NO_LEADER ? LEADER_NOT_AVAILABLE : NONE,
    partitionIndex: index,
    leaderId: leader,
    leaderEpoch,
    replicaNodes: [...replicas],
    isrNodes: [...isr],
    offlineReplicas: replicas.filter((id) => cluster.brokers.get(id)?.isUp !== true),
  };
}
