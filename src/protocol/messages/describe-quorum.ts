/**
 * DescribeQuorum (key 55, KIP-595): who leads the controllers' quorum, and how far each controller and broker
 * has got with the cluster's metadata. Admin clients send it to any broker, which forwards it to the active
 * controller, or to that controller itself.
 *
 * Versions: 1 tells when replicas fetched and were caught up (KIP-836); 2 adds error messages, log
 * directories and the voters' addresses (KIP-853).
 *
 * Errors:
 *
 * - NOT_LEADER_OR_FOLLOWER of the partition: the controller that was asked is not active. Ask again, or
 *   another.
 * - UNKNOWN_TOPIC_OR_PARTITION of the partition: only partition 0 of `__cluster_metadata` can be described.
 * - BROKER_NOT_AVAILABLE: the controller shuts down. Ask again.
 * - CLUSTER_AUTHORIZATION_FAILED: the principal lacks DESCRIBE on the cluster. Nothing to retry.
 */

import { int16, int32, int64, string, uint16, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Asks for the one partition of `__cluster_metadata`. */
export const DescribeQuorumRequest = request({
  apiKey: 55,
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: {
    topics: field(
      "0+",
      array(
        struct("TopicData", {
          topicName: field("0+", string),
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
  },
});
export type DescribeQuorumRequest = Infer<typeof DescribeQuorumRequest>;

/** How far one node has got. */
const ReplicaState = struct("ReplicaState", {
  /** Node id of a controller or broker. */
  replicaId: field("0+", int32),
  /** Its log directory; zero when not known. */
  replicaDirectoryId: field("2+", uuid),
  /** Where its log ends; -1 when not known. */
  logEndOffset: field("0+", int64),
  /**
   * When it last fetched, in milliseconds by the leader's clock; -1 when not known. Says nothing about the
   * leader itself.
   */
  lastFetchTimestamp: field("1+", int64, { default: -1n, ignorable: true }),
  /**
   * When it last had all that was in the leader's log, likewise: how long ago that is, is its lag in time.
   */
  lastCaughtUpTimestamp: field("1+", int64, { default: -1n, ignorable: true }),
});

/** The quorum as its leader sees it. */
export const DescribeQuorumResponse = response({
  apiKey: 55,
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: {
    /** 0, or what is wrong with the whole. */
    errorCode: field("0+", int16),
    /** In words for people; null or empty without an error. */
    errorMessage: field("2+", string, { nullable: "2+", ignorable: true }),
    topics: field(
      "0+",
      array(
        struct("TopicData", {
          topicName: field("0+", string),
          partitions: field(
            "0+",
            array(
              struct("PartitionData", {
                partitionIndex: field("0+", int32),
                errorCode: field("0+", int16),
                /** In words for people; null or empty without an error. */
                errorMessage: field("2+", string, { nullable: "2+", ignorable: true }),
                /** The active controller; -1 when not known. */
                leaderId: field("0+", int32),
                leaderEpoch: field("0+", int32),
                /** End of what a majority of the voters has; -1 when not known. */
                highWatermark: field("0+", int64),
                /** Controllers of whom a majority decides. */
                currentVoters: field("0+", array(ReplicaState)),
                /** Nodes that only follow: brokers, and controllers that are no voters. */
                observers: field("0+", array(ReplicaState)),
              }),
            ),
          ),
        }),
      ),
    ),
    /** Where the voters can be reached. */
    nodes: field(
      "2+",
      array(
        struct("Node", {
          nodeId: field("2+", int32),
          listeners: field(
            "2+",
            array(
              struct("Listener", {
                name: field("2+", string),
                host: field("2+", string),
                port: field("2+", uint16),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type DescribeQuorumResponse = Infer<typeof DescribeQuorumResponse>;
