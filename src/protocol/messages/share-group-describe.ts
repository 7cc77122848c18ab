import { bool, int16, int32, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const ShareGroupDescribeRequest = request({
  apiKey: 77,
  name: "ShareGroupDescribeRequest",
  validVersions: "1",
  flexibleVersions: "0+",
  fields: {
    groupIds: field("0+", array(string)),
    includeAuthorizedOperations: field("0+", bool),
  },
});
export type ShareGroupDescribeRequest = Infer<typeof ShareGroupDescribeRequest>;

const TopicPartitions = struct("TopicPartitions", {
  topicId: field("0+", uuid),
  topicName: field("0+", string),
  partitions: field("0+", array(int32)),
});

const Assignment = struct("Assignment", {
  topicPartitions: field("0+", array(TopicPartitions)),
});

export const ShareGroupDescribeResponse = response({
  apiKey: 77,
  name: "ShareGroupDescribeResponse",
  validVersions: "1",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    groups: field(
      "0+",
      array(
        struct("DescribedGroup", {
          errorCode: field("0+", int16),
          errorMessage: field("0+", string, { nullable: "0+", default: null }),
          groupId: field("0+", string),
          groupState: field("0+", string),
          groupEpoch: field("0+", int32),
          assignmentEpoch: field("0+", int32),
          assignorName: field("0+", string),
          members: field(
            "0+",
            array(
              struct("Member", {
                memberId: field("0+", string),
                rackId: field("0+", string, { nullable: "0+", default: null }),
                memberEpoch: field("0+", int32),
                clientId: field("0+", string),
                clientHost: field("0+", string),
                subscribedTopicNames: field("0+", array(string)),
                assignment: field("0+", Assignment),
              }),
            ),
          ),
          authorizedOperations: field("0+", int32, { default: -2147483648 }),
        }),
      ),
    ),
  },
});
export type ShareGroupDescribeResponse = Infer<typeof ShareGroupDescribeResponse>;
