/**
 * AlterPartition (key 56, KIP-497): a partition's leader tells the active controller which replicas are in
 * sync, and that it has recovered from an unclean election. Sent by brokers alone.
 *
 * Versions: 2 names topics by id (KIP-841), after 1 had brought recovery (KIP-704); 3 says which incarnation
 * of a broker is meant (KIP-903). Kafka 4.0 dropped 0 and 1.
 *
 * Errors: NOT_CONTROLLER, also of a partition that this controller knows less of than the leader: find the
 * active one and send it again. STALE_BROKER_EPOCH of the whole: send it again with the broker's present
 * epoch. INELIGIBLE_REPLICA: a replica of the new set is fenced, about to shut down or has restarted; keep
 * the old set. NEW_LEADER_ELECTED: it was done, and completed a reassignment by which another broker leads.
 * FENCED_LEADER_EPOCH, INVALID_UPDATE_VERSION, UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST:
 * the leader is out of date and waits for newer metadata. CLUSTER_AUTHORIZATION_FAILED: brokers lack
 * CLUSTER_ACTION.
 */

import { int8, int16, int32, int64, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** The state that the leader wants for its partitions. */
export const AlterPartitionRequest = request({
  apiKey: 56,
  validVersions: "2-3",
  flexibleVersions: "0+",
  fields: {
    /** The leader. */
    brokerId: field("0+", int32),
    /** The epoch that it got when it registered. */
    brokerEpoch: field("0+", int64, { default: -1n }),
    topics: field(
      "0+",
      array(
        struct("TopicData", {
          topicId: field("2+", uuid, { ignorable: true }),
          partitions: field(
            "0+",
            array(
              struct("PartitionData", {
                partitionIndex: field("0+", int32),
                leaderEpoch: field("0+", int32),
                /** The new set of replicas in sync, in version 2. */
                newIsr: field("0-2", array(int32)),
                /** The same from version 3 on. */
                newIsrWithEpochs: field(
                  "3+",
                  array(
                    struct("BrokerState", {
                      brokerId: field("3+", int32),
                      /** Shows whether the replica has restarted meanwhile; -1 not to check. */
                      brokerEpoch: field("3+", int64, { default: -1n }),
                    }),
                  ),
                ),
                /**
                 * 0 for a normal state; 1 while the leader recovers from an unclean election, and is alone in
                 * sync.
                 */
                leaderRecoveryState: field("1+", int8),
                /** Counts the changes of the partition: the state on which this one builds. */
                partitionEpoch: field("0+", int32),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type AlterPartitionRequest = Infer<typeof AlterPartitionRequest>;

/** The state in force. */
export const AlterPartitionResponse = response({
  apiKey: 56,
  validVersions: "2-3",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    /** 0, or what is wrong with the whole. */
    errorCode: field("0+", int16),
    topics: field(
      "0+",
      array(
        struct("TopicData", {
          topicId: field("2+", uuid, { ignorable: true }),
          partitions: field(
            "0+",
            array(
              struct("PartitionData", {
                partitionIndex: field("0+", int32),
                errorCode: field("0+", int16),
                leaderId: field("0+", int32),
                leaderEpoch: field("0+", int32),
                isr: field("0+", array(int32)),
                /** 0 for a normal state, 1 for recovery from an unclean election. */
                leaderRecoveryState: field("1+", int8, { ignorable: true }),
                /** The next change builds on this. */
                partitionEpoch: field("0+", int32),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type AlterPartitionResponse = Infer<typeof AlterPartitionResponse>;
