import { bool, int16, int32, int64, string, uint16, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const VoteRequest = request({
  apiKey: 52,
  name: "VoteRequest",
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: {
    clusterId: field("0+", string, { nullable: "0+", default: null }),
    voterId: field("1+", int32, { default: -1, ignorable: true }),
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
                replicaEpoch: field("0+", int32),
                replicaId: field("0+", int32),
                replicaDirectoryId: field("1+", uuid, { ignorable: true }),
                voterDirectoryId: field("1+", uuid, { ignorable: true }),
                lastOffsetEpoch: field("0+", int32),
                lastOffset: field("0+", int64),
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

export const VoteResponse = response({
  apiKey: 52,
  name: "VoteResponse",
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: {
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
                leaderId: field("0+", int32),
                leaderEpoch: field("0+", int32),
                voteGranted: field("0+", bool),
              }),
            ),
          ),
        }),
      ),
    ),
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
