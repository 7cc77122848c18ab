/**
 * Records of `__consumer_offsets` about streams groups (KIP-1071), whose members share tasks: a task is one
 * subtopology of the application over one partition of its topics.
 */

import { int8, int16, int32, int64, string, uint16 } from "../primitives.ts";
import { array, data, field, type Infer, struct } from "../schema.ts";
import { groupKey, memberKey } from "./keys.ts";

export const StreamsGroupMetadataKey = groupKey("StreamsGroupMetadataKey");
export type StreamsGroupMetadataKey = Infer<typeof StreamsGroupMetadataKey>;

/** A group; written anew whenever something changes that calls for another assignment. */
export const StreamsGroupMetadataValue = data({
  name: "StreamsGroupMetadataValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** Rises with every such change. */
    epoch: field("0+", int32),
    /** Over all topics of the topology: another value means that one of them has changed. */
    metadataHash: field("0+", int64),
    /** Epoch of the topology all of whose topics were found, and fit to each other; -1 for none. */
    validatedTopologyEpoch: field("0+", int32, { default: -1, tag: 0 }),
    /** Settings of the assignor in the last assignment. Null is no default here, and is written. */
    lastAssignmentConfigs: field(
      "0+",
      array(
        struct("LastAssignmentConfig", {
          key: field("0+", string),
          value: field("0+", string),
        }),
      ),
      { nullable: "0+", tag: 1 },
    ),
    /**
     * Epoch of the topology whose description the broker's plugin has stored; -1 for none, -2 where storing or
     * deleting was cut off, so that it may be either.
     */
    storedDescriptionTopologyEpoch: field("0+", int32, { default: -1, tag: 2 }),
    /** Epoch of the topology whose description the plugin refused for good; -1 for none. */
    failedDescriptionTopologyEpoch: field("0+", int32, { default: -1, tag: 3 }),
  },
});
export type StreamsGroupMetadataValue = Infer<typeof StreamsGroupMetadataValue>;

export const StreamsGroupMemberMetadataKey = memberKey("StreamsGroupMemberMetadataKey");
export type StreamsGroupMemberMetadataKey = Infer<typeof StreamsGroupMemberMetadataKey>;

/** A member as it last described itself. */
export const StreamsGroupMemberMetadataValue = data({
  name: "StreamsGroupMemberMetadataValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** Of a static member; null of others. */
    instanceId: field("0+", string, { nullable: "0+" }),
    rackId: field("0+", string, { nullable: "0+" }),
    clientId: field("0+", string),
    clientHost: field("0+", string),
    rebalanceTimeoutMs: field("0+", int32, { default: -1 }),
    /** Epoch of the topology that the member runs. */
    topologyEpoch: field("0+", int32),
    /** The same for all members in one process, which share its disk. */
    processId: field("0+", string),
    /** Where the process answers interactive queries; null where it does not. */
    userEndpoint: field(
      "0+",
      struct("Endpoint", {
        host: field("0+", string),
        port: field("0+", uint16),
      }),
      { nullable: "0+", default: null },
    ),
    /** By which standby tasks are kept apart, such as zone and cluster. */
    clientTags: field(
      "0+",
      array(
        struct("KeyValue", {
          key: field("0+", string),
          value: field("0+", string),
        }),
      ),
    ),
  },
});
export type StreamsGroupMemberMetadataValue = Infer<typeof StreamsGroupMemberMetadataValue>;

export const StreamsGroupTargetAssignmentMetadataKey = groupKey("StreamsGroupTargetAssignmentMetadataKey");
export type StreamsGroupTargetAssignmentMetadataKey = Infer<typeof StreamsGroupTargetAssignmentMetadataKey>;

/** For which epoch of the group the target assignment was computed. */
export const StreamsGroupTargetAssignmentMetadataValue = data({
  name: "StreamsGroupTargetAssignmentMetadataValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    assignmentEpoch: field("0+", int32),
    /** When that was done; 0 when not known (KIP-1263). */
    assignmentTimestamp: field("0+", int64, { tag: 0, ignorable: true }),
  },
});
export type StreamsGroupTargetAssignmentMetadataValue = Infer<
  typeof StreamsGroupTargetAssignmentMetadataValue
>;

const TargetTaskIds = struct("TaskIds", {
  subtopologyId: field("0+", string),
  partitions: field("0+", array(int32)),
});

export const StreamsGroupTargetAssignmentMemberKey = memberKey("StreamsGroupTargetAssignmentMemberKey");
export type StreamsGroupTargetAssignmentMemberKey = Infer<typeof StreamsGroupTargetAssignmentMemberKey>;

/** The tasks that a member shall have in the end. */
export const StreamsGroupTargetAssignmentMemberValue = data({
  name: "StreamsGroupTargetAssignmentMemberValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    activeTasks: field("0+", array(TargetTaskIds)),
    /** Copies of the state, kept up to date for when the active one fails. */
    standbyTasks: field("0+", array(TargetTaskIds)),
    /** Copies on the way to being active here. */
    warmupTasks: field("0+", array(TargetTaskIds)),
  },
});
export type StreamsGroupTargetAssignmentMemberValue = Infer<typeof StreamsGroupTargetAssignmentMemberValue>;

const CurrentTaskIds = struct("TaskIds", {
  subtopologyId: field("0+", string),
  partitions: field("0+", array(int32)),
  /**
   * Member epoch since which each of `partitions` has been with the member, for active tasks only; none where
   * it is not known. Null is no default here, and is written.
   */
  assignmentEpochs: field("0+", array(int32), { nullable: "0+", tag: 0 }),
});

export const StreamsGroupCurrentMemberAssignmentKey = memberKey("StreamsGroupCurrentMemberAssignmentKey");
export type StreamsGroupCurrentMemberAssignmentKey = Infer<typeof StreamsGroupCurrentMemberAssignmentKey>;

/** The tasks that a member has now, those that it still has to give up, and where it stands. */
export const StreamsGroupCurrentMemberAssignmentValue = data({
  name: "StreamsGroupCurrentMemberAssignmentValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** The epoch that the coordinator expects in the member's heartbeat. */
    memberEpoch: field("0+", int32),
    /** The one before, which the member still has if it missed the answer. */
    previousMemberEpoch: field("0+", int32),
    /** 1 stable, 2 tasks to give up, 3 tasks to get that others still hold. */
    state: field("0+", int8),
    activeTasks: field("0+", array(CurrentTaskIds)),
    standbyTasks: field("0+", array(CurrentTaskIds)),
    warmupTasks: field("0+", array(CurrentTaskIds)),
    activeTasksPendingRevocation: field("0+", array(CurrentTaskIds)),
    standbyTasksPendingRevocation: field("0+", array(CurrentTaskIds)),
    warmupTasksPendingRevocation: field("0+", array(CurrentTaskIds)),
  },
});
export type StreamsGroupCurrentMemberAssignmentValue = Infer<typeof StreamsGroupCurrentMemberAssignmentValue>;

const TopicInfo = struct("TopicInfo", {
  name: field("0+", string),
  /** 0 for as many as the source topics have, which is so of every changelog. */
  partitions: field("0+", int32),
  /** 0 for the broker's default. */
  replicationFactor: field("0+", int16),
  topicConfigs: field(
    "0+",
    array(
      struct("TopicConfig", {
        key: field("0+", string),
        value: field("0+", string),
      }),
    ),
  ),
});

export const StreamsGroupTopologyKey = groupKey("StreamsGroupTopologyKey");
export type StreamsGroupTopologyKey = Infer<typeof StreamsGroupTopologyKey>;

/** What the application does, as far as assigning its tasks takes it. */
export const StreamsGroupTopologyValue = data({
  name: "StreamsGroupTopologyValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** Epoch of the topology. */
    epoch: field("0+", int32),
    subtopologies: field(
      "0+",
      array(
        struct("Subtopology", {
          subtopologyId: field("0+", string),
          /** Topics that the subtopology reads and the application does not make. */
          sourceTopics: field("0+", array(string)),
          /** Patterns of such topics. */
          sourceTopicRegex: field("0+", array(string)),
          /** Changelogs of the subtopology's state. */
          stateChangelogTopics: field("0+", array(TopicInfo)),
          /** Repartition topics that it writes. */
          repartitionSinkTopics: field("0+", array(string)),
          /** Repartition topics that it reads. */
          repartitionSourceTopics: field("0+", array(TopicInfo)),
          /** Topics that must have the same number of partitions, each as its place in the arrays above. */
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
  },
});
export type StreamsGroupTopologyValue = Infer<typeof StreamsGroupTopologyValue>;
