/**
 * AlterPartitionReassignments (key 45, KIP-455): moves partitions to other brokers, or stops such a move.
 * Admin clients send it to the controller, or with KRaft to any broker, which forwards it. A success says
 * that the move has begun; ListPartitionReassignments tells when it is over.
 *
 * Versions: 1 can forbid a change of the number of replicas (KIP-860).
 *
 * Errors of a partition:
 *
 * - UNKNOWN_TOPIC_OR_PARTITION: no such partition.
 * - INVALID_REPLICA_ASSIGNMENT: the list is empty or names a broker twice or one that there is not; or the
 *   move cannot be stopped without an unclean election.
 * - INVALID_REPLICATION_FACTOR: the number of replicas would change, which was forbidden.
 * - NO_REASSIGNMENT_IN_PROGRESS: there is no move to stop.
 *
 * Errors of the whole:
 *
 * - NOT_CONTROLLER: look up the controller and send it there.
 * - REQUEST_TIMED_OUT: the controller took too long; the moves may still begin.
 * - CLUSTER_AUTHORIZATION_FAILED: the principal may not alter the cluster. Nothing to retry.
 */

import { bool, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Partitions, and where they are to be. */
export const AlterPartitionReassignmentsRequest = request({
  apiKey: 45,
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    /** How long the controller may take to begin, not how long the move may take. */
    timeoutMs: field("0+", int32, { default: 60000 }),
    /** Whether a partition may end up with more or fewer replicas than it has. */
    allowReplicationFactorChange: field("1+", bool, { default: true }),
    topics: field(
      "0+",
      array(
        struct("ReassignableTopic", {
          name: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("ReassignablePartition", {
                partitionIndex: field("0+", int32),
                /**
                 * All brokers that are to hold the partition, the preferred leader first. It takes the place
                 * of a move that is under way; null stops that.
                 */
                replicas: field("0+", array(int32), { nullable: "0+", default: null }),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type AlterPartitionReassignmentsRequest = Infer<typeof AlterPartitionReassignmentsRequest>;

/** Which moves have begun. */
export const AlterPartitionReassignmentsResponse = response({
  apiKey: 45,
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    /** As in the request. */
    allowReplicationFactorChange: field("1+", bool, { default: true, ignorable: true }),
    /** 0, or what is wrong with the whole. */
    errorCode: field("0+", int16),
    /** What is wrong in words for people; null or empty for no more than the code says. */
    errorMessage: field("0+", string, { nullable: "0+" }),
    responses: field(
      "0+",
      array(
        struct("ReassignableTopicResponse", {
          name: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("ReassignablePartitionResponse", {
                partitionIndex: field("0+", int32),
                errorCode: field("0+", int16),
                /** What is wrong in words for people; null or empty for no more than the code says. */
                errorMessage: field("0+", string, { nullable: "0+" }),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type AlterPartitionReassignmentsResponse = Infer<typeof AlterPartitionReassignmentsResponse>;
