/**
 * Vote (key 52, KIP-595): asks a controller for its vote. Sent among the voters of the controllers' quorum
 * alone, by one that has heard from no leader for too long; no client sends it.
 *
 * Versions: 1 knows voters by log directory as well as id (KIP-853); 2 first asks whether there would be a
 * vote, which binds nobody and begins no epoch (KIP-996).
 *
 * Errors: INCONSISTENT_CLUSTER_ID and CLUSTER_AUTHORIZATION_FAILED of the whole, or INVALID_VOTER_KEY of the
 * partition, mean that the nodes are configured wrongly or an address now belongs to another voter.
 * FENCED_LEADER_EPOCH: the epoch is over; go on in that of the response. INVALID_REQUEST: nonsense such as a
 * negative offset. BROKER_NOT_AVAILABLE: the node shuts down. To be refused a vote is no error.
 */

import { bool, int16, int32, int64, string, uint16, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Says how far the log of the one who asks goes, since only who is not behind gets a vote. */
export const VoteRequest = request({
  apiKey: 52,
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: {
    /** Null not to check. */
    clusterId: field("0+", string, { nullable: "0+", default: null }),
    /** Who is being asked; -1 not to check. */
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
                /** The epoch to be led or, in a pre-vote, the one that the sender is in. */
                replicaEpoch: field("0+", int32),
                /** Who asks. */
                replicaId: field("0+", int32),
                /** The log directory of who asks. */
                replicaDirectoryId: field("1+", uuid, { ignorable: true }),
                /** The log directory of who is being asked. */
                voterDirectoryId: field("1+", uuid, { ignorable: true }),
                /** Leader epoch of the last record in the sender's log. */
                lastOffsetEpoch: field("0+", int32),
                /** Where the sender's log ends. */
                lastOffset: field("0+", int64),
                /** Asks without binding anybody. */
                preVote: field("2+", bool),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type VoteRequest = Infer<typeof VoteRequest>;

/** The vote, and the leader if there is one. */
export const VoteResponse = response({
  apiKey: 52,
  validVersions: "0-2",
  flexibleVersions: "0+",
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
                voteGranted: field("0+", bool),
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
export type VoteResponse = Infer<typeof VoteResponse>;
