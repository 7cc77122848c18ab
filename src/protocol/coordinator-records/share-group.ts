/**
 * Records of `__consumer_offsets` about share groups (KIP-932). How far a share group has read is in another
 * topic: see `share-state.ts`.
 */

import { int8, int32, int64, string, uuid } from "../primitives.ts";
import { array, data, field, type Infer, struct } from "../schema.ts";
import { groupKey, memberKey } from "./keys.ts";

export const ShareGroupMetadataKey = groupKey("ShareGroupMetadataKey");
export type ShareGroupMetadataKey = Infer<typeof ShareGroupMetadataKey>;

/** A group; written anew whenever something changes that calls for another assignment. */
export const ShareGroupMetadataValue = data({
  name: "ShareGroupMetadataValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** Rises with every such change. */
    epoch: field("0+", int32),
    /** Over all topics that are subscribed to: another value means that one of them has changed. */
    metadataHash: field("0+", int64),
  },
});
export type ShareGroupMetadataValue = Infer<typeof ShareGroupMetadataValue>;

export const ShareGroupMemberMetadataKey = memberKey("ShareGroupMemberMetadataKey");
export type ShareGroupMemberMetadataKey = Infer<typeof ShareGroupMemberMetadataKey>;

/** A member as it last described itself. */
export const ShareGroupMemberMetadataValue = data({
  name: "ShareGroupMemberMetadataValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    rackId: field("0+", string, { nullable: "0+" }),
    clientId: field("0+", string),
    clientHost: field("0+", string),
    subscribedTopicNames: field("0+", array(string)),
  },
});
export type ShareGroupMemberMetadataValue = Infer<typeof ShareGroupMemberMetadataValue>;

export const ShareGroupTargetAssignmentMetadataKey = groupKey("ShareGroupTargetAssignmentMetadataKey");
export type ShareGroupTargetAssignmentMetadataKey = Infer<typeof ShareGroupTargetAssignmentMetadataKey>;

/** For which epoch of the group the target assignment was computed. */
export const ShareGroupTargetAssignmentMetadataValue = data({
  name: "ShareGroupTargetAssignmentMetadataValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    assignmentEpoch: field("0+", int32),
    /** When that was done; 0 when not known (KIP-1263). */
    assignmentTimestamp: field("0+", int64, { tag: 0, ignorable: true }),
  },
});
export type ShareGroupTargetAssignmentMetadataValue = Infer<typeof ShareGroupTargetAssignmentMetadataValue>;

export const ShareGroupTargetAssignmentMemberKey = memberKey("ShareGroupTargetAssignmentMemberKey");
export type ShareGroupTargetAssignmentMemberKey = Infer<typeof ShareGroupTargetAssignmentMemberKey>;

/** What a member shall have; other members may have the same partitions. */
export const ShareGroupTargetAssignmentMemberValue = data({
  name: "ShareGroupTargetAssignmentMemberValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    topicPartitions: field(
      "0+",
      array(
        struct("TopicPartition", {
          topicId: field("0+", uuid),
          partitions: field("0+", array(int32)),
        }),
      ),
    ),
  },
});
export type ShareGroupTargetAssignmentMemberValue = Infer<typeof ShareGroupTargetAssignmentMemberValue>;

export const ShareGroupCurrentMemberAssignmentKey = memberKey("ShareGroupCurrentMemberAssignmentKey");
export type ShareGroupCurrentMemberAssignmentKey = Infer<typeof ShareGroupCurrentMemberAssignmentKey>;

/** What a member has now. */
export const ShareGroupCurrentMemberAssignmentValue = data({
  name: "ShareGroupCurrentMemberAssignmentValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** The epoch that the coordinator expects in the member's heartbeat. */
    memberEpoch: field("0+", int32),
    /** The one before, which the member still has if it missed the answer. */
    previousMemberEpoch: field("0+", int32),
    /** 0 stable: nothing has to be given up before others may read it. */
    state: field("0+", int8),
    assignedPartitions: field(
      "0+",
      array(
        struct("TopicPartitions", {
          topicId: field("0+", uuid),
          partitions: field("0+", array(int32)),
        }),
      ),
    ),
  },
});
export type ShareGroupCurrentMemberAssignmentValue = Infer<typeof ShareGroupCurrentMemberAssignmentValue>;

const TopicPartitionsInfo = struct("TopicPartitionsInfo", {
  topicId: field("0+", uuid),
  topicName: field("0+", string),
  partitions: field("0+", array(int32)),
});

export const ShareGroupStatePartitionMetadataKey = groupKey("ShareGroupStatePartitionMetadataKey");
export type ShareGroupStatePartitionMetadataKey = Infer<typeof ShareGroupStatePartitionMetadataKey>;

/** For which partitions the share coordinator holds a state of the group. */
export const ShareGroupStatePartitionMetadataValue = data({
  name: "ShareGroupStatePartitionMetadataValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** Asked for, and not confirmed yet. */
    initializingTopics: field("0+", array(TopicPartitionsInfo)),
    initializedTopics: field("0+", array(TopicPartitionsInfo)),
    /** To be dropped, and not confirmed yet. */
    deletingTopics: field(
      "0+",
      array(
        struct("TopicInfo", {
          topicId: field("0+", uuid),
          topicName: field("0+", string),
        }),
      ),
    ),
  },
});
export type ShareGroupStatePartitionMetadataValue = Infer<typeof ShareGroupStatePartitionMetadataValue>;
