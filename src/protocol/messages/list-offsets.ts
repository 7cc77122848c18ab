/**
 * ListOffsets (key 2): the offset that belongs to a timestamp, or the ends of a partition's log. Consumers
 * send it to the leader of each partition, to find where to begin and how far they lag behind.
 *
 * Versions: 1 answers with one offset and its timestamp (KIP-79); 2 adds isolation levels (KIP-98) and the
 * throttle time (KIP-124); 3 is answered before the throttling (KIP-219); 4 adds leader epochs (KIP-320); 5
 * may answer OFFSET_NOT_AVAILABLE (KIP-207); 6 is flexible; 7 finds the record with the highest timestamp
 * (KIP-734); 8 the start of the local log (KIP-405); 9 the end of the tiered one (KIP-1005); 10 looks into
 * remote storage without blocking, within a timeout (KIP-1075); 11 finds the first offset that is still to be
 * uploaded (KIP-1023). Kafka 4.0 dropped 0.
 *
 * Errors of a partition:
 *
 * - NOT_LEADER_OR_FOLLOWER, REPLICA_NOT_AVAILABLE, LEADER_NOT_AVAILABLE, KAFKA_STORAGE_ERROR,
 *   UNKNOWN_TOPIC_OR_PARTITION, FENCED_LEADER_EPOCH: refresh the metadata and ask again.
 * - UNKNOWN_LEADER_EPOCH: the broker's epoch is older than the client's. Ask again after a pause.
 * - OFFSET_NOT_AVAILABLE: a new leader does not know its high watermark yet. Ask again after a pause.
 * - REQUEST_TIMED_OUT: remote storage took too long. Ask again.
 * - UNSUPPORTED_FOR_MESSAGE_FORMAT: the log is too old to have timestamps. Nothing to retry.
 * - UNSUPPORTED_VERSION: that special timestamp came with a later version than the one in use.
 * - TOPIC_AUTHORIZATION_FAILED: the principal may not describe the topic. Nothing to retry.
 */

import { int8, int16, int32, int64, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** One question for each partition; a partition may be asked about only once in a request. */
export const ListOffsetsRequest = request({
  apiKey: 2,
  validVersions: "1-11",
  flexibleVersions: "6+",
  fields: {
    /** -1 for a consumer. It has no default, so do not leave it out: 0 is a broker's. */
    replicaId: field("0+", int32),
    /** What "latest" means: 0 the high watermark, 1 the last stable offset. */
    isolationLevel: field("2+", int8),
    topics: field(
      "0+",
      array(
        struct("ListOffsetsTopic", {
          name: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("ListOffsetsPartition", {
                partitionIndex: field("0+", int32),
                /**
                 * Leader epoch that the client knows of, so that an old leader does not answer; -1 not to
                 * check.
                 */
                currentLeaderEpoch: field("4+", int32, { default: -1, ignorable: true }),
                /**
                 * Asks for the first record at or after this time in milliseconds, or: -1 the end of the log,
                 * -2 its start, -3 the record with the highest timestamp (from version 7 on), -4 the start of
                 * what the broker itself holds (8), -5 the last offset in remote storage (9), -6 the first
                 * one still to be uploaded (11).
                 */
                timestamp: field("0+", int64),
              }),
            ),
          ),
        }),
      ),
    ),
    /** How long the broker may look into remote storage. */
    timeoutMs: field("10+", int32, { ignorable: true }),
  },
});
export type ListOffsetsRequest = Infer<typeof ListOffsetsRequest>;

/** One answer for each partition. */
export const ListOffsetsResponse = response({
  apiKey: 2,
  validVersions: "1-11",
  flexibleVersions: "6+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("2+", int32, { ignorable: true }),
    topics: field(
      "0+",
      array(
        struct("ListOffsetsTopicResponse", {
          name: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct(
                "ListOffsetsPartitionResponse",
                {
                  partitionIndex: field("0+", int32),
                  errorCode: field("0+", int16),
                  /**
                   * That of the record found; -1 where the question was for an end of the log, or nothing was
                   * found.
                   */
                  timestamp: field("1+", int64, { default: -1n }),
                  /** -1 when no record is that young: reading then begins at the end. */
                  offset: field("1+", int64, { default: -1n }),
                  /** Leader epoch of the record found; -1 when not known. */
                  leaderEpoch: field("4+", int32, { default: -1 }),
                },
                (partitionIndex, errorCode, timestamp, offset, leaderEpoch) => ({
                  partitionIndex,
                  errorCode,
                  timestamp,
                  offset,
                  leaderEpoch,
                }),
              ),
            ),
          ),
        }),
      ),
    ),
  },
});
export type ListOffsetsResponse = Infer<typeof ListOffsetsResponse>;
