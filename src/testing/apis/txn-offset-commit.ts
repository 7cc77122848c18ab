/**
 * TxnOffsetCommit, v0-6: offsets of a group that count once a transaction is committed.
 *
 * - v2: leader epochs. v3: who of the group commits (KIP-447). v4: TRANSACTION_ABORTABLE. v5: the offsets take part in
 *   the transaction without AddOffsetsToTxn (KIP-890). v6: topics by id.
 * - What is wrong with one partition leaves the others alone; what is wrong with the group is told of each.
 */

import {
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from "../../protocol/messages/txn-offset-commit.ts";
import type { Infer, InferInput } from "../../protocol/schema.ts";
import { type RequestContext, serve } from "../api.ts";
import type { OffsetToCommit } from "../coordinator/group-offsets.ts";
import { errorNumber, NONE, Refusal } from "../error-code.ts";
import { checkMayWrite } from "../transactions/check-transactional-id.ts";
import { verificationError } from "../transactions/partition-verification.ts";

type Request = Infer<typeof TxnOffsetCommitRequest>;
type TopicRequest = Request["topics"][number];
type PartitionRequest = TopicRequest["partitions"][number];
type TopicAnswer = NonNullable<InferInput<typeof TxnOffsetCommitResponse>["topics"]>[number];

const FIRST_VERSION_WITH_ABORTABLE = 4;
const FIRST_VERSION_THAT_ADDS = 5;
const FIRST_VERSION_WITH_TOPIC_IDS = 6;
const OFFSET_METADATA_TOO_LARGE = errorNumber("OFFSET_METADATA_TOO_LARGE");
const TOPIC_AUTHORIZATION_FAILED = errorNumber("TOPIC_AUTHORIZATION_FAILED");
const UNKNOWN_TOPIC_ID = errorNumber("UNKNOWN_TOPIC_ID");
const UNKNOWN_TOPIC_OR_PARTITION = errorNumber("UNKNOWN_TOPIC_OR_PARTITION");

/** A partition, and the number of the error that it has; or what is committed for it, which is still to be asked for. */
interface Looked {
  readonly topic: TopicRequest;
  readonly partitionIndex: number;
  readonly found: number | OffsetToCommit;
}

export const TxnOffsetCommit = serve({
  request: TxnOffsetCommitRequest,
  response: TxnOffsetCommitResponse,
  refuse: ({ topics }, errorCode) => ({
    topics: topics.map((topic) => ({
      ...topic,
      partitions: topic.partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    })),
  }),
  handle: (request, context) => {
    const { groupId, transactionalId } = request;
    checkMayWrite(transactionalId, context);
    if (!context.allows("READ", "GROUP", groupId)) {
      throw new Refusal("GROUP_AUTHORIZATION_FAILED", "Group authorization failed.");
    }
    const looked = request.topics.flatMap((topic) =>
      topic.partitions.map((partition) => look(topic, partition, context)),
    );
    const offsets = looked.flatMap(({ found }) => (typeof found === "number" ? [] : [found]));
    const mostMetadata = context.cluster.configs.number("offset.metadata.max.bytes");
    const isTooLarge = ({ metadata }: OffsetToCommit): boolean => metadata.length > mostMetadata;
    const refusal =
      offsets.length === 0
        ? NONE
        : commit(
            request,
            offsets.filter((one) => !isTooLarge(one)),
            context,
          );
    const errorOf = ({ found }: Looked): number => {
      if (typeof found === "number") return found;
      return refusal === NONE && isTooLarge(found) ? OFFSET_METADATA_TOO_LARGE : refusal;
    };
    return { topics: request.topics.map((topic) => answer(topic, looked, errorOf)) };
  },
});

function answer(
  topic: TopicRequest,
  looked: readonly Looked[],
  errorOf: (one: Looked) => number,
): TopicAnswer {
  const { name, topicId } = topic;
  const partitions = looked.flatMap((one) =>
    one.topic === topic ? [{ partitionIndex: one.partitionIndex, errorCode: errorOf(one) }] : [],
  );
  return { name, topicId, partitions };
}

function look(topic: TopicRequest, partition: PartitionRequest, context: RequestContext): Looked {
  const { partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata } = partition;
  const { cluster, version, allows, injected } = context;
  const of = (found: number | OffsetToCommit): Looked => ({ topic, partitionIndex, found });
  const byId = version >= FIRST_VERSION_WITH_TOPIC_IDS;
  const known = byId ? cluster.topics.byId(topic.topicId) : cluster.topics.get(topic.name);
  if (byId && known === undefined) return of(UNKNOWN_TOPIC_ID);
  const name = known?.name ?? topic.name;
  if (!allows("READ", "TOPIC", name)) return of(TOPIC_AUTHORIZATION_FAILED);
  if (known?.partitions[partitionIndex] === undefined) return of(UNKNOWN_TOPIC_OR_PARTITION);
  const fault = injected({ topic: name, partition: partitionIndex });
  if (fault !== NONE) return of(fault);
  return of({
    topic: name,
    topicId: known.topicId,
    partition: partitionIndex,
    offset: committedOffset,
    leaderEpoch: committedLeaderEpoch,
    metadata: committedMetadata ?? "",
  });
}

/** Commits; or gives the number of the error that keeps all of it from being committed. */
function commit(request: Request, offsets: readonly OffsetToCommit[], context: RequestContext): number {
  const { cluster, broker, version, injected } = context;
  const { groupId, transactionalId, producerId, producerEpoch } = request;
  const { groups, coordinators } = cluster;
  if (groupId === "") return errorNumber("INVALID_GROUP_ID");
  const refusal = injected({ group: groupId }) || groups.refusalOf(groupId, broker);
  if (refusal !== NONE) return refusal;
  const partition = coordinators.partitionFor("group", groupId);
  const known = partition.log.producers.get(producerId);
  const support =
    version >= FIRST_VERSION_THAT_ADDS
      ? "adds"
      : version >= FIRST_VERSION_WITH_ABORTABLE
        ? "abortable"
        : "old";
  const producer = { producerId, producerEpoch };
  const error = verificationError(partition, transactionalId, producer, 0, support, context);
  if (error !== "NONE") return errorNumber(error);
  if (known !== undefined && producerEpoch < known.producerEpoch)
    return errorNumber("INVALID_PRODUCER_EPOCH");
  const { memberId, groupInstanceId, generationIdOrMemberEpoch } = request;
  const committer = { memberId, groupInstanceId, generationIdOrMemberEpoch, isTransactional: true, version };
  const refusalOfGroup = groups.commitRefusal(groupId, committer);
  if (refusalOfGroup !== NONE) return refusalOfGroup;
  groups.get(groupId)?.committed(committer);
  groups.offsets.commitPending(groupId, offsets, producerId, producerEpoch);
  return NONE;
}
