/**
 * AssignReplicasToDirs (key 73, KIP-858): a broker tells the active controller which log directory holds
 * which of its replicas, so that the controller knows what is lost when a directory fails. Sent by brokers
 * alone.
 *
 * Errors of the whole: NOT_CONTROLLER: find the active controller and send it there. STALE_BROKER_EPOCH and
 * BROKER_ID_NOT_REGISTERED: the broker is not registered, or was registered again since. UNSUPPORTED_VERSION:
 * the cluster's `metadata.version` is too old for it. CLUSTER_AUTHORIZATION_FAILED: brokers lack
 * CLUSTER_ACTION.
 *
 * Errors of a partition: UNKNOWN_TOPIC_ID and UNKNOWN_TOPIC_OR_PARTITION: it was deleted, or is not known
 * yet. NOT_LEADER_OR_FOLLOWER: the broker is no replica of it.
 */

import { int16, int32, int64, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Replicas by directory. */
export const AssignReplicasToDirsRequest = request({
  apiKey: 73,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    brokerId: field("0+", int32),
    /** The epoch that the broker got when it registered. */
    brokerEpoch: field("0+", int64, { default: -1n }),
    directories: field(
      "0+",
      array(
        struct("DirectoryData", {
          /** The directory's id; one that is not online takes the replicas in it out of service. */
          id: field("0+", uuid),
          topics: field(
            "0+",
            array(
              struct("TopicData", {
                topicId: field("0+", uuid),
                partitions: field(
                  "0+",
                  array(
                    struct("PartitionData", {
                      partitionIndex: field("0+", int32),
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
export type AssignReplicasToDirsRequest = Infer<typeof AssignReplicasToDirsRequest>;

/** One answer for each partition. */
export const AssignReplicasToDirsResponse = response({
  apiKey: 73,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    /** 0, or what is wrong with the whole. */
    errorCode: field("0+", int16),
    directories: field(
      "0+",
      array(
        struct("DirectoryData", {
          id: field("0+", uuid),
          topics: field(
            "0+",
            array(
              struct("TopicData", {
                topicId: field("0+", uuid),
                partitions: field(
                  "0+",
                  array(
                    struct("PartitionData", {
                      partitionIndex: field("0+", int32),
                      errorCode: field("0+", int16),
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
export type AssignReplicasToDirsResponse = Infer<typeof AssignReplicasToDirsResponse>;
