import { int16, int32, string, uint16, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const EndQuorumEpochRequest = request({
  apiKey: 54,
  name: "EndQuorumEpochRequest",
  validVersions: "0-1",
  flexibleVersions: "1+",
  fields: {
    clusterId: field("0+", string, { nullable: "0+", default: null }),
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
                leaderId: field("0+", int32),
                leaderEpoch: field("0+", int32),
                preferredSuccessors: field("0", array(int32), { ignorable: true }),
                preferredCandidates: field(
                  "1+",
                  array(
                    struct("ReplicaInfo", {
                      candidateId: field("1+", int32),
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

export const EndQuorumEpochResponse = response({
  apiKey: 54,
  name: "EndQuorumEpochResponse",
  validVersions: "0-1",
  flexibleVersions: "1+",
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
export type EndQuorumEpochResponse = Infer<typeof EndQuorumEpochResponse>;
