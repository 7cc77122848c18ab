/**
 * OffsetForLeaderEpoch (key 23, KIP-101): where the records of a leader epoch end in the leader's log.
 * Consumers send it to the leader of a partition after the leader has changed, to learn whether what they
 * have read is still part of the log; followers can find by it where to truncate.
 *
 * Versions: 2 is the first that Kafka 4 serves; it checks the client's leader epoch (KIP-320) and adds the
 * throttle time. 3 adds `replicaId`, and is the first for consumers, since with it brokers ask for no more
 * than the right to describe the topic. 4 is flexible.
 *
 * Errors of a partition:
 *
 * - NOT_LEADER_OR_FOLLOWER, REPLICA_NOT_AVAILABLE, LEADER_NOT_AVAILABLE, KAFKA_STORAGE_ERROR,
 *   UNKNOWN_TOPIC_OR_PARTITION, FENCED_LEADER_EPOCH: refresh the metadata and ask again.
 * - UNKNOWN_LEADER_EPOCH: the broker's epoch is older than the client's. Ask again after a pause.
 * - TOPIC_AUTHORIZATION_FAILED: nothing to retry.
 */

import { int16, int32, int64, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** One question for each partition. */
export const OffsetForLeaderEpochRequest = request({
  apiKey: 23,
  validVersions: "2-4",
  flexibleVersions: "4+",
  fields: {
    /**
     * -1 for a consumer, which has to say so, since -2 stands for a consumer that debugs; else the broker
     * that follows.
     */
    replicaId: field("3+", int32, { default: -2, ignorable: true }),
    topics: field(
      "0+",
      array(
        struct("OffsetForLeaderTopic", {
          topic: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("OffsetForLeaderPartition", {
                partition: field("0+", int32),
                /**
                 * Leader epoch that the client knows of, so that an old leader does not answer; -1 not to
                 * check.
                 */
                currentLeaderEpoch: field("2+", int32, { default: -1, ignorable: true }),
                /** Epoch whose end is wanted: that of the record read last. */
                leaderEpoch: field("0+", int32),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type OffsetForLeaderEpochRequest = Infer<typeof OffsetForLeaderEpochRequest>;

/** The ends, from which a reader sees whether it has to go back. */
export const OffsetForLeaderEpochResponse = response({
  apiKey: 23,
  validVersions: "2-4",
  flexibleVersions: "4+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("2+", int32, { ignorable: true }),
    topics: field(
      "0+",
      array(
        struct("OffsetForLeaderTopicResult", {
          topic: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("EpochEndOffset", {
                errorCode: field("0+", int16),
                partition: field("0+", int32),
                /** Highest epoch in the log that is not above the one in question; -1 when there is none. */
                leaderEpoch: field("1+", int32, { default: -1, ignorable: true }),
                /**
                 * Where `leaderEpoch` ends: the first offset of the epoch after it, or the end of the log; -1
                 * when not known. A position beyond it is no longer part of the log, so that reading goes on
                 * from here.
                 */
                endOffset: field("0+", int64, { default: -1n }),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type OffsetForLeaderEpochResponse = Infer<typeof OffsetForLeaderEpochResponse>;
