import { bool, int16, int32, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const DescribeTopicPartitionsRequest = request({
  apiKey: 75,
  name: "DescribeTopicPartitionsRequest",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    topics: field(
      "0+",
      array(
        struct("TopicRequest", {
          name: field("0+", string),
        }),
      ),
    ),
    responsePartitionLimit: field("0+", int32, { default: 2000 }),
    cursor: field(
      "0+",
      struct("Cursor", {
        topicName: field("0+", string),
        partitionIndex: field("0+", int32),
      }),
      { nullable: "0+", default: null },
    ),
  },
});
export type DescribeTopicPartitionsRequest = Infer<typeof DescribeTopicPartitionsRequest>;

export const DescribeTopicPartitionsResponse = response({
  apiKey: 75,
  name: "DescribeTopicPartitionsResponse",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32, { ignorable: true }),
    topics: field(
      "0+",
      array(
        struct("DescribeTopicPartitionsResponseTopic", {
          errorCode: field("0+", int16),
          name: field("0+", string, { nullable: "0+" }),
          topicId: field("0+", uuid, { ignorable: true }),
          isInternal: field("0+", bool, { ignorable: true }),
          partitions: field(
            "0+",
            array(
              struct("DescribeTopicPartitionsResponsePartition", {
                errorCode: field("0+", int16),
                partitionIndex: field("0+", int32),
                leaderId: field("0+", int32),
                leaderEpoch: field("0+", int32, { default: -1, ignorable: true }),
                replicaNodes: field("0+", array(int32)),
                isrNodes: field("0+", array(int32)),
                eligibleLeaderReplicas: field("0+", array(int32), { nullable: "0+", default: null }),
                lastKnownElr: field("0+", array(int32), { nullable: "0+", default: null }),
                offlineReplicas: field("0+", array(int32), { ignorable: true }),
              }),
            ),
          ),
          topicAuthorizedOperations: field("0+", int32, { default: -2147483648 }),
        }),
      ),
    ),
    nextCursor: field(
      "0+",
      struct("Cursor", {
        topicName: field("0+", string),
        partitionIndex: field("0+", int32),
      }),
      { nullable: "0+", default: null },
    ),
  },
});
export type DescribeTopicPartitionsResponse = Infer<typeof DescribeTopicPartitionsResponse>;
