import { int16, int32, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const ShareGroupHeartbeatRequest = request({
  apiKey: 76,
  name: "ShareGroupHeartbeatRequest",
  validVersions: "1",
  flexibleVersions: "0+",
  fields: {
    groupId: field("0+", string),
    memberId: field("0+", string),
    memberEpoch: field("0+", int32),
    rackId: field("0+", string, { nullable: "0+", default: null }),
    subscribedTopicNames: field("0+", array(string), { nullable: "0+", default: null }),
  },
});
export type ShareGroupHeartbeatRequest = Infer<typeof ShareGroupHeartbeatRequest>;

const TopicPartitions = struct("TopicPartitions", {
  topicId: field("0+", uuid),
  partitions: field("0+", array(int32)),
});

export const ShareGroupHeartbeatResponse = response({
  apiKey: 76,
  name: "ShareGroupHeartbeatResponse",
  validVersions: "1",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    errorMessage: field("0+", string, { nullable: "0+", default: null }),
    memberId: field("0+", string, { nullable: "0+", default: null }),
    memberEpoch: field("0+", int32),
    heartbeatIntervalMs: field("0+", int32),
    assignment: field(
      "0+",
      struct("Assignment", {
        topicPartitions: field("0+", array(TopicPartitions)),
      }),
      { nullable: "0+", default: null },
    ),
  },
});
export type ShareGroupHeartbeatResponse = Infer<typeof ShareGroupHeartbeatResponse>;
