/**
 * DescribeTopicPartitions, v0 (KIP-966): topics in the order of their names, page by page.
 *
 * - A page ends after `responsePartitionLimit` partitions, at most `max.request.partition.size.limit`; the cursor of the
 *   answer says where the next one begins. A cursor has to name one of the topics that were asked for (INVALID_REQUEST).
 *
 * Differs from Kafka: no replica is ever eligible that is not in sync.
 */

import {
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
} from "../../protocol/messages/describe-topic-partitions.ts";
import type { Infer, InferInput } from "../../protocol/schema.ts";
import { type RequestContext, serve } from "../api.ts";
import { errorNumber, NONE, Refusal } from "../error-code.ts";
import { authorizedOperations } from "../security/authorized-operations.ts";
import type { Partition } from "../topics/partition.ts";
import { checkTopicName } from "../topics/topic-name.ts";

type Request = Infer<typeof DescribeTopicPartitionsRequest>;
type Response = InferInput<typeof DescribeTopicPartitionsResponse>;
type TopicAnswer = NonNullable<Response["topics"]>[number];
type PartitionAnswer = NonNullable<TopicAnswer["partitions"]>[number];

const INVALID_REQUEST = errorNumber("INVALID_REQUEST");
const TOPIC_AUTHORIZATION_FAILED = errorNumber("TOPIC_AUTHORIZATION_FAILED");
const UNKNOWN_TOPIC_OR_PARTITION = errorNumber("UNKNOWN_TOPIC_OR_PARTITION");

export const DescribeTopicPartitions = serve({
  request: DescribeTopicPartitionsRequest,
  response: DescribeTopicPartitionsResponse,
  refuse: ({ topics }, errorCode) => ({ topics: topics.map(({ name }) => ({ errorCode, name })) }),
  handle: (request, context) => {
    const { cluster } = context;
    const { cursor } = request;
    const isAll = request.topics.length === 0;
    const asked = isAll ? Array.from(cluster.topics.all, ({ name }) => name) : namesIn(request);
    const names = asked.filter((name) => name >= (cursor?.topicName ?? "")).sort(byCodeUnits);
    if (cursor !== null && !isAll && !names.includes(cursor.topicName)) {
      throw new Refusal(
        "INVALID_REQUEST",
        `DescribeTopicPartitionsRequest topic list should contain the cursor topic: ${cursor.topicName}`,
      );
    }
    if (cursor !== null && cursor.partitionIndex < 0) {
      throw new Refusal("INVALID_REQUEST", "The partition index of a cursor cannot be negative");
    }
    const allowed = names.filter((name) => context.allows("DESCRIBE", "TOPIC", name));
    const most = cluster.configs.number("max.request.partition.size.limit");
    const limit = Math.max(Math.min(most, request.responsePartitionLimit), 1);
    const page = pageOf(allowed, cursor, limit, isAll, context);
    const refused = isAll ? [] : names.filter((name) => !allowed.includes(name));
    const refusals = refused.map((name) => ({ errorCode: TOPIC_AUTHORIZATION_FAILED, name }));
    return { ...page, topics: [...page.topics, ...refusals] };
  },
});

function namesIn({ topics }: Request): string[] {
  return [...new Set(topics.map(({ name }) => name))];
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function pageOf(
  names: readonly string[],
  cursor: Request["cursor"],
  limit: number,
  isAll: boolean,
  context: RequestContext,
): { topics: TopicAnswer[]; nextCursor: Response["nextCursor"] & (object | null) } {
  const topics: TopicAnswer[] = [];
  let left = limit;
  for (const name of names) {
    if (left <= 0) return { topics, nextCursor: { topicName: name, partitionIndex: 0 } };
    const topic = context.cluster.topics.get(name);
    const injected = context.injected({ topic: name });
    if (topic === undefined || injected !== NONE) {
      const errorCode = injected === NONE ? absence(name) : injected;
      if (!isAll) topics.push({ errorCode, name, topicAuthorizedOperations: operationsOn(name, context) });
      continue;
    }
    const from = cursor?.topicName === name ? cursor.partitionIndex : 0;
    const partitions = topic.partitions.slice(from, from + left);
    topics.push({
      errorCode: NONE,
      name,
      topicId: topic.topicId,
      isInternal: topic.isInternal,
      partitions: partitions.map((partition) => answerOf(partition, context)),
      topicAuthorizedOperations: operationsOn(name, context),
    });
    const next = from + left;
    if (next < topic.partitions.length) {
      return { topics, nextCursor: { topicName: name, partitionIndex: next } };
    }
    left -= partitions.length;
  }
  return { topics, nextCursor: null };
}

function operationsOn(name: string, context: RequestContext): number {
  return authorizedOperations(context, "TOPIC", name);
}

function absence(name: string): number {
  try {
    checkTopicName(name);
    return UNKNOWN_TOPIC_OR_PARTITION;
  } catch (error) {
    return error instanceof Refusal ? error.errorCode : INVALID_REQUEST;
  }
}

function answerOf(partition: Partition, { cluster }: RequestContext): PartitionAnswer {
  const { index, leader, leaderEpoch, replicas, isr } = partition;
  return {
    errorCode: NONE,
    partitionIndex: index,
    leaderId: leader,
    leaderEpoch,
    replicaNodes: [...replicas],
    isrNodes: [...isr],
    eligibleLeaderReplicas: [],
    lastKnownElr: [],
    offlineReplicas: replicas.filter((id) => cluster.brokers.get(id)?.isUp !== true),
  };
}
