/**
 * OffsetCommit, v2-10: stores how far a group has come.
 *
 * - v2-4 say how long the offsets are to be kept. v6: leader epochs. v7: static members. v9: member epochs, and
 *   GROUP_ID_NOT_FOUND. v10: topics by id.
 * - What is wrong with one partition leaves the others alone; what is wrong with the group is told of each.
 */

import { OffsetCommitRequest, OffsetCommitResponse } from "../../protocol/messages/offset-commit.ts";
import type { Infer, InferInput } from "../../protocol/schema.ts";
import { ZERO_UUID } from "../../protocol/uuid.ts";
import { type RequestContext, serve } from "../api.ts";
import type { Committer } from "../coordinator/group.ts";
import type { OffsetToCommit } from "../coordinator/group-offsets.ts";
import { errorNumber, NONE } from "../error-code.ts";

type Request = Infer<typeof OffsetCommitRequest>;
type TopicRequest = Request["topics"][number];
type PartitionRequest = TopicRequest["partitions"][number];
type TopicAnswer = NonNullable<InferInput<typeof OffsetCommitResponse>["topics"]>[number];

const FIRST_VERSION_WITH_TOPIC_IDS = 10;
const NO_RETENTION = -1n;
const GROUP_AUTHORIZATION_FAILED = errorNumber("GROUP_AUTHORIZATION_FAILED");
const TOPIC_AUTHORIZATION_FAILED = errorNumber("TOPIC_AUTHORIZATION_FAILED");
const UNKNOWN_TOPIC_ID = errorNumber("UNKNOWN_TOPIC_ID");
const UNKNOWN_TOPIC_OR_PARTITION = errorNumber("UNKNOWN_TOPIC_OR_PARTITION");
const OFFSET_METADATA_TOO_LARGE = errorNumber("OFFSET_METADATA_TOO_LARGE");

export const OffsetCommit = serve({
  request: OffsetCommitRequest,
  response: OffsetCommitResponse,
  refuse: (request, errorCode) => ({ topics: allFailed(request.topics, errorCode) }),
  handle: (request, context) => {
    const { groupId } = request;
    if (!context.allows("READ", "GROUP", groupId)) {
      return { topics: allFailed(request.topics, GROUP_AUTHORIZATION_FAILED) };
    }
    const injected = context.injected({ group: groupId });
    if (injected !== NONE) return { topics: allFailed(request.topics, injected) };
    // As in Kafka, which asks the group only for what is left, and answers what is not first.
    const answers = new Answers();
    const valid = validOf(request, answers, context);
    if (valid.length === 0) return { topics: answers.topics };
    const refusal = commit(request, valid, answers, context);
    return { topics: refusal === NONE ? answers.topics : allFailed(request.topics, refusal) };
  },
});

/** A partition that there is, and what is committed for it. */
interface ValidPartition {
  readonly topic: string;
  readonly asked: TopicRequest;
  readonly partition: PartitionRequest;
}

/** What can be asked of the group; the rest is answered. */
function validOf(request: Request, answers: Answers, context: RequestContext): ValidPartition[] {
  const { topics } = context.cluster;
  const useIds = context.version >= FIRST_VERSION_WITH_TOPIC_IDS;
  return request.topics.flatMap((asked) => {
    const topic = useIds ? topics.byId(asked.topicId) : topics.get(asked.name);
    const name = topic?.name ?? asked.name;
    const problemOf = ({ partitionIndex }: PartitionRequest): number => {
      if (useIds && topic === undefined) return UNKNOWN_TOPIC_ID;
      if (!context.allows("READ", "TOPIC", name)) return TOPIC_AUTHORIZATION_FAILED;
      if (topic?.partitions[partitionIndex] === undefined) return UNKNOWN_TOPIC_OR_PARTITION;
      return context.injected({ topic: name, partition: partitionIndex });
    };
    return asked.partitions.flatMap((partition) => {
      const problem = problemOf(partition);
      if (problem === NONE) return [{ topic: name, asked, partition }];
      answers.add(asked, partition, problem);
      return [];
    });
  });
}

/** Commits what is valid; or the number of the error that keeps all of it from being committed. */
function commit(
  request: Request,
  valid: readonly ValidPartition[],
  answers: Answers,
  { cluster, broker, version }: RequestContext,
): number {
  const { groupId, retentionTimeMs, memberId, groupInstanceId, generationIdOrMemberEpoch } = request;
  const { groups, configs } = cluster;
  const committer: Committer = {
    memberId,
    groupInstanceId,
    generationIdOrMemberEpoch,
    isTransactional: false,
    version,
    partitions: valid.map(({ topic, partition }) => ({
      topicId: cluster.topics.get(topic)?.topicId ?? ZERO_UUID,
      partition: partition.partitionIndex,
    })),
  };
  const refusal = groups.refusalOf(groupId, broker) || groups.commitRefusal(groupId, committer);
  if (refusal !== NONE) return refusal;
  groups.get(groupId)?.committed(committer);
  const mostMetadata = configs.number("offset.metadata.max.bytes");
  const offsets: OffsetToCommit[] = [];
  for (const { topic, asked, partition } of valid) {
    const { partitionIndex, committedOffset: offset, committedLeaderEpoch: leaderEpoch } = partition;
    const metadata = partition.committedMetadata ?? "";
    // Kafka counts characters, whatever the name of the key says.
    const isTooLarge = metadata.length > mostMetadata;
    answers.add(asked, partition, isTooLarge ? OFFSET_METADATA_TOO_LARGE : NONE);
    if (isTooLarge) continue;
    const topicId = cluster.topics.get(topic)?.topicId ?? ZERO_UUID;
    offsets.push({ topic, topicId, partition: partitionIndex, offset, leaderEpoch, metadata });
  }
  groups.offsets.commit(groupId, offsets, retentionTimeMs === NO_RETENTION ? null : Number(retentionTimeMs));
  return NONE;
}

function allFailed(topics: readonly TopicRequest[], errorCode: number): TopicAnswer[] {
  return topics.map(({ name, topicId, partitions }) => ({
    name,
    topicId,
    partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
  }));
}

/** The answers by topic, in the order in which topics are answered first. */
class Answers {
  readonly topics: { name: string; topicId: string; partitions: PartitionAnswer[] }[] = [];

  add({ name, topicId }: TopicRequest, { partitionIndex }: PartitionRequest, errorCode: number): void {
    let answer = this.topics.find((topic) => topic.name === name && topic.topicId === topicId);
    if (answer === undefined) {
      answer = { name, topicId, partitions: [] };
      this.topics.push(answer);
    }
    answer.partitions.push({ partitionIndex, errorCode });
  }
}

interface PartitionAnswer {
  readonly partitionIndex: number;
  readonly errorCode: number;
}
