/**
 * CreateTopics, v2-7: makes topics, each on its own.
 *
 * - v1: only to look if it could be done. v5: tells partitions, replication factor and configurations. v7: topic ids.
 * - v6: what is too much for the client's quota is refused (THROTTLING_QUOTA_EXCEEDED); before, the client waits for it.
 * - A name that comes twice is refused (INVALID_REQUEST), each time.
 * - Up to 2.x the controller has to be asked itself (NOT_CONTROLLER).
 *
 * Differs from Kafka: a topic has leaders everywhere as soon as it is made.
 */

import { CreateTopicsRequest, CreateTopicsResponse } from "../../protocol/messages/create-topics.ts";
import type { Infer, InferInput } from "../../protocol/schema.ts";
import { ZERO_UUID } from "../../protocol/uuid.ts";
import { type RequestContext, serve } from "../api.ts";
import { describedTopicConfigs } from "../config/described-configs.ts";
import { errorNumber, NONE, Refusal } from "../error-code.ts";
import { CLUSTER_NAME } from "../security/authorizer.ts";
import { refuseUnlessController } from "../topics/controller.ts";
import type { TopicSpec } from "../topics/topic-manager.ts";

type Request = Infer<typeof CreateTopicsRequest>;
type TopicRequest = Request["topics"][number];
type TopicAnswer = NonNullable<InferInput<typeof CreateTopicsResponse>["topics"]>[number];

const TOPIC_AUTHORIZATION_FAILED = errorNumber("TOPIC_AUTHORIZATION_FAILED");
const FIRST_VERSION_WITH_QUOTA_ERRORS = 6;
const INVALID_REQUEST = errorNumber("INVALID_REQUEST");

export const CreateTopics = serve({
  request: CreateTopicsRequest,
  response: CreateTopicsResponse,
  refuse: ({ topics }, errorCode, message) => ({
    topics: topics.map(({ name }) => failed(name, errorCode, message)),
  }),
  handle: ({ topics, validateOnly }, context) => {
    refuseUnlessController(context);
    const names = topics.map(({ name }) => name);
    const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
    const once = topics.filter(({ name }) => !twice.has(name));
    return {
      topics: [
        ...Array.from(twice, (name) => failed(name, INVALID_REQUEST, "Duplicate topic name.")),
        ...once.map((topic) => create(topic, validateOnly, context)),
      ],
    };
  },
});

function create(topic: TopicRequest, validateOnly: boolean, context: RequestContext): TopicAnswer {
  const { name, numPartitions, replicationFactor, assignments, configs } = topic;
  const isAllowed =
    context.allows("CREATE", "CLUSTER", CLUSTER_NAME) || context.allows("CREATE", "TOPIC", name);
  if (!isAllowed) return failed(name, TOPIC_AUTHORIZATION_FAILED, "Authorization failed.");
  const injected = context.injected({ topic: name });
  if (injected !== NONE) return failed(name, injected, null);
  try {
    const { topicManager } = context.cluster;
    const spec: TopicSpec = {
      name,
      numPartitions,
      replicationFactor,
      assignments: new Map(assignments.map(({ partitionIndex, brokerIds }) => [partitionIndex, brokerIds])),
      configs: configs.map((config) => [config.name, setValue(config)]),
    };
    const isStrict = context.version >= FIRST_VERSION_WITH_QUOTA_ERRORS;
    context.quotas.mutate(() => topicManager.create(spec, true).partitions.length, isStrict);
    const made = topicManager.create(spec, validateOnly);
    const mayDescribe = context.allows("DESCRIBE_CONFIGS", "TOPIC", name);
    return {
      name,
      topicId: validateOnly ? ZERO_UUID : made.topicId,
      errorCode: NONE,
      errorMessage: null,
      ...(mayDescribe
        ? {
            numPartitions: made.partitions.length,
            replicationFactor: made.partitions[0]?.replicas.length ?? -1,
            configs: describedTopicConfigs(context.cluster.configs, name),
          }
        : { topicConfigErrorCode: TOPIC_AUTHORIZATION_FAILED }),
    };
  } catch (error) {
    if (error instanceof Refusal) return failed(name, error.errorCode, error.message);
    throw error;
  }
}

function setValue({ name, value }: TopicRequest["configs"][number]): string {
  if (value !== null) return value;
  throw new Refusal("INVALID_CONFIG", `Null value not supported for topic configs: ${name}`);
}

function failed(name: string, errorCode: number, errorMessage: string | null): TopicAnswer {
  return { name, errorCode, errorMessage };
}
