/**
 * DeleteRecords (key 21, KIP-107): deletes the records of a partition below an offset, by moving the start of
 * its log there. Files go only once all of their records lie below it. Admin clients send it to the leader of
 * each partition, which answers when the replicas that are alive have followed.
 *
 * Versions: 1 is answered before the throttling (KIP-219); 2 is flexible.
 *
 * Errors of a partition:
 *
 * - NOT_LEADER_OR_FOLLOWER, UNKNOWN_TOPIC_OR_PARTITION, KAFKA_STORAGE_ERROR: refresh the metadata and send it
 *   again.
 * - OFFSET_OUT_OF_RANGE: the offset lies above the high watermark, or is negative and not -1. Nothing to
 *   retry.
 * - REQUEST_TIMED_OUT: not all replicas have followed within the timeout. They still will; sending it again
 *   does no harm.
 * - POLICY_VIOLATION: the topic is compacted and not set to delete. INVALID_TOPIC_EXCEPTION: the topic is
 *   Kafka's own. Nothing to retry.
 * - TOPIC_AUTHORIZATION_FAILED: the principal may not delete from the topic. Nothing to retry.
 */

import { int16, int32, int64, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Partitions that this broker leads, and up to where to delete. */
export const DeleteRecordsRequest = request({
  apiKey: 21,
  validVersions: "0-2",
  flexibleVersions: "2+",
  fields: {
    topics: field(
      "0+",
      array(
        struct("DeleteRecordsTopic", {
          name: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("DeleteRecordsPartition", {
                partitionIndex: field("0+", int32),
                /**
                 * Everything below it goes, and it becomes the first offset; -1 for the high watermark, which
                 * deletes all that can be read.
                 */
                offset: field("0+", int64),
              }),
            ),
          ),
        }),
      ),
    ),
    /** How long the leader may wait for the other replicas. */
    timeoutMs: field("0+", int32),
  },
});
export type DeleteRecordsRequest = Infer<typeof DeleteRecordsRequest>;

/** Where each partition begins now. */
export const DeleteRecordsResponse = response({
  apiKey: 21,
  validVersions: "0-2",
  flexibleVersions: "2+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    topics: field(
      "0+",
      array(
        struct("DeleteRecordsTopicResult", {
          name: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("DeleteRecordsPartitionResult", {
                partitionIndex: field("0+", int32),
                /**
                 * Lowest log start offset of the replicas that are alive; -1 when the request was refused.
                 */
                lowWatermark: field("0+", int64),
                errorCode: field("0+", int16),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type DeleteRecordsResponse = Infer<typeof DeleteRecordsResponse>;
