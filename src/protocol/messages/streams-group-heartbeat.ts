import { bool, int8, int16, int32, int64, string, uint16 } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

const KeyValue = struct("KeyValue", {
  key: field("0+", string),
  value: field("0+", string),
});

const TopicInfo = struct("TopicInfo", {
  name: field("0+", string),
  partitions: field("0+", int32),
  replicationFactor: field("0+", int16),
  topicConfigs: field("0+", array(KeyValue)),
});

const Endpoint = struct("Endpoint", {
  host: field("0+", string),
  port: field("0+", uint16),
});

const TaskOffset = struct("TaskOffset", {
  subtopologyId: field("0+", string),
  partition: field("0+", int32),
  offset: field("0+", int64),
});

const TaskIds = struct("TaskIds", {
  subtopologyId: field("0+", string),
  partitions: field("0+", array(int32)),
});

export const StreamsGroupHeartbeatRequest = request({
  apiKey: 88,
  name: "StreamsGroupHeartbeatRequest",
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    groupId: field("0+", string),
    memberId: field("0+", string),
    memberEpoch: field("0+", int32),
    endpointInformationEpoch: field("0+", int32),
    instanceId: field("0+", string, { nullable: "0+", default: null }),
    rackId: field("0+", string, { nullable: "0+", default: null }),
    rebalanceTimeoutMs: field("0+", int32, { default: -1 }),
    topology: field(
      "0+",
      struct("Topology", {
        epoch: field("0+", int32),
        subtopologies: field(
          "0+",
          array(
            struct("Subtopology", {
              subtopologyId: field("0+", string),
              sourceTopics: field("0+", array(string)),
              sourceTopicRegex: field("0+", array(string)),
              stateChangelogTopics: field("0+", array(TopicInfo)),
              repartitionSinkTopics: field("0+", array(string)),
              repartitionSourceTopics: field("0+", array(TopicInfo)),
              copartitionGroups: field(
                "0+",
                array(
                  struct("CopartitionGroup", {
                    sourceTopics: field("0+", array(int16)),
                    sourceTopicRegex: field("0+", array(int16)),
                    repartitionSourceTopics: field("0+", array(int16)),
                  }),
                ),
              ),
            }),
          ),
        ),
      }),
      { nullable: "0+", default: null },
    ),
    activeTasks: field("0+", array(TaskIds), { nullable: "0+", default: null }),
    standbyTasks: field("0+", array(TaskIds), { nullable: "0+", default: null }),
    warmupTasks: field("0+", array(TaskIds), { nullable: "0+", default: null }),
    processId: field("0+", string, { nullable: "0+", default: null }),
    userEndpoint: field("0+", Endpoint, { nullable: "0+", default: null }),
    clientTags: field("0+", array(KeyValue), { nullable: "0+", default: null }),
    taskOffsets: field("0+", array(TaskOffset), { nullable: "0+", default: null }),
    taskEndOffsets: field("0+", array(TaskOffset), { nullable: "0+", default: null }),
    shutdownApplication: field("0+", bool),
  },
});
export type StreamsGroupHeartbeatRequest = Infer<typeof StreamsGroupHeartbeatRequest>;

const Status = struct("Status", {
  statusCode: field("0+", int8),
  statusDetail: field("0+", string),
});

const TopicPartition = struct("TopicPartition", {
  topic: field("0+", string),
  partitions: field("0+", array(int32)),
});

export const StreamsGroupHeartbeatResponse = response({
  apiKey: 88,
  name: "StreamsGroupHeartbeatResponse",
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    errorMessage: field("0+", string, { nullable: "0+", default: null }),
    memberId: field("0+", string),
    memberEpoch: field("0+", int32),
    heartbeatIntervalMs: field("0+", int32),
    acceptableRecoveryLagLegacy: field("0", int32),
    taskOffsetIntervalMs: field("0+", int32),
    acceptableRecoveryLag: field("1+", int64, { default: -1n, ignorable: true }),
    status: field("0+", array(Status), { nullable: "0+" }),
    activeTasks: field("0+", array(TaskIds), { nullable: "0+", default: null }),
    standbyTasks: field("0+", array(TaskIds), { nullable: "0+", default: null }),
    warmupTasks: field("0+", array(TaskIds), { nullable: "0+", default: null }),
    topologyDescriptionRequired: field("1+", bool),
    endpointInformationEpoch: field("0+", int32),
    partitionsByUserEndpoint: field(
      "0+",
      array(
        struct("EndpointToPartitions", {
          userEndpoint: field("0+", Endpoint),
          activePartitions: field("0+", array(TopicPartition)),
          standbyPartitions: field("0+", array(TopicPartition)),
        }),
      ),
      { nullable: "0+", default: null },
    ),
  },
});
export type StreamsGroupHeartbeatResponse = Infer<typeof StreamsGroupHeartbeatResponse>;
