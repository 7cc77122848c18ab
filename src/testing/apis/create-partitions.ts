/**
 * CreatePartitions, v0-3: makes topics larger, each on its own. A name that comes twice is refused (INVALID_REQUEST).
 *
 * Up to 2.x the controller has to be asked itself (NOT_CONTROLLER).
 */

import {
  CreatePartitionsRequest,
  CreatePartitionsResponse,
} from "../../protocol/messages/create-partitions.ts";
import type { Infer, InferInput } from "../../protocol/schema.ts";
import { type RequestContext, serve } from "../api.ts";
import { errorNumber, NONE, Refusal } from "../error-code.ts";
import { refuseUnlessController } from "../topics/controller.ts";

type TopicRequest = Infer<typeof CreatePartitionsRequest>["topics"][number];
type TopicAnswer = NonNullable<InferInput<typeof CreatePartitionsResponse>["results"]>[number];

const INVALID_REQUEST = errorNumber("INVALID_REQUEST");
const FIRST_VERSION_WITH_QUOTA_ERRORS = 3;
const TOPIC_AUTHORIZATION_FAILED = errorNumber("TOPIC_AUTHORIZATION_FAILED");
const UNKNOWN_TOPIC_OR_PARTITION = errorNumber("UNKNOWN_TOPIC_OR_PARTITION");

export const CreatePartitions = serve({
  request: CreatePartitionsRequest,
  response: CreatePartitionsResponse,
  refuse: ({ topics }, errorCode, errorMessage) => ({
    results: topics.map(({ name }) => ({ name, errorCode, errorMessage })),
  }),
  handle: ({ topics, validateOnly }, context) => {
    refuseUnlessController(context);
    const names = topics.map(({ name }) => name);
    const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index));
    const once = topics.filter(({ name }) => !twice.has(name));
    return {
      results: [
        ...Array.from(twice, (name) => failed(name, INVALID_REQUEST, "Duplicate topic name.")),
        ...once.map((topic) => enlarge(topic, validateOnly, context)),
      ],
    };
  },
});

function enlarge(
  { name, count, assignments }: TopicRequest,
  validateOnly: boolean,
  context: RequestContext,
): TopicAnswer {
  if (!context.allows("ALTER", "TOPIC", name)) return failed(name, TOPIC_AUTHORIZATION_FAILED, null);
  const injected = context.injected({ topic: name });
  if (injected !== NONE) return failed(name, injected, null);
  const topic = context.cluster.topics.get(name);
  if (topic === undefined) {
    return failed(name, UNKNOWN_TOPIC_OR_PARTITION, "This server does not host this topic-partition.");
  }
  try {
    const brokers = assignments?.map(({ brokerIds }) => brokerIds) ?? null;
    const { topicManager } = context.cluster;
    const added = (): number => {
      topicManager.enlarge(topic, count, brokers, true);
      return count - topic.partitions.length;
    };
    context.quotas.mutate(added, context.version >= FIRST_VERSION_WITH_QUOTA_ERRORS);
    topicManager.enlarge(topic, count, brokers, validateOnly);
    return { name, errorCode: NONE, errorMessage: null };
  } catch (error) {
    if (error instanceof Refusal) return failed(name, error.errorCode, error.message);
    throw error;
  }
}

function failed(name: string, errorCode: number, errorMessage: string | null): TopicAnswer {
  return { name, errorCode, errorMessage };
}
