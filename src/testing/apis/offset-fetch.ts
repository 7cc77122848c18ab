/**
 * OffsetFetch, v1-10: the offsets that groups have committed. Of a group that there is not, there are none.
 *
 * - v2: an error of the whole, which v1 says with each partition; and all partitions at once. v5: leader epochs. v7:
 *   `requireStable`. v8: several groups. v9: members are checked. v10: topics by id.
 *
 * Differs from Kafka: all partitions of a group come in the order in which they were first committed.
 */

import { OffsetFetchRequest, OffsetFetchResponse } from "../../protocol/messages/offset-fetch.ts";
import type { Infer, InferInput } from "../../protocol/schema.ts";
import { ZERO_UUID } from "../../protocol/uuid.ts";
import { type RequestContext, serve } from "../api.ts";
import type { CommittedOffsets } from "../coordinator/committed-offsets.ts";
import { errorNumber, NONE } from "../error-code.ts";

type Request = Infer<typeof OffsetFetchRequest>;
type Response = InferInput<typeof OffsetFetchResponse>;
type GroupAnswer = NonNullable<Response["groups"]>[number];
type TopicAnswer = NonNullable<GroupAnswer["topics"]>[number];
type PartitionAnswer = NonNullable<TopicAnswer["partitions"]>[number];

/** One group that is asked for, in the form of v8. */
interface Asked {
  readonly groupId: string;
  readonly memberId: string | null;
  readonly memberEpoch: number;
  readonly topics: readonly AskedTopic[] | null;
}

interface AskedTopic {
  readonly name: string;
  readonly topicId: string;
  readonly partitionIndexes: readonly number[];
}

const FIRST_VERSION_WITH_ERROR = 2;
const FIRST_VERSION_WITH_SEVERAL = 8;
const FIRST_VERSION_WITH_TOPIC_IDS = 10;
const NOTHING = -1n;
const GROUP_AUTHORIZATION_FAILED = errorNumber("GROUP_AUTHORIZATION_FAILED");
const TOPIC_AUTHORIZATION_FAILED = errorNumber("TOPIC_AUTHORIZATION_FAILED");
const UNKNOWN_TOPIC_ID = errorNumber("UNKNOWN_TOPIC_ID");
const UNSTABLE_OFFSET_COMMIT = errorNumber("UNSTABLE_OFFSET_COMMIT");

export const OffsetFetch = serve({
  request: OffsetFetchRequest,
  response: OffsetFetchResponse,
  refuse: (request, errorCode) => {
    const { groups } = request;
    if (groups.length > 0) return { groups: groups.map(({ groupId }) => ({ groupId, errorCode })) };
    // Which version it is cannot be seen here: the error stands wherever one of them may have it.
    return { errorCode, topics: failed(onlyOne(request), errorCode).topics ?? [] };
  },
  handle: (request, context) => {
    const { groups, requireStable } = request;
    if (context.version >= FIRST_VERSION_WITH_SEVERAL) {
      return { groups: groups.map((asked) => answer(asked, requireStable, context)) };
    }
    const { errorCode, topics = [] } = answer(onlyOne(request), requireStable, context);
    return { errorCode, topics };
  },
});

/** What is asked until v7, in the form of v8. */
function onlyOne({ groupId, topics }: Request): Asked {
  const named = topics?.map((topic) => ({ ...topic, topicId: ZERO_UUID })) ?? null;
  return { groupId, memberId: null, memberEpoch: -1, topics: named };
}

function answer(asked: Asked, requireStable: boolean, context: RequestContext): GroupAnswer {
  const { cluster, broker, version } = context;
  const { groupId, topics, memberId, memberEpoch } = asked;
  const useIds = version >= FIRST_VERSION_WITH_TOPIC_IDS;
  if (!context.allows("DESCRIBE", "GROUP", groupId))
    return failed(asked, GROUP_AUTHORIZATION_FAILED, version);
  const refusal =
    context.injected({ group: groupId }) ||
    cluster.groups.refusalOf(groupId, broker) ||
    (cluster.groups.get(groupId)?.fetchRefusal(memberId, memberEpoch) ?? NONE);
  if (refusal !== NONE) return failed(asked, refusal, version);
  const offsets = cluster.groups.offsets.of(groupId);
  const question: Question = { offsets, requireStable, context, useIds };
  const answers = topics === null ? allOf(question) : topics.map((topic) => answerTopic(topic, question));
  return { groupId, errorCode: NONE, topics: answers };
}

interface Question {
  readonly offsets: CommittedOffsets | undefined;
  readonly requireStable: boolean;
  readonly useIds: boolean;
  readonly context: RequestContext;
}

function answerTopic({ name, topicId, partitionIndexes }: AskedTopic, question: Question): TopicAnswer {
  const { useIds, context } = question;
  const known = useIds ? context.cluster.topics.byId(topicId)?.name : name;
  const problem = known === undefined ? UNKNOWN_TOPIC_ID : refusalOf(known, context);
  const partitions = partitionIndexes.map((index): PartitionAnswer => {
    if (known === undefined || problem !== NONE) return without(index, problem, null);
    const injected = context.injected({ topic: known, partition: index });
    return injected === NONE ? committed(known, topicId, index, question) : without(index, injected);
  });
  return { name, topicId, partitions };
}

function refusalOf(topic: string, context: RequestContext): number {
  return context.allows("DESCRIBE", "TOPIC", topic) ? NONE : TOPIC_AUTHORIZATION_FAILED;
}

/** What was committed for the partition. */
function committed(topic: string, topicId: string, partition: number, question: Question): PartitionAnswer {
  const { offsets, requireStable } = question;
  if (requireStable && offsets?.isPending(topic, partition) === true) {
    return without(partition, UNSTABLE_OFFSET_COMMIT);
  }
  const found = offsets?.get(topic, partition);
  if (found === undefined || isOther(found.topicId, topicId)) return without(partition, NONE);
  const { offset: committedOffset, leaderEpoch: committedLeaderEpoch, metadata } = found;
  return { partitionIndex: partition, committedOffset, committedLeaderEpoch, metadata, errorCode: NONE };
}

/** Whether it was committed for another topic of the same name. */
function isOther(committedId: string, askedId: string): boolean {
  return committedId !== ZERO_UUID && askedId !== ZERO_UUID && committedId !== askedId;
}

/** All that the group has committed and the client may know of. */
function allOf(question: Question): TopicAnswer[] {
  const { offsets, useIds, context } = question;
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of offsets?.all() ?? []) {
    const partitions = topics.get(topic) ?? [];
    topics.set(topic, partitions);
    partitions.push(partition);
  }
  return [...topics].flatMap(([name, partitions]) => {
    const topicId = useIds ? context.cluster.topics.get(name)?.topicId : ZERO_UUID;
    if (topicId === undefined || refusalOf(name, context) !== NONE) return [];
    return [
      { name, topicId, partitions: partitions.map((index) => committed(name, topicId, index, question)) },
    ];
  });
}

function without(partitionIndex: number, errorCode: number, metadata: string | null = ""): PartitionAnswer {
  return { partitionIndex, committedOffset: NOTHING, committedLeaderEpoch: -1, metadata, errorCode };
}

/** The answer of a group that is refused; until v1 there is only the place with each partition to say so. */
function failed({ groupId, topics }: Asked, errorCode: number, version = 0): GroupAnswer {
  if (version >= FIRST_VERSION_WITH_ERROR) return { groupId, errorCode, topics: [] };
  const answers = (topics ?? []).map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((index) => without(index, errorCode)),
  }));
  return { groupId, errorCode, topics: answers };
}
