import { int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

const TopologyDescriptionNode = struct("TopologyDescriptionNode", {
  name: field("0+", string),
  nodeType: field("0+", int8),
  sourceTopics: field("0+", array(string)),
  sinkTopic: field("0+", string, { nullable: "0+", default: null }),
  stores: field("0+", array(string)),
  successors: field("0+", array(string)),
});

const TopologyDescriptionSubtopology = struct("TopologyDescriptionSubtopology", {
  subtopologyId: field("0+", string),
  nodes: field("0+", array(TopologyDescriptionNode)),
});

const TopologyDescriptionGlobalStore = struct("TopologyDescriptionGlobalStore", {
  source: field("0+", TopologyDescriptionNode),
  processor: field("0+", TopologyDescriptionNode),
});

const TopologyDescription = struct("TopologyDescription", {
  subtopologies: field("0+", array(TopologyDescriptionSubtopology)),
  globalStores: field("0+", array(TopologyDescriptionGlobalStore)),
});

export const StreamsGroupTopologyDescriptionUpdateRequest = request({
  apiKey: 93,
  name: "StreamsGroupTopologyDescriptionUpdateRequest",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    groupId: field("0+", string),
    memberId: field("0+", string),
    topologyEpoch: field("0+", int32),
    topologyDescription: field("0+", TopologyDescription),
  },
});
export type StreamsGroupTopologyDescriptionUpdateRequest = Infer<
  typeof StreamsGroupTopologyDescriptionUpdateRequest
>;

export const StreamsGroupTopologyDescriptionUpdateResponse = response({
  apiKey: 93,
  name: "StreamsGroupTopologyDescriptionUpdateResponse",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    errorMessage: field("0+", string, { nullable: "0+", default: null }),
  },
});
export type StreamsGroupTopologyDescriptionUpdateResponse = Infer<
  typeof StreamsGroupTopologyDescriptionUpdateResponse
>;
