/**
 * InitializeShareGroupState (key 83, KIP-932): begins the state of share partitions, or begins it anew from
 * another offset. The group coordinator sends it to the share coordinator when a group comes upon new
 * partitions, and when AlterShareGroupOffsets moves their start. It is for brokers, which need the right of
 * ClusterAction; clients have no use for it.
 *
 * The share coordinator of a share partition, which is a partition as one share group reads it, keeps the
 * state of its deliveries. FindCoordinator finds it by the key `groupId:topicId:partition`.
 *
 * Errors of a partition:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and send it there.
 * - COORDINATOR_LOAD_IN_PROGRESS: send it again after a pause.
 * - FENCED_STATE_EPOCH: the coordinator has state of a higher state epoch.
 * - UNKNOWN_TOPIC_OR_PARTITION: the coordinator does not know the partition, or not yet.
 * - INVALID_REQUEST: an epoch or a partition is negative.
 * - CLUSTER_AUTHORIZATION_FAILED: nothing to retry.
 */

import { int16, int32, int64, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Partitions whose state begins. */
export const InitializeShareGroupStateRequest = request({
  apiKey: 83,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    groupId: field("0+", string),
    topics: field(
      "0+",
      array(
        struct("InitializeStateData", {
          topicId: field("0+", uuid),
          partitions: field(
            "0+",
            array(
              struct("PartitionData", {
                partition: field("0+", int32),
                /**
                 * Group epoch under which the state was initialized, so that writes from before can be told
                 * and refused.
                 */
                stateEpoch: field("0+", int32),
                /**
                 * First offset to deliver; -1 to leave it to the partition's leader, which goes by the
                 * group's `share.auto.offset.reset`.
                 */
                startOffset: field("0+", int64),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type InitializeShareGroupStateRequest = Infer<typeof InitializeShareGroupStateRequest>;

/** Which states have begun. */
export const InitializeShareGroupStateResponse = response({
  apiKey: 83,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    results: field(
      "0+",
      array(
        struct("InitializeStateResult", {
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
export type InitializeShareGroupStateResponse = Infer<typeof InitializeShareGroupStateResponse>;
