/**
 * OffsetDelete, v0 (KIP-496): forgets committed offsets of single partitions.
 *
 * A group whose members are no consumers has to be empty (NON_EMPTY_GROUP); of consumers, only those topics that none
 * of them subscribes to (GROUP_SUBSCRIBED_TO_TOPIC).
 */

import { OffsetDeleteRequest, OffsetDeleteResponse } from "../../protocol/messages/offset-delete.ts";
import type { Infer } from "../../protocol/schema.ts";
import { type RequestContext, serve } from "../api.ts";
import { errorNumber, NONE } from "../error-code.ts";

type Request = Infer<typeof OffsetDeleteRequest>;

const GROUP_AUTHORIZATION_FAILED = errorNumber("GROUP_AUTHORIZATION_FAILED");
const GROUP_ID_NOT_FOUND = errorNumber("GROUP_ID_NOT_FOUND");
const GROUP_SUBSCRIBED_TO_TOPIC = errorNumber("GROUP_SUBSCRIBED_TO_TOPIC");
const INVALID_GROUP_ID = errorNumber("INVALID_GROUP_ID");
const TOPIC_AUTHORIZATION_FAILED = errorNumber("TOPIC_AUTHORIZATION_FAILED");
const UNKNOWN_TOPIC_OR_PARTITION = errorNumber("UNKNOWN_TOPIC_OR_PARTITION");

export const OffsetDelete = serve({
  request: OffsetDeleteRequest,
  response: OffsetDeleteResponse,
  refuse: (_request, errorCode) => ({ errorCode }),
  handle: (request, context) => {
    const refusal = refusalOf(request.groupId, context);
    return refusal === NONE ? deleteOffsets(request, context) : { errorCode: refusal };
  },
});

function refusalOf(groupId: string, context: RequestContext): number {
  const { groups } = context.cluster;
  if (!context.allows("DELETE", "GROUP", groupId)) return GROUP_AUTHORIZATION_FAILED;
  const injected = context.injected({ group: groupId });
  if (injected !== NONE) return injected;
  if (groupId === "") return INVALID_GROUP_ID;
  const refusal = groups.refusalOf(groupId, context.broker);
  if (refusal !== NONE) return refusal;
  return groups.get(groupId)?.offsetDeleteRefusal() ?? GROUP_ID_NOT_FOUND;
}

interface TopicAnswer {
  readonly name: string;
  readonly partitions: { readonly partitionIndex: number; readonly errorCode: number }[];
}

function deleteOffsets({ groupId, topics }: Request, context: RequestContext): { topics: TopicAnswer[] } {
  const { groups, topics: store } = context.cluster;
  const group = groups.get(groupId);
  const problemOf = (topic: string, partition: number): number => {
    if (!context.allows("READ", "TOPIC", topic)) return TOPIC_AUTHORIZATION_FAILED;
    if (store.partition(topic, partition) === undefined) return UNKNOWN_TOPIC_OR_PARTITION;
    return context.injected({ topic, partition });
  };
  // As in Kafka, what is not asked of the group is answered first.
  const refused: TopicAnswer[] = [];
  const asked: TopicAnswer[] = [];
  for (const { name, partitions } of topics) {
    for (const { partitionIndex } of partitions) {
      const problem = problemOf(name, partitionIndex);
      if (problem !== NONE) {
        add(refused, name, partitionIndex, problem);
        continue;
      }
      const isSubscribed = group?.isSubscribedTo(name) === true;
      add(asked, name, partitionIndex, isSubscribed ? GROUP_SUBSCRIBED_TO_TOPIC : NONE);
      if (!isSubscribed) groups.offsets.delete(groupId, [{ topic: name, partition: partitionIndex }]);
    }
  }
  for (const { name, partitions } of asked) {
    for (const { partitionIndex, errorCode } of partitions) add(refused, name, partitionIndex, errorCode);
  }
  return { topics: refused };
}

function add(answers: TopicAnswer[], name: string, partitionIndex: number, errorCode: number): void {
  let answer = answers.find((topic) => topic.name === name);
  if (answer === undefined) {
    answer = { name, partitions: [] };
    answers.push(answer);
  }
  answer.partitions.push({ partitionIndex, errorCode });
}
