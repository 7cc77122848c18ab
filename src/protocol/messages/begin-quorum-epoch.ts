/**
 * BeginQuorumEpoch (key 53, KIP-595): tells the other voters of the controllers' quorum who won the election.
 * Sent by the new leader to each of them; no client sends it.
 *
 * Versions: 1 is flexible, and says for which voter it is and where the leader can be reached (KIP-853).
 *
 * Errors: INCONSISTENT_CLUSTER_ID and CLUSTER_AUTHORIZATION_FAILED of the whole, or INVALID_VOTER_KEY of the
 * partition, mean that the nodes are configured wrongly or an address now belongs to another voter.
 * FENCED_LEADER_EPOCH: a later epoch has begun; go on in that of the response. INVALID_REQUEST: not the
 * metadata partition, or no leader. BROKER_NOT_AVAILABLE: the node shuts down.
 */

import { int16, int32, string, uint16, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Who leads, in which epoch. */
export const BeginQuorumEpochRequest = request({
  apiKey: 53,
  validVersions: "0-1",
  flexibleVersions: "1+",
  fields: {
    /** Null not to check. */
    clusterId: field("0+", string, { nullable: "0+", default: null }),
    /** To whom this is sent; -1 not to check. */
    voterId: field("1+", int32, { default: -1, ignorable: true }),
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
                /** The log directory of the voter to whom this is sent. */
                voterDirectoryId: field("1+", uuid, { ignorable: true }),
                /** The sender. */
                leaderId: field("0+", int32),
                leaderEpoch: field("0+", int32),
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
export type BeginQuorumEpochRequest = Infer<typeof BeginQuorumEpochRequest>;

/** Who leads according to the voter. */
export const BeginQuorumEpochResponse = response({
  apiKey: 53,
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
export type BeginQuorumEpochResponse = Infer<typeof BeginQuorumEpochResponse>;
