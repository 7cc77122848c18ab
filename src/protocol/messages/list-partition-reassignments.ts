/**
 * ListPartitionReassignments (key 46, KIP-455): which partitions are being moved to other brokers. Admin
 * clients send it to the controller, or with KRaft to any broker, which forwards it.
 *
 * Errors:
 *
 * - NOT_CONTROLLER: look up the controller and ask there.
 * - REQUEST_TIMED_OUT: the controller took too long. Ask again.
 * - CLUSTER_AUTHORIZATION_FAILED: the principal may not describe the cluster. Nothing to retry.
 */

import { int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Partitions to look at. */
export const ListPartitionReassignmentsRequest = request({
  apiKey: 46,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** How long the controller may take. */
    timeoutMs: field("0+", int32, { default: 60000 }),
    /** Null for all. */
    topics: field(
      "0+",
      array(
        struct("ListPartitionReassignmentsTopics", {
          name: field("0+", string),
          partitionIndexes: field("0+", array(int32)),
        }),
      ),
      { nullable: "0+", default: null },
    ),
  },
});
export type ListPartitionReassignmentsRequest = Infer<typeof ListPartitionReassignmentsRequest>;

/** Moves that are under way; partitions at rest, and such that there are not, are left out. */
export const ListPartitionReassignmentsResponse = response({
  apiKey: 46,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    /** What is wrong in words for people; null or empty for no more than the code says. */
    errorMessage: field("0+", string, { nullable: "0+" }),
    topics: field(
      "0+",
      array(
        struct("OngoingTopicReassignment", {
          name: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("OngoingPartitionReassignment", {
                partitionIndex: field("0+", int32),
                /** All replicas during the move, old and new. */
                replicas: field("0+", array(int32)),
                /** Those of them that are new, and not all in sync yet. */
                addingReplicas: field("0+", array(int32)),
                /** Those of them that go when the new ones are in sync. */
                removingReplicas: field("0+", array(int32)),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type ListPartitionReassignmentsResponse = Infer<typeof ListPartitionReassignmentsResponse>;
