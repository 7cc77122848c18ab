import { bool, int8, int16, int32, int64, string, uint16 } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const StreamsGroupDescribeRequest = request({
  apiKey: 89,
  name: "StreamsGroupDescribeRequest",
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    groupIds: field("0+", array(string)),
    includeAuthorizedOperations: field("0+", bool),
    includeTopologyDescription: field("1+", bool),
  },
});
export type StreamsGroupDescribeRequest = Infer<typeof StreamsGroupDescribeRequest>;

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

const Assignment = struct("Assignment", {
  activeTasks: field("0+", array(TaskIds)),
  standbyTasks: field("0+", array(TaskIds)),
  warmupTasks: field("0+", array(TaskIds)),
});

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

const TopologyDescriptionNode = struct("TopologyDescriptionNode", {
  name: field("1+", string),
  nodeType: field("1+", int8),
  sourceTopics: field("1+", array(string)),
  sinkTopic: field("1+", string, { nullable: "1+", default: null }),
  stores: field("1+", array(string)),
  successors: field("1+", array(string)),
});

const TopologyDescriptionSubtopology = struct("TopologyDescriptionSubtopology", {
  subtopologyId: field("1+", string),
  nodes: field("1+", array(TopologyDescriptionNode)),
});

const TopologyDescriptionGlobalStore = struct("TopologyDescriptionGlobalStore", {
  source: field("1+", TopologyDescriptionNode),
  processor: field("1+", TopologyDescriptionNode),
});

const TopologyDescription = struct("TopologyDescription", {
  subtopologies: field("1+", array(TopologyDescriptionSubtopology)),
  globalStores: field("1+", array(TopologyDescriptionGlobalStore)),
});

export const StreamsGroupDescribeResponse = response({
  apiKey: 89,
  name: "StreamsGroupDescribeResponse",
  validVersions: "0-1",
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
                    repartitionSinkTopics: field("0+", array(string)),
                    stateChangelogTopics: field("0+", array(TopicInfo)),
                    repartitionSourceTopics: field("0+", array(TopicInfo)),
                  }),
                ),
                { nullable: "0+", default: null },
              ),
            }),
            { nullable: "0+", default: null },
          ),
          members: field(
            "0+",
            array(
              struct("Member", {
                memberId: field("0+", string),
                memberEpoch: field("0+", int32),
                instanceId: field("0+", string, { nullable: "0+", default: null }),
                rackId: field("0+", string, { nullable: "0+", default: null }),
                clientId: field("0+", string),
                clientHost: field("0+", string),
                topologyEpoch: field("0+", int32),
                processId: field("0+", string),
                userEndpoint: field("0+", Endpoint, { nullable: "0+", default: null }),
                clientTags: field("0+", array(KeyValue)),
                taskOffsets: field("0+", array(TaskOffset)),
                taskEndOffsets: field("0+", array(TaskOffset)),
                assignment: field("0+", Assignment),
                targetAssignment: field("0+", Assignment),
                isClassic: field("0+", bool),
              }),
            ),
          ),
          authorizedOperations: field("0+", int32, { default: -2147483648 }),
          topologyDescription: field("1+", TopologyDescription, { nullable: "1+", default: null }),
          topologyDescriptionStatus: field("1+", int8),
          assignorName: field("1+", string, { nullable: "1+", default: null, ignorable: true }),
        }),
      ),
    ),
  },
});
export type StreamsGroupDescribeResponse = Infer<typeof StreamsGroupDescribeResponse>;
