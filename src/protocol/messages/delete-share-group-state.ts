/**
 * DeleteShareGroupState (key 86, KIP-932): ends the state of share partitions. The group coordinator sends it
 * to the share coordinator when a share group is deleted, or its offsets of a topic are. State that was not
 * there counts as deleted. It is for brokers, which need the right of ClusterAction; clients have no use for
 * it.
 *
 * The share coordinator of a share partition, which is a partition as one share group reads it, keeps the
 * state of its deliveries. FindCoordinator finds it by the key `groupId:topicId:partition`.
 *
 * Errors of a partition:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and send it there.
 * - COORDINATOR_LOAD_IN_PROGRESS: send it again after a pause.
 * - UNKNOWN_TOPIC_OR_PARTITION, GROUP_ID_NOT_FOUND: there is nothing of that name to keep state of.
 * - INVALID_REQUEST: a number is negative.
 * - CLUSTER_AUTHORIZATION_FAILED: nothing to retry.
 */

import { int16, int32, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Partitions whose state ends. */
export const DeleteShareGroupStateRequest = request({
  apiKey: 86,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    groupId: field("0+", string),
    topics: field(
      "0+",
      array(
        struct("DeleteStateData", {
          topicId: field("0+", uuid),
          partitions: field(
            "0+",
            array(
              struct("PartitionData", {
                partition: field("0+", int32),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type DeleteShareGroupStateRequest = Infer<typeof DeleteShareGroupStateRequest>;

/** Which states have ended. */
export const DeleteShareGroupStateResponse = response({
  apiKey: 86,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    results: field(
      "0+",
      array(
        struct("DeleteStateResult", {
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
export type DeleteShareGroupStateResponse = Infer<typeof DeleteShareGroupStateResponse>;
