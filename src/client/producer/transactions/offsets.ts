/** Offsets of a consumer group that become part of a transaction (KIP-98, KIP-447). */

import { KafkaError } from "../../../protocol/errors.ts";
import type { TxnOffsetCommitRequest } from "../../../protocol/messages/txn-offset-commit.ts";
import type { InferInput } from "../../../protocol/schema.ts";
import type { ConsumerGroupMetadata } from "../../consumer-group-metadata.ts";
import { ConfigError } from "../../errors.ts";
import { checkOffsets, type OffsetToCommit } from "../../offset-to-commit.ts";
import type { ProducerIdentity } from "../identity.ts";

/** From this version on the member can be told. */
const FIRST_VERSION_WITH_MEMBER = 3;

/** @throws ConfigError naming what cannot be right. */
export function checkOffsetsOf(group: ConsumerGroupMetadata, offsets: readonly OffsetToCommit[]): void {
  if (typeof group?.groupId !== "string" || group.groupId === "") {
    throw new ConfigError("sendOffsets needs the group whose offsets these are: give { groupId }");
  }
  checkOffsets("sendOffsets", offsets);
}

/** TxnOffsetCommit in a version, of several offsets for one partition the last. */
export function txnOffsetCommit(
  version: number,
  transactionalId: string,
  { producerId, producerEpoch }: ProducerIdentity,
  offsets: readonly OffsetToCommit[],
  group: ConsumerGroupMetadata,
): InferInput<typeof TxnOffsetCommitRequest> {
  const { groupId, generationId = -1, memberId = "", groupInstanceId = null } = group;
  const hasMember = generationId !== -1 || memberId !== "" || groupInstanceId !== null;
  if (hasMember && version < FIRST_VERSION_WITH_MEMBER) {
    throw new KafkaError(
      "UNSUPPORTED_VERSION",
      `The coordinator of group "${groupId}" cannot check the member that offsets come from: give { groupId } only, or ` +
        "use brokers of Kafka 2.5 or later",
    );
  }
  const topics = new Map<string, Map<number, OffsetToCommit>>();
  for (const offset of offsets) {
    const partitions = topics.get(offset.topic) ?? new Map<number, OffsetToCommit>();
    partitions.set(offset.partition, offset);
    topics.set(offset.topic, partitions);
  }
  return {
    transactionalId,
    groupId,
    producerId,
    producerEpoch,
    ...(hasMember ? { generationIdOrMemberEpoch: generationId, memberId, groupInstanceId } : {}),
    topics: [...topics].map(([name, partitions]) => ({
      name,
      partitions: [...partitions.values()].map(({ partition, offset, leaderEpoch, metadata }) => ({
        partitionIndex: partition,
        committedOffset: offset,
        committedLeaderEpoch: leaderEpoch ?? -1,
        committedMetadata: metadata ?? "",
      })),
    })),
  };
}
