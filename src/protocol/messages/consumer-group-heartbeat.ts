import { int16, int32, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const ConsumerGroupHeartbeatRequest = request({
  apiKey: 68,
  name: "ConsumerGroupHeartbeatRequest",
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    groupId: field("0+", string),
    memberId: field("0+", string),
    memberEpoch: field("0+", int32),
    instanceId: field("0+", string, { nullable: "0+", default: null }),
    rackId: field("0+", string, { nullable: "0+", default: null }),
    rebalanceTimeoutMs: field("0+", int32, { default: -1 }),
    subscribedTopicNames: field("0+", array(string), { nullable: "0+", default: null }),
    subscribedTopicRegex: field("1+", string, { nullable: "1+", default: null }),
    serverAssignor: field("0+", string, { nullable: "0+", default: null }),
    topicPartitions: field(
      "0+",
      array(
        struct("TopicPartitions", {
          topicId: field("0+", uuid),
          partitions: field("0+", array(int32)),
        }),
      ),
      { nullable: "0+", default: null },
    ),
  },
});
export type ConsumerGroupHeartbeatRequest = Infer<typeof ConsumerGroupHeartbeatRequest>;

const TopicPartitions = struct("TopicPartitions", {
  topicId: field("0+", uuid),
  partitions: field("0+", array(int32)),
});

export const ConsumerGroupHeartbeatResponse = response({
  apiKey: 68,
  name: "ConsumerGroupHeartbeatResponse",
  validVersions: "0-1",
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
export type ConsumerGroupHeartbeatResponse = Infer<typeof ConsumerGroupHeartbeatResponse>;
