/**
 * ShareAcknowledge (key 79, KIP-932): says what became of records that a member of a share group has
 * acquired, without fetching more. Members send it to the leader from which they acquired them, within the
 * session that ShareFetch opened.
 *
 * Versions: 1 is the first stable one, of Kafka 4.1; version 0 was for early access in Kafka 4.0 and is gone.
 * 2 adds the renewal of locks (KIP-1222).
 *
 * Errors of the whole:
 *
 * - SHARE_SESSION_NOT_FOUND, INVALID_SHARE_SESSION_EPOCH: the session is gone or out of step, or the epoch
 *   was 0. Nothing was taken; open another session with ShareFetch. What was acquired through the old one may
 *   be delivered again.
 * - INVALID_REQUEST: ids are missing.
 * - UNSUPPORTED_VERSION: the cluster does not have share groups switched on.
 * - GROUP_AUTHORIZATION_FAILED: nothing to retry.
 *
 * Errors of a partition. Records whose acknowledgement is not taken are delivered again once their lock has
 * timed out:
 *
 * - INVALID_RECORD_STATE: the member does not hold these records, or no longer: the lock timed out.
 * - INVALID_REQUEST: the batches are not in order, or do not fit what was acquired.
 * - NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH: the leader has changed, and with it all locks are gone.
 *   Fetch from the new one.
 * - COORDINATOR_NOT_AVAILABLE, KAFKA_STORAGE_ERROR: send them again while the lock holds.
 * - UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID: nothing to send again; refresh the metadata.
 * - TOPIC_AUTHORIZATION_FAILED, UNKNOWN_SERVER_ERROR: nothing to send again.
 */

import { bool, int8, int16, int32, int64, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** What became of acquired records. */
export const ShareAcknowledgeRequest = request({
  apiKey: 79,
  validVersions: "1-2",
  flexibleVersions: "0+",
  fields: {
    /** Brokers refuse null. */
    groupId: field("0+", string, { nullable: "0+", default: null }),
    /** As in ShareGroupHeartbeat. Brokers refuse null. */
    memberId: field("0+", string, { nullable: "0+" }),
    /**
     * Number of the request in the session, as in ShareFetch, with which it is counted together; -1 ends the
     * session and releases whatever the member still holds. 0 is refused, since this request opens none.
     */
    shareSessionEpoch: field("0+", int32),
    /** Whether renewals are among the acknowledgements. */
    isRenewAck: field("2+", bool),
    topics: field(
      "0+",
      array(
        struct("AcknowledgeTopic", {
          topicId: field("0+", uuid),
          partitions: field(
            "0+",
            array(
              struct("AcknowledgePartition", {
                partitionIndex: field("0+", int32),
                /** In ascending order, not overlapping. */
                acknowledgementBatches: field(
                  "0+",
                  array(
                    struct("AcknowledgementBatch", {
                      firstOffset: field("0+", int64),
                      /** Itself included. */
                      lastOffset: field("0+", int64),
                      /**
                       * One for all offsets of the batch, or one for each: 0 there is no record at this
                       * offset, 1 accept (done), 2 release (deliver it again), 3 reject (never again), 4
                       * renew (keep it locked for longer, from version 2 on).
                       */
                      acknowledgeTypes: field("0+", array(int8)),
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
export type ShareAcknowledgeRequest = Infer<typeof ShareAcknowledgeRequest>;

/** Which acknowledgements were taken. */
export const ShareAcknowledgeResponse = response({
  apiKey: 79,
  validVersions: "1-2",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    /** What is wrong in words for people; null for no more than the code says. */
    errorMessage: field("0+", string, { nullable: "0+", default: null }),
    /** How long renewed records are locked from now on. */
    acquisitionLockTimeoutMs: field("2+", int32, { ignorable: true }),
    responses: field(
      "0+",
      array(
        struct("ShareAcknowledgeTopicResponse", {
          topicId: field("0+", uuid),
          partitions: field(
            "0+",
            array(
              struct("PartitionData", {
                partitionIndex: field("0+", int32),
                errorCode: field("0+", int16),
                errorMessage: field("0+", string, { nullable: "0+", default: null }),
                /**
                 * With NOT_LEADER_OR_FOLLOWER or FENCED_LEADER_EPOCH, who leads it now; a leader of -1 when
                 * the broker does not know. Without these it means nothing, and both fields are 0.
                 */
                currentLeader: field(
                  "0+",
                  struct("LeaderIdAndEpoch", {
                    leaderId: field("0+", int32),
                    leaderEpoch: field("0+", int32),
                  }),
                ),
              }),
            ),
          ),
        }),
      ),
    ),
    /** Addresses of the leaders named in `currentLeader`, so that no Metadata request is needed. */
    nodeEndpoints: field(
      "0+",
      array(
        struct("NodeEndpoint", {
          nodeId: field("0+", int32),
          host: field("0+", string),
          port: field("0+", int32),
          /** Value of `broker.rack`; null where it has none. */
          rack: field("0+", string, { nullable: "0+", default: null }),
        }),
      ),
    ),
  },
});
export type ShareAcknowledgeResponse = Infer<typeof ShareAcknowledgeResponse>;
