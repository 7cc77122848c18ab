/**
 * ShareFetch (key 78, KIP-932): acquires records of a share group for one of its members, and takes
 * acknowledgements of earlier ones along. Members send it to the leaders of the partitions that they are
 * assigned.
 *
 * An acquired record is locked: no other member gets it. The member accepts, rejects, releases or renews it;
 * if it does none of these within the lock's timeout, or its connection closes, the record is delivered
 * again, until it has been delivered as often as the group allows. There are no positions: the leader keeps
 * account of which records are due.
 *
 * What a member fetches is remembered in a session, one for each member and broker, which ends with its
 * connection.
 *
 * Versions: 1 is the first stable one, of Kafka 4.1; version 0 was for early access in Kafka 4.0 and is gone.
 * 2 adds a strict bound on the number of records (KIP-1206) and the renewal of locks (KIP-1222).
 *
 * Errors of the whole:
 *
 * - SHARE_SESSION_NOT_FOUND, INVALID_SHARE_SESSION_EPOCH: the session is gone or out of step. Open another
 *   with epoch 0 and all partitions. Acknowledgements that came along were not taken, and what was acquired
 *   through the old session may be delivered again.
 * - SHARE_SESSION_LIMIT_REACHED: the broker has as many sessions as it may have, and says so after
 *   `maxWaitMs`. Try again with epoch 0.
 * - INVALID_REQUEST: acknowledgements came with epoch 0, ids are missing, or renewals came with bounds other
 *   than 0.
 * - UNSUPPORTED_VERSION: the cluster does not have share groups switched on.
 * - GROUP_AUTHORIZATION_FAILED: nothing to retry.
 *
 * Errors of a partition in fetching, `errorCode`:
 *
 * - NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH: another broker leads it. Take the leader from
 *   `currentLeader`, else refresh the metadata, and fetch there.
 * - UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, KAFKA_STORAGE_ERROR: refresh the metadata and fetch again.
 * - COORDINATOR_NOT_AVAILABLE: the leader cannot reach the share coordinator. Fetch again after a pause.
 * - TOPIC_AUTHORIZATION_FAILED: nothing to retry.
 * - CORRUPT_MESSAGE, UNKNOWN_SERVER_ERROR: the broker cannot read its log, or its account of deliveries.
 *
 * Errors of a partition in acknowledging, `acknowledgeErrorCode`. Records whose acknowledgement is not taken
 * are delivered again once their lock has timed out:
 *
 * - INVALID_RECORD_STATE: the member does not hold these records, or no longer: the lock timed out.
 * - INVALID_REQUEST: the batches are not in order, or do not fit what was acquired.
 * - NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH: the leader has changed, and with it all locks are gone.
 * - COORDINATOR_NOT_AVAILABLE, KAFKA_STORAGE_ERROR: send them again while the lock holds.
 * - UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID, TOPIC_AUTHORIZATION_FAILED, UNKNOWN_SERVER_ERROR: nothing
 *   to send again.
 */

import { bool, int8, int16, int32, int64, records, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** What to acquire, and what to acknowledge. With bounds of 0 it only acknowledges. */
export const ShareFetchRequest = request({
  apiKey: 78,
  validVersions: "1-2",
  flexibleVersions: "0+",
  fields: {
    /** Brokers refuse null. */
    groupId: field("0+", string, { nullable: "0+", default: null }),
    /** As in ShareGroupHeartbeat. Brokers refuse null. */
    memberId: field("0+", string, { nullable: "0+" }),
    /**
     * 0 opens a session, in place of an older one; -1 ends it and releases whatever the member still holds;
     * else the number of the request in the session, from 1 on and after the highest int32 again from 1.
     * ShareFetch and ShareAcknowledge are counted together.
     */
    shareSessionEpoch: field("0+", int32),
    /** How long the broker waits for `minBytes` to be there. */
    maxWaitMs: field("0+", int32),
    /** Less than this is answered only when `maxWaitMs` is over. */
    minBytes: field("0+", int32),
    /**
     * Bound on the records in the response. The first batch is sent whole even if it is larger, so that a
     * reader never gets stuck.
     */
    maxBytes: field("0+", int32, { default: 0x7fff_ffff }),
    /** How many records to acquire. In mode 0 whole batches are acquired, and the bound may be passed. */
    maxRecords: field("1+", int32),
    /**
     * About how many offsets an entry of `acquiredRecords` should cover in mode 0; entries end where record
     * batches do. Acknowledgements cost least when they follow these entries.
     */
    batchSize: field("1+", int32),
    /** 0 acquires whole batches; 1 never acquires more than `maxRecords`, if need be a part of a batch. */
    shareAcquireMode: field("2+", int8, { ignorable: true }),
    /**
     * Whether renewals are among the acknowledgements. Such a request fetches nothing: `maxWaitMs`,
     * `minBytes`, `maxBytes` and `maxRecords` have to be 0.
     */
    isRenewAck: field("2+", bool),
    /** All partitions when the session opens; later what is new to it, or has something acknowledged. */
    topics: field(
      "0+",
      array(
        struct("FetchTopic", {
          topicId: field("0+", uuid),
          partitions: field(
            "0+",
            array(
              struct("FetchPartition", {
                partitionIndex: field("0+", int32),
                /** Of version 0 only. */
                partitionMaxBytes: field("0", int32),
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
    /** Partitions that leave the session, such as those no longer assigned. */
    forgottenTopicsData: field(
      "0+",
      array(
        struct("ForgottenTopic", {
          topicId: field("0+", uuid),
          partitions: field("0+", array(int32)),
        }),
      ),
    ),
  },
});
export type ShareFetchRequest = Infer<typeof ShareFetchRequest>;

/** What was acquired, and what became of the acknowledgements. */
export const ShareFetchResponse = response({
  apiKey: 78,
  validVersions: "1-2",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    /** What is wrong in words for people; null for no more than the code says. */
    errorMessage: field("0+", string, { nullable: "0+", default: null }),
    /** How long the acquired records are locked. */
    acquisitionLockTimeoutMs: field("1+", int32),
    responses: field(
      "0+",
      array(
        struct("ShareFetchableTopicResponse", {
          topicId: field("0+", uuid),
          partitions: field(
            "0+",
            array(
              struct("PartitionData", {
                partitionIndex: field("0+", int32),
                /** 0, or why nothing was fetched. */
                errorCode: field("0+", int16),
                errorMessage: field("0+", string, { nullable: "0+", default: null }),
                /** 0, or why the acknowledgements were not taken; 0 as well if there were none. */
                acknowledgeErrorCode: field("0+", int16),
                acknowledgeErrorMessage: field("0+", string, { nullable: "0+", default: null }),
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
                /**
                 * Batches in which the acquired records are. Others may be in them too, which this member
                 * must not deliver: `acquiredRecords` decides.
                 */
                records: field("0+", records, { nullable: "0" }),
                /** Which offsets are this member's now. */
                acquiredRecords: field(
                  "0+",
                  array(
                    struct("AcquiredRecords", {
                      firstOffset: field("0+", int64),
                      /** Itself included. */
                      lastOffset: field("0+", int64),
                      /** How often these records have been delivered, 1 for the first time. */
                      deliveryCount: field("0+", int16),
                    }),
                  ),
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
export type ShareFetchResponse = Infer<typeof ShareFetchResponse>;
