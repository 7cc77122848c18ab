/**
 * EndQuorumEpoch (key 54, KIP-595): tells the voters of the controllers' quorum that their leader steps down,
 * so that they elect another at once rather than after a timeout. Sent by that leader; no client sends it.
 *
 * Versions: 1 is flexible, knows voters by log directory as well as id and says where the leader can be
 * reached (KIP-853).
 *
 * Errors: INCONSISTENT_CLUSTER_ID and CLUSTER_AUTHORIZATION_FAILED of the whole mean that the nodes are
 * configured wrongly. FENCED_LEADER_EPOCH: a later epoch has begun anyway. INVALID_REQUEST: not the metadata
 * partition, or no leader. BROKER_NOT_AVAILABLE: the node shuts down.
 */

import { int16, int32, string, uint16, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Who steps down, and who may follow. */
export const EndQuorumEpochRequest = request({
  apiKey: 54,
  validVersions: "0-1",
  flexibleVersions: "1+",
  fields: {
    /** Null not to check. */
    clusterId: field("0+", string, { nullable: "0+", default: null }),
    /** Always the one partition of `__cluster_metadata`. */
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
                /** The sender. */
                leaderId: field("0+", int32),
                /** The epoch that ends. */
                leaderEpoch: field("0+", int32),
                /**
                 * Voters with the best to follow first, in version 0: that one stands for election at once,
                 * the others a little later each.
                 */
                preferredSuccessors: field("0", array(int32), { ignorable: true }),
                /** The same from version 1 on. */
                preferredCandidates: field(
                  "1+",
                  array(
                    struct("ReplicaInfo", {
                      candidateId: field("1+", int32),
                      /** The voter's log directory. */
                      candidateDirectoryId: field("1+", uuid),
                    }),
                  ),
                  { ignorable: true },
                ),
              }),
            ),
          ),
        }),
      ),
    ),
    /** The leader's addresses by listener. */
    leaderEndpoints: field(
      "1+",
      array(
        struct("LeaderEndpoint", {
          name: field("1+", string),
          host: field("1+", string),
          port: field("1+", uint16),
        }),
      ),
      { ignorable: true },
    ),
  },
});
export type EndQuorumEpochRequest = Infer<typeof EndQuorumEpochRequest>;

/** Who leads according to the voter. */
export const EndQuorumEpochResponse = response({
  apiKey: 54,
  validVersions: "0-1",
  flexibleVersions: "1+",
  fields: {
    /** 0, or what is wrong with the whole. */
    errorCode: field("0+", int16),
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
                /** -1 when not known. */
                leaderId: field("0+", int32),
                /** The epoch of who answers. */
                leaderEpoch: field("0+", int32),
              }),
            ),
          ),
        }),
      ),
    ),
    /** Addresses of the leaders named above. */
    nodeEndpoints: field(
      "1+",
      array(
        struct("NodeEndpoint", {
          nodeId: field("1+", int32),
          host: field("1+", string),
          port: field("1+", uint16),
        }),
      ),
      { tag: 0 },
    ),
  },
});
export type EndQuorumEpochResponse = Infer<typeof EndQuorumEpochResponse>;
