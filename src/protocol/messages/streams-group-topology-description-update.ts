/**
 * StreamsGroupTopologyDescriptionUpdate (key 93, KIP-1331): hands the cluster a description of a Kafka
 * Streams application's topology, to be shown to people. A member sends it to the group's coordinator when
 * the response to its heartbeat asks for it. Nothing that the group does depends on it.
 *
 * Errors:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and go on there.
 * - COORDINATOR_LOAD_IN_PROGRESS: send it again after a pause.
 * - STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED: the cluster could not store it. A later heartbeat asks again
 *   if there is any use.
 * - UNKNOWN_MEMBER_ID, GROUP_ID_NOT_FOUND: the member or its group is gone; the heartbeat will say so as
 *   well.
 * - UNSUPPORTED_VERSION: the broker has no plugin to store descriptions, or streams groups are not switched
 *   on.
 * - INVALID_REQUEST: `topologyEpoch` is not that of the group's topology; `errorMessage` says more.
 * - GROUP_AUTHORIZATION_FAILED: nothing to retry.
 */

import { int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** A node of the graph through which records flow. */
const TopologyDescriptionNode = struct("TopologyDescriptionNode", {
  /** Such as `KSTREAM-SOURCE-0000000000`. */
  name: field("0+", string),
  /** 1 source, 2 processor, 3 sink. */
  nodeType: field("0+", int8),
  /** What a source reads; empty where it goes by a pattern, and for other nodes. */
  sourceTopics: field("0+", array(string)),
  /** What a sink writes to; null where records decide, and for other nodes. */
  sinkTopic: field("0+", string, { nullable: "0+", default: null }),
  /** State stores that a processor uses; empty for other nodes. */
  stores: field("0+", array(string)),
  /** Names of the nodes that it passes records to. */
  successors: field("0+", array(string)),
});

/** Nodes that are connected, and so run in the same tasks. */
const TopologyDescriptionSubtopology = struct("TopologyDescriptionSubtopology", {
  subtopologyId: field("0+", string),
  nodes: field("0+", array(TopologyDescriptionNode)),
});

/** A state store that every instance holds as a whole. */
const TopologyDescriptionGlobalStore = struct("TopologyDescriptionGlobalStore", {
  /** Node that reads the store's topic. */
  source: field("0+", TopologyDescriptionNode),
  /** Node that fills the store. */
  processor: field("0+", TopologyDescriptionNode),
});

/** The whole graph of an application. */
const TopologyDescription = struct("TopologyDescription", {
  subtopologies: field("0+", array(TopologyDescriptionSubtopology)),
  globalStores: field("0+", array(TopologyDescriptionGlobalStore)),
});

/** The description of one group's topology. */
export const StreamsGroupTopologyDescriptionUpdateRequest = request({
  apiKey: 93,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    groupId: field("0+", string),
    /** Member that sends it, as in its heartbeat. */
    memberId: field("0+", string),
    /** Version of the topology, as in the heartbeat by which the member joined. */
    topologyEpoch: field("0+", int32),
    topologyDescription: field("0+", TopologyDescription),
  },
});
export type StreamsGroupTopologyDescriptionUpdateRequest = Infer<
  typeof StreamsGroupTopologyDescriptionUpdateRequest
>;

/** Whether it was stored. */
export const StreamsGroupTopologyDescriptionUpdateResponse = response({
  apiKey: 93,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    /** What is wrong in words for people; null for no more than the code says. */
    errorMessage: field("0+", string, { nullable: "0+", default: null }),
  },
});
export type StreamsGroupTopologyDescriptionUpdateResponse = Infer<
  typeof StreamsGroupTopologyDescriptionUpdateResponse
>;
