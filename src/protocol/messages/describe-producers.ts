/**
 * DescribeProducers (key 61, KIP-664): what a replica remembers of the idempotent and transactional producers
 * that wrote to it, which shows transactions that hang. Admin clients send it to the leader of the partition,
 * or to any broker that holds a replica.
 *
 * Errors of a partition:
 *
 * - NOT_LEADER_OR_FOLLOWER: the broker holds no replica. Refresh the metadata and ask the leader.
 * - UNKNOWN_TOPIC_OR_PARTITION: no such partition, or the broker has not heard of it yet. Ask again for a
 *   while, then give up.
 * - KAFKA_STORAGE_ERROR: the replica's log directory is offline. Refresh the metadata and ask the leader.
 * - INVALID_TOPIC_EXCEPTION: no topic can have that name. Nothing to retry.
 * - TOPIC_AUTHORIZATION_FAILED: the principal may not read the topic. Nothing to retry.
 */

import { int16, int32, int64, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Partitions that this broker holds. */
export const DescribeProducersRequest = request({
  apiKey: 61,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    topics: field(
      "0+",
      array(
        struct("TopicRequest", {
          name: field("0+", string),
          partitionIndexes: field("0+", array(int32)),
        }),
      ),
    ),
  },
});
export type DescribeProducersRequest = Infer<typeof DescribeProducersRequest>;

/** Producers of each partition. */
export const DescribeProducersResponse = response({
  apiKey: 61,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    topics: field(
      "0+",
      array(
        struct("TopicResponse", {
          name: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("PartitionResponse", {
                partitionIndex: field("0+", int32),
                errorCode: field("0+", int16),
                /** What is wrong in words for people; null or empty for no more than the code says. */
                errorMessage: field("0+", string, { nullable: "0+", default: null }),
                /** Those that have not yet been forgotten for want of writing. */
                activeProducers: field(
                  "0+",
                  array(
                    struct("ProducerState", {
                      producerId: field("0+", int64),
                      producerEpoch: field("0+", int32),
                      /** Sequence of its last record; -1 when there is none. */
                      lastSequence: field("0+", int32, { default: -1 }),
                      /** Timestamp, in milliseconds, of what it wrote last; -1 when not known. */
                      lastTimestamp: field("0+", int64, { default: -1n }),
                      /**
                       * Epoch of the coordinator that wrote the producer's last marker; -1 when there is
                       * none.
                       */
                      coordinatorEpoch: field("0+", int32),
                      /** Where its open transaction begins in this partition; -1 when none is open. */
                      currentTxnStartOffset: field("0+", int64, { default: -1n }),
                    }),
                  ),
                ),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type DescribeProducersResponse = Infer<typeof DescribeProducersResponse>;
