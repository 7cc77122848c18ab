/**
 * ElectLeaders (key 43, KIP-183): has leaders of partitions elected: the preferred ones, or any at all where
 * there is none. Admin clients send it to the controller, or with KRaft to any broker, which forwards it.
 *
 * Versions: 1 can also elect replicas that are not in sync, and adds an error for the whole (KIP-460); 2 is
 * flexible.
 *
 * Errors of a partition:
 *
 * - ELECTION_NOT_NEEDED: the preferred replica leads already, or for an unclean election there is a leader.
 *   Take it as a success.
 * - PREFERRED_LEADER_NOT_AVAILABLE: the preferred replica is down or not in sync.
 *   ELIGIBLE_LEADERS_NOT_AVAILABLE: no replica is up. Try again when it is.
 * - UNKNOWN_TOPIC_OR_PARTITION: no such partition.
 *
 * Errors of the whole:
 *
 * - NOT_CONTROLLER: look up the controller and send it there.
 * - REQUEST_TIMED_OUT: the controller took too long; the election may still happen.
 * - INVALID_REQUEST: there is no such kind of election. Nothing to retry.
 * - CLUSTER_AUTHORIZATION_FAILED: the principal may not alter the cluster. Nothing to retry.
 */

import { int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Partitions, and what kind of election. */
export const ElectLeadersRequest = request({
  apiKey: 43,
  validVersions: "0-2",
  flexibleVersions: "2+",
  fields: {
    /**
     * 0 makes the preferred replica the leader. 1, for partitions without a leader, takes one that is up even
     * if it is not in sync, at the cost of records. Version 0 knows only the former.
     */
    electionType: field("1+", int8),
    /** Null for all partitions of the cluster. */
    topicPartitions: field(
      "0+",
      array(
        struct("TopicPartitions", {
          topic: field("0+", string),
          partitions: field("0+", array(int32)),
        }),
      ),
      { nullable: "0+" },
    ),
    /** How long the controller may take. */
    timeoutMs: field("0+", int32, { default: 60000 }),
  },
});
export type ElectLeadersRequest = Infer<typeof ElectLeadersRequest>;

/** What became of each partition. */
export const ElectLeadersResponse = response({
  apiKey: 43,
  validVersions: "0-2",
  flexibleVersions: "2+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    /** 0, or what is wrong with the whole; in version 0 each partition says so. */
    errorCode: field("1+", int16),
    /** Where all partitions were asked for, only those that needed an election. */
    replicaElectionResults: field(
      "0+",
      array(
        struct("ReplicaElectionResult", {
          topic: field("0+", string),
          partitionResult: field(
            "0+",
            array(
              struct("PartitionResult", {
                partitionId: field("0+", int32),
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
export type ElectLeadersResponse = Infer<typeof ElectLeadersResponse>;
