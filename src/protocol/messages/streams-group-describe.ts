/**
 * StreamsGroupDescribe (key 89, KIP-1071): state, topology and members of streams groups. Admin clients send
 * it to the coordinator of the groups.
 *
 * Versions: 1 adds the description of the whole topology (KIP-1331) and the assignor (KIP-1357).
 *
 * Errors of a group:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and ask there.
 * - COORDINATOR_LOAD_IN_PROGRESS: ask again after a pause.
 * - GROUP_ID_NOT_FOUND: there is no such group, or it is of another kind.
 * - UNSUPPORTED_VERSION: the cluster does not have this protocol switched on.
 * - TOPIC_AUTHORIZATION_FAILED: the group uses topics that the principal may not describe.
 * - INVALID_GROUP_ID, INVALID_REQUEST, GROUP_AUTHORIZATION_FAILED: nothing to retry.
 */

import { bool, int8, int16, int32, int64, string, uint16 } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Groups that have the same coordinator. */
export const StreamsGroupDescribeRequest = request({
  apiKey: 89,
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    groupIds: field("0+", array(string)),
    /** Fills `authorizedOperations`. */
    includeAuthorizedOperations: field("0+", bool),
    /** Fills `topologyDescription`. */
    includeTopologyDescription: field("1+", bool),
  },
});
export type StreamsGroupDescribeRequest = Infer<typeof StreamsGroupDescribeRequest>;

/** Where an instance answers interactive queries. */
const Endpoint = struct("Endpoint", {
  host: field("0+", string),
  port: field("0+", uint16),
});

/** How far one task has come. */
const TaskOffset = struct("TaskOffset", {
  subtopologyId: field("0+", string),
  /** Number of the task in its subtopology. */
  partition: field("0+", int32),
  /** Sum over all changelogs of the task. */
  offset: field("0+", int64),
});

/** Tasks of one subtopology. A task has the number of the partitions that it reads. */
const TaskIds = struct("TaskIds", {
  subtopologyId: field("0+", string),
  partitions: field("0+", array(int32)),
});

/** Tasks of one member. */
const Assignment = struct("Assignment", {
  /** Tasks that run. */
  activeTasks: field("0+", array(TaskIds)),
  /** Tasks whose state is copied. */
  standbyTasks: field("0+", array(TaskIds)),
  /** Tasks whose state is restored, to be taken over. */
  warmupTasks: field("0+", array(TaskIds)),
});

/** A setting, or a client tag. */
const KeyValue = struct("KeyValue", {
  key: field("0+", string),
  value: field("0+", string),
});

/** An internal topic, which the coordinator creates. */
const TopicInfo = struct("TopicInfo", {
  name: field("0+", string),
  /** 0 where the topology does not say. */
  partitions: field("0+", int32),
  /** 0 for the cluster's default. */
  replicationFactor: field("0+", int16),
  /** What differs from the cluster's defaults. */
  topicConfigs: field("0+", array(KeyValue)),
});

/** A node of the graph through which records flow. */
const TopologyDescriptionNode = struct("TopologyDescriptionNode", {
  /** Such as `KSTREAM-SOURCE-0000000000`. */
  name: field("1+", string),
  /** 1 source, 2 processor, 3 sink. */
  nodeType: field("1+", int8),
  /** What a source reads; empty where it goes by a pattern, and for other nodes. */
  sourceTopics: field("1+", array(string)),
  /** What a sink writes to; null where records decide, and for other nodes. */
  sinkTopic: field("1+", string, { nullable: "1+", default: null }),
  /** State stores that a processor uses; empty for other nodes. */
  stores: field("1+", array(string)),
  /** Names of the nodes that it passes records to. */
  successors: field("1+", array(string)),
});

/** Nodes that are connected, and so run in the same tasks. */
const TopologyDescriptionSubtopology = struct("TopologyDescriptionSubtopology", {
  subtopologyId: field("1+", string),
  nodes: field("1+", array(TopologyDescriptionNode)),
});

/** A state store that every instance holds as a whole. */
const TopologyDescriptionGlobalStore = struct("TopologyDescriptionGlobalStore", {
  /** Node that reads the store's topic. */
  source: field("1+", TopologyDescriptionNode),
  /** Node that fills the store. */
  processor: field("1+", TopologyDescriptionNode),
});

/** The whole graph of an application. */
const TopologyDescription = struct("TopologyDescription", {
  subtopologies: field("1+", array(TopologyDescriptionSubtopology)),
  globalStores: field("1+", array(TopologyDescriptionGlobalStore)),
});

/** One description for each group, or why there is none. */
export const StreamsGroupDescribeResponse = response({
  apiKey: 89,
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    groups: field(
      "0+",
      array(
        struct("DescribedGroup", {
          errorCode: field("0+", int16),
          /** What is wrong in words for people; null for no more than the code says. */
          errorMessage: field("0+", string, { nullable: "0+", default: null }),
          groupId: field("0+", string),
          /**
           * `Empty`, `NotReady` (topics are missing or do not fit), `Assigning`, `Reconciling` (members are
           * moving to their target), `Stable` or `Dead`; empty with an error.
           */
          groupState: field("0+", string),
          /** Grows with each change of members, topology or topics. */
          groupEpoch: field("0+", int32),
          /**
           * Group epoch that the target assignment was computed for; behind `groupEpoch` while a new one is
           * due.
           */
          assignmentEpoch: field("0+", int32),
          /** Null with an error. */
          topology: field(
            "0+",
            struct("Topology", {
              /** Which version of the application's topology it is. */
              epoch: field("0+", int32),
              /** Null when not told, as by some brokers while source topics are missing or do not fit. */
              subtopologies: field(
                "0+",
                array(
                  struct("Subtopology", {
                    subtopologyId: field("0+", string),
                    sourceTopics: field("0+", array(string)),
                    /** Internal topics that it writes for other subtopologies. */
                    repartitionSinkTopics: field("0+", array(string)),
                    /** Topics to restore state stores from. */
                    stateChangelogTopics: field("0+", array(TopicInfo)),
                    /** Internal topics that it reads from other subtopologies. */
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
                /**
                 * Epoch of the assignment that the member has reached; behind `assignmentEpoch` while it
                 * still gives up tasks.
                 */
                memberEpoch: field("0+", int32),
                /** Null for a member that is not static. */
                instanceId: field("0+", string, { nullable: "0+", default: null }),
                /** Null for a member that named none. */
                rackId: field("0+", string, { nullable: "0+", default: null }),
                clientId: field("0+", string),
                /** Address that it connects from, as in `/10.0.0.1`. */
                clientHost: field("0+", string),
                /** Version of the topology that this member runs. */
                topologyEpoch: field("0+", int32),
                /** The same for all members in the same process. */
                processId: field("0+", string),
                /** Null for a member that named none. */
                userEndpoint: field("0+", Endpoint, { nullable: "0+", default: null }),
                /** What is configured as `client.tag.*`. */
                clientTags: field("0+", array(KeyValue)),
                /** How far the state of each task is restored, as the member said last. */
                taskOffsets: field("0+", array(TaskOffset)),
                /** How far it would have to be, as the member said last. */
                taskEndOffsets: field("0+", array(TaskOffset)),
                /** What it runs now. */
                assignment: field("0+", Assignment),
                /** What it is to run in the end. */
                targetAssignment: field("0+", Assignment),
                /** Whether it still speaks the classic protocol. */
                isClassic: field("0+", bool),
              }),
            ),
          ),
          /**
           * One bit for each operation by its number in `AclOperation`; the lowest int32 when not asked for.
           */
          authorizedOperations: field("0+", int32, { default: -2147483648 }),
          /** Null unless `topologyDescriptionStatus` is 3. */
          topologyDescription: field("1+", TopologyDescription, { nullable: "1+", default: null }),
          /** 0 not asked for; 1 the cluster has none; 2 the cluster could not get at it; 3 it is there. */
          topologyDescriptionStatus: field("1+", int8),
          /**
           * Assignor for the next assignment, which need not be the one that made the present one; null with
           * an error.
           */
          assignorName: field("1+", string, { nullable: "1+", default: null, ignorable: true }),
        }),
      ),
    ),
  },
});
export type StreamsGroupDescribeResponse = Infer<typeof StreamsGroupDescribeResponse>;
