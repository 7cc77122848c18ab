/**
 * TxnOffsetCommit (key 28, KIP-98): commits a group's offsets within a transaction. They count once the
 * transaction is committed, and never if it is aborted. A producer sends it to the coordinator of the group,
 * after AddOffsetsToTxn to the coordinator of the transaction; from version 5 on the former tells the latter
 * by itself.
 *
 * Versions: 1 is answered before the throttling (KIP-219); 2 adds leader epochs (KIP-320); 3 is flexible and
 * adds the member, so that one whose partitions have moved on is refused (KIP-447); 4 may answer
 * TRANSACTION_ABORTABLE; 5 needs no AddOffsetsToTxn (both KIP-890); 6 names topics by id and may answer
 * GROUP_ID_NOT_FOUND and STALE_MEMBER_EPOCH (KIP-1319). Versions 5 and up take a cluster whose
 * `transaction.version` is 2.
 *
 * Errors of a partition:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, REQUEST_TIMED_OUT: find the group's coordinator again and
 *   send it there.
 * - COORDINATOR_LOAD_IN_PROGRESS, CONCURRENT_TRANSACTIONS: send it again after a pause.
 * - UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID: refresh the metadata and send it again.
 * - ILLEGAL_GENERATION, STALE_MEMBER_EPOCH, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, GROUP_ID_NOT_FOUND: the
 *   member is not, or no longer, what it says. Abort the transaction; the consumer has to rejoin and read the
 *   records again. Before version 6 ILLEGAL_GENERATION also stands for STALE_MEMBER_EPOCH and
 *   GROUP_ID_NOT_FOUND.
 * - PRODUCER_FENCED, INVALID_PRODUCER_EPOCH: another producer took over the transactional id, or the
 *   transaction timed out. Stop for good.
 * - INVALID_PRODUCER_ID_MAPPING, TRANSACTIONAL_ID_AUTHORIZATION_FAILED: fatal to the producer.
 * - INVALID_TXN_STATE, TRANSACTION_ABORTABLE: abort the transaction.
 * - GROUP_AUTHORIZATION_FAILED, TOPIC_AUTHORIZATION_FAILED, INVALID_GROUP_ID, OFFSET_METADATA_TOO_LARGE:
 *   nothing to retry. Abort the transaction.
 */

import { int16, int32, int64, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Offsets of one group. */
export const TxnOffsetCommitRequest = request({
  apiKey: 28,
  validVersions: "0-6",
  flexibleVersions: "3+",
  fields: {
    transactionalId: field("0+", string),
    groupId: field("0+", string),
    /** As InitProducerId gave it, or the last EndTxn. */
    producerId: field("0+", int64),
    /** As InitProducerId gave it, or the last EndTxn. */
    producerEpoch: field("0+", int16),
    /**
     * Generation of a classic group, or epoch of the member in one of the newer protocols; -1, with an empty
     * `memberId` and no `groupInstanceId`, for no check.
     */
    generationIdOrMemberEpoch: field("3+", int32, { default: -1 }),
    /** Member that the offsets come from. */
    memberId: field("3+", string),
    /** The consumer's `group.instance.id`; null for a dynamic member. */
    groupInstanceId: field("3+", string, { nullable: "3+", default: null }),
    topics: field(
      "0+",
      array(
        struct("TxnOffsetCommitRequestTopic", {
          /** Says which topic, up to version 5. */
          name: field("0-5", string, { ignorable: true }),
          /** Says which topic, from version 6 on. */
          topicId: field("6+", uuid, { ignorable: true }),
          partitions: field(
            "0+",
            array(
              struct("TxnOffsetCommitRequestPartition", {
                partitionIndex: field("0+", int32),
                /** Offset of the next record to read, one past the last one that was processed. */
                committedOffset: field("0+", int64),
                /** Leader epoch of the last record that was processed; -1 when not known. */
                committedLeaderEpoch: field("2+", int32, { default: -1, ignorable: true }),
                /**
                 * Any text, which OffsetFetch gives back. Brokers bound it by `offset.metadata.max.bytes`.
                 */
                committedMetadata: field("0+", string, { nullable: "0+" }),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type TxnOffsetCommitRequest = Infer<typeof TxnOffsetCommitRequest>;

/** What became of each offset. */
export const TxnOffsetCommitResponse = response({
  apiKey: 28,
  validVersions: "0-6",
  flexibleVersions: "3+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    topics: field(
      "0+",
      array(
        struct("TxnOffsetCommitResponseTopic", {
          /** Says which topic, up to version 5. */
          name: field("0-5", string, { ignorable: true }),
          /** Says which topic, from version 6 on. */
          topicId: field("6+", uuid, { ignorable: true }),
          partitions: field(
            "0+",
            array(
              struct("TxnOffsetCommitResponsePartition", {
                partitionIndex: field("0+", int32),
                errorCode: field("0+", int16),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type TxnOffsetCommitResponse = Infer<typeof TxnOffsetCommitResponse>;
