/**
 * ReadShareGroupState (key 84, KIP-932): the whole state of share partitions. The leader of a partition sends
 * it to the share coordinator before it serves a group, and by this makes its leader epoch known, so that an
 * older leader can no longer write. It is for brokers, which need the right of ClusterAction; clients have no
 * use for it.
 *
 * The share coordinator of a share partition, which is a partition as one share group reads it, keeps the
 * state of its deliveries. FindCoordinator finds it by the key `groupId:topicId:partition`.
 *
 * Errors of a partition:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and send it there.
 * - COORDINATOR_LOAD_IN_PROGRESS: send it again after a pause.
 * - FENCED_LEADER_EPOCH: a newer leader has already called on the coordinator. Stop acting as the leader.
 * - UNKNOWN_TOPIC_OR_PARTITION, GROUP_ID_NOT_FOUND: there is nothing of that name to keep state of.
 * - INVALID_REQUEST: the state was never initialized, or a number is negative.
 * - CLUSTER_AUTHORIZATION_FAILED: nothing to retry.
 */

import { int8, int16, int32, int64, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Partitions whose state is wanted. */
export const ReadShareGroupStateRequest = request({
  apiKey: 84,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    groupId: field("0+", string),
    topics: field(
      "0+",
      array(
        struct("ReadStateData", {
          topicId: field("0+", uuid),
          partitions: field(
            "0+",
            array(
              struct("PartitionData", {
                partition: field("0+", int32),
                /** Epoch of the leader that asks. */
                leaderEpoch: field("0+", int32),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type ReadShareGroupStateRequest = Infer<typeof ReadShareGroupStateRequest>;

/** The states, as they were last written. */
export const ReadShareGroupStateResponse = response({
  apiKey: 84,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    results: field(
      "0+",
      array(
        struct("ReadStateResult", {
          topicId: field("0+", uuid),
          partitions: field(
            "0+",
            array(
              struct("PartitionResult", {
                partition: field("0+", int32),
                errorCode: field("0+", int16),
                /** What is wrong in words for people; null for no more than the code says. */
                errorMessage: field("0+", string, { nullable: "0+", default: null }),
                /**
                 * Group epoch under which the state was initialized, so that writes from before can be told
                 * and refused.
                 */
                stateEpoch: field("0+", int32),
                /**
                 * Lowest offset that is not done with; -1 when the leader is to choose, by the group's
                 * `share.auto.offset.reset`.
                 */
                startOffset: field("0+", int64),
                /**
                 * What became of ranges of offsets from `startOffset` on. An offset in none of them counts as
                 * not delivered yet.
                 */
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
export type ReadShareGroupStateResponse = Infer<typeof ReadShareGroupStateResponse>;
