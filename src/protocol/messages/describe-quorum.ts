import { int16, int32, int64, string, uint16, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const DescribeQuorumRequest = request({
  apiKey: 55,
  name: "DescribeQuorumRequest",
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

const ReplicaState = struct("ReplicaState", {
  replicaId: field("0+", int32),
  replicaDirectoryId: field("2+", uuid),
  logEndOffset: field("0+", int64),
  lastFetchTimestamp: field("1+", int64, { default: -1n, ignorable: true }),
  lastCaughtUpTimestamp: field("1+", int64, { default: -1n, ignorable: true }),
});

export const DescribeQuorumResponse = response({
  apiKey: 55,
  name: "DescribeQuorumResponse",
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: {
    errorCode: field("0+", int16),
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
                errorMessage: field("2+", string, { nullable: "2+", ignorable: true }),
                leaderId: field("0+", int32),
                leaderEpoch: field("0+", int32),
                highWatermark: field("0+", int64),
                currentVoters: field("0+", array(ReplicaState)),
                observers: field("0+", array(ReplicaState)),
              }),
            ),
          ),
        }),
      ),
    ),
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
