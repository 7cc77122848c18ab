/**
 * ReadShareGroupStateSummary (key 87, KIP-932): the state of share partitions without its details. The group
 * coordinator sends it to the share coordinator, for DescribeShareGroupOffsets. It is for brokers, which need
 * the right of ClusterAction; clients have no use for it.
 *
 * The share coordinator of a share partition, which is a partition as one share group reads it, keeps the
 * state of its deliveries. FindCoordinator finds it by the key `groupId:topicId:partition`.
 *
 * Versions: 1 adds the number of offsets that are done with, from which follows the lag (KIP-1226).
 *
 * Errors of a partition:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and send it there.
 * - COORDINATOR_LOAD_IN_PROGRESS: send it again after a pause.
 * - UNKNOWN_TOPIC_OR_PARTITION, GROUP_ID_NOT_FOUND: there is nothing of that name to keep state of.
 * - INVALID_REQUEST: a number is negative.
 * - CLUSTER_AUTHORIZATION_FAILED: nothing to retry.
 */

import { int16, int32, int64, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Partitions whose state is wanted. */
export const ReadShareGroupStateSummaryRequest = request({
  apiKey: 87,
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    groupId: field("0+", string),
    topics: field(
      "0+",
      array(
        struct("ReadStateSummaryData", {
          topicId: field("0+", uuid),
          partitions: field(
            "0+",
            array(
              struct("PartitionData", {
                partition: field("0+", int32),
                /** Group coordinators leave it at 0. */
                leaderEpoch: field("0+", int32),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type ReadShareGroupStateSummaryRequest = Infer<typeof ReadShareGroupStateSummaryRequest>;

/** The states in short. */
export const ReadShareGroupStateSummaryResponse = response({
  apiKey: 87,
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    results: field(
      "0+",
      array(
        struct("ReadStateSummaryResult", {
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
                /** Epoch of the leader that last read or wrote it; 0 when there is no state. */
                leaderEpoch: field("0+", int32),
                /**
                 * Lowest offset that is not done with; -1 when nothing is known, or the leader has yet to
                 * choose.
                 */
                startOffset: field("0+", int64),
                /** How many offsets from `startOffset` on are done with; -1 when not known. */
                deliveryCompleteCount: field("1+", int32, { default: -1, ignorable: true }),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type ReadShareGroupStateSummaryResponse = Infer<typeof ReadShareGroupStateSummaryResponse>;
