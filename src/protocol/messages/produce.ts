/**
 * Produce (key 0): appends record batches to partitions. A producer sends it to the leader of these
 * partitions.
 *
 * Versions: 3 is the first that Kafka 4 serves (though it announces 0) and brought record batches of magic 2
 * and transactions (KIP-98); 4 may answer KAFKA_STORAGE_ERROR (KIP-112); 5 tells where the log starts; 6 is
 * answered before the throttling (KIP-219); 7 allows zstd (KIP-110); 8 says which records were at fault
 * (KIP-467); 9 is flexible; 10 names the new leader when it has moved (KIP-951); 11 may answer
 * TRANSACTION_ABORTABLE, and 12 adds partitions to a transaction by itself (both KIP-890); 13 names topics by
 * id (KIP-516). Within a transaction, 12 and up take a cluster whose `transaction.version` is 2.
 *
 * Errors of a partition:
 *
 * - NOT_LEADER_OR_FOLLOWER: another broker leads it. Take the leader from `currentLeader`, else refresh the
 *   metadata, and send it again.
 * - LEADER_NOT_AVAILABLE, UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, KAFKA_STORAGE_ERROR: refresh the
 *   metadata and send it again.
 * - CORRUPT_MESSAGE: the checksum is wrong, so that something happened on the way. Send it again.
 * - NOT_ENOUGH_REPLICAS: not appended, too few replicas are in sync. NOT_ENOUGH_REPLICAS_AFTER_APPEND and
 *   REQUEST_TIMED_OUT: appended, and not known to be replicated. Send it again, idempotently or it is there
 *   twice.
 * - MESSAGE_TOO_LARGE: split the batch; a single record over the topic's `max.message.bytes` fails for good.
 * - INVALID_RECORD (such as one without a key in a compacted topic), INVALID_TIMESTAMP,
 *   RECORD_LIST_TOO_LARGE, UNSUPPORTED_COMPRESSION_TYPE, UNSUPPORTED_FOR_MESSAGE_FORMAT,
 *   INVALID_REQUIRED_ACKS, TOPIC_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED: nothing to retry.
 * - DUPLICATE_SEQUENCE_NUMBER: it is there already, which is a success whose offset is not known.
 * - OUT_OF_ORDER_SEQUENCE_NUMBER: a batch before it is missing. Wait for that one; if there is none, the
 *   producer id has to be renewed.
 * - UNKNOWN_PRODUCER_ID: the broker has forgotten this producer, whose records have all expired;
 *   `logStartOffset` tells whether that is so. Begin anew with sequence 0 under a new epoch.
 * - INVALID_PRODUCER_EPOCH: another producer took over the transactional id, or the transaction timed out.
 *   Abort, and if that is refused too, stop for good.
 * - INVALID_TXN_STATE, TRANSACTION_ABORTABLE: abort the transaction.
 * - INVALID_PRODUCER_ID_MAPPING, TRANSACTIONAL_ID_AUTHORIZATION_FAILED: fatal to the producer.
 */

import { int16, int32, int64, records, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Records for partitions that this broker leads. With `acks` of 0 there is no response at all. */
export const ProduceRequest = request({
  apiKey: 0,
  validVersions: "3-13",
  flexibleVersions: "9+",
  fields: {
    /** Null outside transactions; the batches themselves say which producer they are from. */
    transactionalId: field("3+", string, { nullable: "3+", default: null }),
    /** Who has to have the records before the answer: 0 nobody, 1 the leader, -1 all replicas in sync. */
    acks: field("0+", int16),
    /** How long the leader may wait for the replicas. */
    timeoutMs: field("0+", int32),
    topicData: field(
      "0+",
      array(
        struct("TopicProduceData", {
          /** Says which topic, up to version 12. */
          name: field("0-12", string, { ignorable: true }),
          /** Says which topic, from version 13 on. */
          topicId: field("13+", uuid, { ignorable: true }),
          partitionData: field(
            "0+",
            array(
              struct("PartitionProduceData", {
                index: field("0+", int32),
                /** One record batch; brokers refuse several in a request since magic 2. */
                records: field("0+", records, { nullable: "0+" }),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type ProduceRequest = Infer<typeof ProduceRequest>;

/** Where the records went, or why they did not. */
export const ProduceResponse = response({
  apiKey: 0,
  validVersions: "3-13",
  flexibleVersions: "9+",
  fields: {
    responses: field(
      "0+",
      array(
        struct("TopicProduceResponse", {
          name: field("0-12", string, { ignorable: true }),
          topicId: field("13+", uuid, { ignorable: true }),
          partitionResponses: field(
            "0+",
            array(
              struct(
                "PartitionProduceResponse",
                {
                  index: field("0+", int32),
                  errorCode: field("0+", int16),
                  /** Offset of the batch's first record; -1 with an error. */
                  baseOffset: field("0+", int64),
                  /**
                   * When the broker stamped the batch, where the topic has LogAppendTime; -1 where the records
                   * keep their own timestamps.
                   */
                  logAppendTimeMs: field("2+", int64, { default: -1n, ignorable: true }),
                  /** Lowest offset that the partition still holds; -1 when not known. */
                  logStartOffset: field("5+", int64, { default: -1n, ignorable: true }),
                  /** Records because of which the whole batch was refused. */
                  recordErrors: field(
                    "8+",
                    array(
                      struct("BatchIndexAndErrorMessage", {
                        /** The record's place in its batch, from 0. */
                        batchIndex: field("8+", int32),
                        /** What is wrong with it; null where `errorMessage` says it for all. */
                        batchIndexErrorMessage: field("8+", string, { nullable: "8+", default: null }),
                      }),
                    ),
                    { ignorable: true },
                  ),
                  /** What is wrong with the batch as a whole; null for no more than the code says. */
                  errorMessage: field("8+", string, { nullable: "8+", default: null, ignorable: true }),
                  /**
                   * With NOT_LEADER_OR_FOLLOWER, who leads it now; a leader of -1 when the broker does not
                   * know.
                   */
                  currentLeader: field(
                    "10+",
                    struct("LeaderIdAndEpoch", {
                      leaderId: field("10+", int32, { default: -1 }),
                      leaderEpoch: field("10+", int32, { default: -1 }),
                    }),
                    { tag: 0 },
                  ),
                },
                (
                  index,
                  errorCode,
                  baseOffset,
                  logAppendTimeMs,
                  logStartOffset,
                  recordErrors,
                  errorMessage,
                  currentLeader,
                ) => ({
                  index,
                  errorCode,
                  baseOffset,
                  logAppendTimeMs,
                  logStartOffset,
                  recordErrors,
                  errorMessage,
                  currentLeader,
                }),
              ),
            ),
          ),
        }),
      ),
    ),
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("1+", int32, { ignorable: true }),
    /** Addresses of the leaders named in `currentLeader`, so that no Metadata request is needed. */
    nodeEndpoints: field(
      "10+",
      array(
        struct("NodeEndpoint", {
          nodeId: field("10+", int32),
          host: field("10+", string),
          port: field("10+", int32),
          rack: field("10+", string, { nullable: "10+", default: null }),
        }),
      ),
      { tag: 0 },
    ),
  },
});
export type ProduceResponse = Infer<typeof ProduceResponse>;
