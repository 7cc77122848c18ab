/**
 * WriteShareGroupState (key 85, KIP-932): stores what has changed in the state of share partitions. The
 * leader of a partition sends it to the share coordinator when records have been acknowledged, or their locks
 * have timed out. It is for brokers, which need the right of ClusterAction; clients have no use for it.
 *
 * The share coordinator of a share partition, which is a partition as one share group reads it, keeps the
 * state of its deliveries. FindCoordinator finds it by the key `groupId:topicId:partition`.
 *
 * Versions: 1 adds the number of offsets that are done with (KIP-1226).
 *
 * Errors of a partition:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and send it there.
 * - COORDINATOR_LOAD_IN_PROGRESS: send it again after a pause.
 * - FENCED_LEADER_EPOCH: a newer leader has already called on the coordinator. Stop acting as the leader.
 * - FENCED_STATE_EPOCH: the state was initialized anew meanwhile.
 * - UNKNOWN_TOPIC_OR_PARTITION, GROUP_ID_NOT_FOUND: there is nothing of that name to keep state of.
 * - INVALID_REQUEST: the state was never initialized, or a number is negative.
 * - CLUSTER_AUTHORIZATION_FAILED: nothing to retry.
 */

import { int8, int16, int32, int64, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** What has changed in each partition. */
export const WriteShareGroupStateRequest = request({
  apiKey: 85,
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    groupId: field("0+", string),
    topics: field(
      "0+",
      array(
        struct("WriteStateData", {
          topicId: field("0+", uuid),
          partitions: field(
            "0+",
            array(
              struct("PartitionData", {
                partition: field("0+", int32),
                /** As ReadShareGroupState said. */
                stateEpoch: field("0+", int32),
                /** Epoch of the leader that writes. */
                leaderEpoch: field("0+", int32),
                /** Lowest offset that is not done with; -1 to leave it as it is. */
                startOffset: field("0+", int64),
                /** How many offsets from `startOffset` on are done with; -1 when not known. */
                deliveryCompleteCount: field("1+", int32, { default: -1, ignorable: true }),
                /** Ranges of offsets whose state has changed. */
                stateBatches: field(
                  "0+",
                  array(
                    struct("StateBatch", {
                      firstOffset: field("0+", int64),
                      /** Itself included. */
                      lastOffset: field("0+", int64),
                      /**
                       * 0 available, so to be delivered again; 2 acknowledged; 4 archived, so not to be
                       * delivered any more.
                       */
                      deliveryState: field("0+", int8),
                      /** How often it has been delivered. */
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
  },
});
export type WriteShareGroupStateRequest = Infer<typeof WriteShareGroupStateRequest>;

/** Which changes were stored. */
export const WriteShareGroupStateResponse = response({
  apiKey: 85,
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    results: field(
      "0+",
      array(
        struct("WriteStateResult", {
          topicId: field("0+", uuid),
          partitions: field(
            "0+",
            array(
              struct("PartitionResult", {
                partition: field("0+", int32),
                errorCode: field("0+", int16),
                /** What is wrong in words for people; null for no more than the code says. */
                errorMessage: field("0+", string, { nullable: "0+", default: null }),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type WriteShareGroupStateResponse = Infer<typeof WriteShareGroupStateResponse>;
