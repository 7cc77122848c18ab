/**
 * StreamsGroupHeartbeat (key 88, KIP-1071): all that a member of a Kafka Streams application says to its
 * group: it joins with its topology, stays, takes on and gives up tasks, and leaves by it. Members send it to
 * the group's coordinator, which assigns tasks and creates the topics that the application needs between its
 * steps.
 *
 * A member joins with everything it has to say. After that it sends only what has changed, and after any
 * error everything once more.
 *
 * Versions: 1 asks members for a description of the topology (KIP-1331), tells the acceptable lag as an
 * int64, and may report missing client tags.
 *
 * Errors; what is wrong with the group rather than the request comes in `status` instead:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and go on there.
 * - COORDINATOR_LOAD_IN_PROGRESS: go on after a pause.
 * - UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH: the coordinator has removed the member, or is at another epoch
 *   with it. Give up all tasks at once, without committing, and join again under the same id with epoch 0.
 * - GROUP_ID_NOT_FOUND: there is no such group, or it is of another kind. No harm when leaving; else fatal.
 * - UNRELEASED_INSTANCE_ID: another member holds the instance id and has not left. FENCED_INSTANCE_ID:
 *   another member has taken it over. Both are fatal to this one.
 * - STREAMS_INVALID_TOPOLOGY: such as internal topics as sources, or names that no topic can have. Change the
 *   application.
 * - STREAMS_INVALID_TOPOLOGY_EPOCH, STREAMS_TOPOLOGY_FENCED: the epoch of the topology is wrong or out of
 *   date. Fatal.
 * - INVALID_REQUEST: the request itself is wrong, or the topology is not the group's; `errorMessage` says
 *   how.
 * - GROUP_MAX_SIZE_REACHED: the group has as many members as the broker's `group.streams.max.size` allows.
 * - UNSUPPORTED_VERSION: the cluster does not have this protocol switched on. Use the classic one.
 * - TOPIC_AUTHORIZATION_FAILED: the principal may not describe a topic of the topology. Tell the user.
 * - GROUP_AUTHORIZATION_FAILED, CLUSTER_AUTHORIZATION_FAILED: nothing to retry.
 */

import { bool, int8, int16, int32, int64, string, uint16 } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** A setting, or a client tag. */
const KeyValue = struct("KeyValue", {
  key: field("0+", string),
  value: field("0+", string),
});

/** An internal topic, which the coordinator creates. */
const TopicInfo = struct("TopicInfo", {
  name: field("0+", string),
  /** 0 for as many as the topology calls for; changelogs must have 0. */
  partitions: field("0+", int32),
  /** 0 for the cluster's default. */
  replicationFactor: field("0+", int16),
  /** What differs from the cluster's defaults. */
  topicConfigs: field("0+", array(KeyValue)),
});

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

/** What the member says. Where null is allowed it means no change, or that there is no such thing. */
export const StreamsGroupHeartbeatRequest = request({
  apiKey: 88,
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    groupId: field("0+", string),
    /** Chosen by the member for its lifetime, such as a random UUID. */
    memberId: field("0+", string),
    /**
     * 0 to join, -1 to leave, -2 to leave as a static member that will be back; else what the latest response
     * said.
     */
    memberEpoch: field("0+", int32),
    /**
     * As the latest response said, -1 at first. The response brings `partitionsByUserEndpoint` when it
     * differs from the group's.
     */
    endpointInformationEpoch: field("0+", int32),
    /** `group.instance.id` of a static member. */
    instanceId: field("0+", string, { nullable: "0+", default: null }),
    /** `client.rack`. */
    rackId: field("0+", string, { nullable: "0+", default: null }),
    /** How long the member may take to give up tasks until the coordinator removes it; -1 for no change. */
    rebalanceTimeoutMs: field("0+", int32, { default: -1 }),
    /** What the application does. It is sent in order to join, and null after that. */
    topology: field(
      "0+",
      struct("Topology", {
        /** Which version of the application's topology it is. */
        epoch: field("0+", int32),
        subtopologies: field(
          "0+",
          array(
            struct("Subtopology", {
              /** Follows from the topology, so that all members say the same. */
              subtopologyId: field("0+", string),
              sourceTopics: field("0+", array(string)),
              /** Has to be empty: brokers do not support it yet. */
              sourceTopicRegex: field("0+", array(string)),
              /** Topics to restore state stores from. */
              stateChangelogTopics: field("0+", array(TopicInfo)),
              /** Internal topics that it writes for other subtopologies. */
              repartitionSinkTopics: field("0+", array(string)),
              /** Internal topics that it reads from other subtopologies. */
              repartitionSourceTopics: field("0+", array(TopicInfo)),
              /**
               * Topics that must have the same number of partitions, since records of one are joined with
               * those of another. The numbers are indexes, from 0, into the subtopology's arrays of the same
               * names.
               */
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
    /**
     * Tasks that the member runs now: empty when it joins. Of the three kinds of tasks, either all are null
     * or none is.
     */
    activeTasks: field("0+", array(TaskIds), { nullable: "0+", default: null }),
    /** Tasks whose state it keeps a copy of. */
    standbyTasks: field("0+", array(TaskIds), { nullable: "0+", default: null }),
    /** Tasks whose state it restores, to take them over. */
    warmupTasks: field("0+", array(TaskIds), { nullable: "0+", default: null }),
    /** UUID that all members in the same process share. */
    processId: field("0+", string, { nullable: "0+", default: null }),
    /** `application.server`. */
    userEndpoint: field("0+", Endpoint, { nullable: "0+", default: null }),
    /** What is configured as `client.tag.*`, so that copies of state are spread over them. */
    clientTags: field("0+", array(KeyValue), { nullable: "0+", default: null }),
    /** How far the state of each task is restored. */
    taskOffsets: field("0+", array(TaskOffset), { nullable: "0+", default: null }),
    /** How far it would have to be. */
    taskEndOffsets: field("0+", array(TaskOffset), { nullable: "0+", default: null }),
    /** Asks all members of the group to shut down, as after a fatal error. */
    shutdownApplication: field("0+", bool),
  },
});
export type StreamsGroupHeartbeatRequest = Infer<typeof StreamsGroupHeartbeatRequest>;

/** Something about the group that the member should know. */
const Status = struct("Status", {
  /**
   * 0 the member's topology is older than the group's; 1 source topics are missing; 2 topics have numbers of
   * partitions that do not fit together; 3 internal topics are missing, and the coordinator tries to create
   * them; 4 a member asked the application to shut down; 5 the assignment comes later; 6 client tags are
   * missing that the assignment goes by.
   */
  statusCode: field("0+", int8),
  /** The same in words for people, such as which topics. */
  statusDetail: field("0+", string),
});

/** Partitions of one topic. */
const TopicPartition = struct("TopicPartition", {
  topic: field("0+", string),
  partitions: field("0+", array(int32)),
});

/** What the coordinator has for the member. */
export const StreamsGroupHeartbeatResponse = response({
  apiKey: 88,
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    /** What is wrong in words for people; null for no more than the code says. */
    errorMessage: field("0+", string, { nullable: "0+", default: null }),
    memberId: field("0+", string),
    /** For the next heartbeat and for commits. The answer to a member that leaves repeats its -1 or -2. */
    memberEpoch: field("0+", int32),
    /** When the next heartbeat is due at the latest. */
    heartbeatIntervalMs: field("0+", int32),
    /** In version 0 what `acceptableRecoveryLag` is later. */
    acceptableRecoveryLagLegacy: field("0", int32),
    /** How often to send `taskOffsets` and `taskEndOffsets`. */
    taskOffsetIntervalMs: field("0+", int32),
    /** With so many offsets or fewer to restore, a task's state counts as caught up; -1 when not told. */
    acceptableRecoveryLag: field("1+", int64, { default: -1n, ignorable: true }),
    /** Null or empty when there is nothing to know. */
    status: field("0+", array(Status), { nullable: "0+" }),
    /** All tasks that the member may run now; null for no change, as with the other two. */
    activeTasks: field("0+", array(TaskIds), { nullable: "0+", default: null }),
    /** All tasks whose state it is to keep a copy of. */
    standbyTasks: field("0+", array(TaskIds), { nullable: "0+", default: null }),
    /** All tasks whose state it is to restore, to take them over. */
    warmupTasks: field("0+", array(TaskIds), { nullable: "0+", default: null }),
    /** Whether to send StreamsGroupTopologyDescriptionUpdate. */
    topologyDescriptionRequired: field("1+", bool),
    /** Changes with `partitionsByUserEndpoint`. */
    endpointInformationEpoch: field("0+", int32),
    /**
     * Where to send interactive queries: one entry for each member, so that an endpoint may come several
     * times, and what it has is all of them together. Null for no change.
     */
    partitionsByUserEndpoint: field(
      "0+",
      array(
        struct("EndpointToPartitions", {
          userEndpoint: field("0+", Endpoint),
          /** Input partitions of the tasks that run there. */
          activePartitions: field("0+", array(TopicPartition)),
          /** Input partitions of the tasks whose state is copied or restored there. */
          standbyPartitions: field("0+", array(TopicPartition)),
        }),
      ),
      { nullable: "0+", default: null },
    ),
  },
});
export type StreamsGroupHeartbeatResponse = Infer<typeof StreamsGroupHeartbeatResponse>;
