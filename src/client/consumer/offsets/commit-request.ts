/** OffsetCommit as it is sent, and what its answer says. */

import { partitionKey } from "../../../group/offset-commits.ts";
import type { OffsetCommitRequest, OffsetCommitResponse } from "../../../protocol/messages/offset-commit.ts";
import type { InferInput } from "../../../protocol/schema.ts";
import type { Uuid } from "../../../protocol/uuid.ts";
import type { CommittingOffset } from "./commit-call.ts";
import type { Standing } from "./group-standing.ts";

/** The last version that names topics by their names. */
const LAST_WITH_NAMES = 9;
const FIRST_WITH_INSTANCE_ID = 7;
const UNKNOWN_SERVER_ERROR = -1;

/** The highest version in which these can be sent: ids have to be known of all topics. */
export function lastVersionFor(topicIds: Iterable<Uuid | null>): number | undefined {
  for (const topicId of topicIds) if (topicId === null) return LAST_WITH_NAMES;
  return undefined;
}

export function offsetCommitRequest(
  version: number,
  groupId: string,
  { memberId, generationId, groupInstanceId }: Standing,
  offsets: readonly CommittingOffset[],
): InferInput<typeof OffsetCommitRequest> {
  return {
    groupId,
    memberId,
    generationIdOrMemberEpoch: generationId,
    ...(version >= FIRST_WITH_INSTANCE_ID ? { groupInstanceId } : {}),
    topics: [...byTopic(offsets)].map(([name, partitions]) => ({
      ...(version > LAST_WITH_NAMES ? { topicId: partitions[0]?.topicId as Uuid } : { name }),
      partitions: partitions.map(({ partition, offset, leaderEpoch, metadata }) => ({
        partitionIndex: partition,
        committedOffset: offset,
        committedLeaderEpoch: leaderEpoch,
        committedMetadata: metadata,
      })),
    })),
  };
}

/** The error codes of an answer by partition: of each that was sent, whether the broker speaks of it or not. */
export function codesIn(
  { topics }: OffsetCommitResponse,
  version: number,
  offsets: readonly CommittingOffset[],
): ReadonlyMap<string, number> {
  const codes = new Map(offsets.map((offset) => [partitionKey(offset), UNKNOWN_SERVER_ERROR]));
  const names = new Map(offsets.map(({ topicId, topic }) => [topicId, topic]));
  for (const { name, topicId, partitions } of topics) {
    const topic = version > LAST_WITH_NAMES ? names.get(topicId) : name;
    if (topic === undefined) continue;
    for (const { partitionIndex: partition, errorCode } of partitions) {
      const key = partitionKey({ topic, partition });
      if (codes.has(key)) codes.set(key, errorCode);
    }
  }
  return codes;
}

function byTopic(offsets: readonly CommittingOffset[]): ReadonlyMap<string, CommittingOffset[]> {
  const topics = new Map<string, CommittingOffset[]>();
  for (const offset of offsets) {
    const known = topics.get(offset.topic);
    if (known === undefined) topics.set(offset.topic, [offset]);
    else known.push(offset);
  }
  return topics;
}
