/**
 * Records of `__consumer_offsets` about consumer groups of the new protocol (KIP-848): the group, its members,
 * the assignment that the coordinator has computed, and how far each member has come on its way to it.
 */

import { bytes, int8, int32, int64, string, uuid } from "../primitives.ts";
import { array, data, field, type Infer, struct } from "../schema.ts";
import { groupKey, memberKey } from "./keys.ts";

export const ConsumerGroupMetadataKey = groupKey("ConsumerGroupMetadataKey");
export type ConsumerGroupMetadataKey = Infer<typeof ConsumerGroupMetadataKey>;

/** A group; written anew whenever something changes that calls for another assignment. */
export const ConsumerGroupMetadataValue = data({
  name: "ConsumerGroupMetadataValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** Rises with every such change. */
    epoch: field("0+", int32),
    /** Over all topics that are subscribed to: another value means that one of them has changed (KIP-1101). */
    metadataHash: field("0+", int64, { tag: 0 }),
  },
});
export type ConsumerGroupMetadataValue = Infer<typeof ConsumerGroupMetadataValue>;

export const ConsumerGroupPartitionMetadataKey = groupKey("ConsumerGroupPartitionMetadataKey");
export type ConsumerGroupPartitionMetadataKey = Infer<typeof ConsumerGroupPartitionMetadataKey>;

/** The topics of a group as the coordinator last saw them. Since Kafka 4.1 a hash in the group's own record does. */
export const ConsumerGroupPartitionMetadataValue = data({
  name: "ConsumerGroupPartitionMetadataValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    topics: field(
      "0+",
      array(
        struct("TopicMetadata", {
          topicId: field("0+", uuid),
          topicName: field("0+", string),
          numPartitions: field("0+", int32),
          /** Only written before Kafka 4.1, and only where the racks were known. */
          partitionMetadata: field(
            "0+",
            array(
              struct("PartitionMetadata", {
                partition: field("0+", int32),
                racks: field("0+", array(string)),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type ConsumerGroupPartitionMetadataValue = Infer<typeof ConsumerGroupPartitionMetadataValue>;

export const ConsumerGroupMemberMetadataKey = memberKey("ConsumerGroupMemberMetadataKey");
export type ConsumerGroupMemberMetadataKey = Infer<typeof ConsumerGroupMemberMetadataKey>;

/** A member as it last described itself. */
export const ConsumerGroupMemberMetadataValue = data({
  name: "ConsumerGroupMemberMetadataValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** Of a static member; null of others. */
    instanceId: field("0+", string, { nullable: "0+" }),
    rackId: field("0+", string, { nullable: "0+" }),
    clientId: field("0+", string),
    clientHost: field("0+", string),
    subscribedTopicNames: field("0+", array(string)),
    /** A pattern that the coordinator resolves. */
    subscribedTopicRegex: field("0+", string, { nullable: "0+" }),
    rebalanceTimeoutMs: field("0+", int32, { default: -1 }),
    /** The assignor that the member asks for; null for the coordinator's choice. */
    serverAssignor: field("0+", string, { nullable: "0+" }),
    /**
     * What a member has that still speaks the classic protocol, while its group is being converted; null for
     * all others. Kafka means null to be the default and writes it all the same, since its schema misses the
     * quotes.
     */
    classicMemberMetadata: field(
      "0+",
      struct("ClassicMemberMetadata", {
        sessionTimeoutMs: field("0+", int32),
        /** As in its JoinGroup request. */
        supportedProtocols: field(
          "0+",
          array(
            struct("ClassicProtocol", {
              name: field("0+", string),
              metadata: field("0+", bytes),
            }),
          ),
        ),
      }),
      { nullable: "0+", tag: 0 },
    ),
  },
});
export type ConsumerGroupMemberMetadataValue = Infer<typeof ConsumerGroupMemberMetadataValue>;

export const ConsumerGroupTargetAssignmentMetadataKey = groupKey("ConsumerGroupTargetAssignmentMetadataKey");
export type ConsumerGroupTargetAssignmentMetadataKey = Infer<typeof ConsumerGroupTargetAssignmentMetadataKey>;

/** For which epoch of the group the target assignment was computed. */
export const ConsumerGroupTargetAssignmentMetadataValue = data({
  name: "ConsumerGroupTargetAssignmentMetadataValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    assignmentEpoch: field("0+", int32),
    /** When that was done; 0 when not known (KIP-1263). */
    assignmentTimestamp: field("0+", int64, { tag: 0, ignorable: true }),
  },
});
export type ConsumerGroupTargetAssignmentMetadataValue = Infer<
  typeof ConsumerGroupTargetAssignmentMetadataValue
>;

export const ConsumerGroupTargetAssignmentMemberKey = memberKey("ConsumerGroupTargetAssignmentMemberKey");
export type ConsumerGroupTargetAssignmentMemberKey = Infer<typeof ConsumerGroupTargetAssignmentMemberKey>;

/** What a member shall have in the end. */
export const ConsumerGroupTargetAssignmentMemberValue = data({
  name: "ConsumerGroupTargetAssignmentMemberValue",
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
export type ConsumerGroupTargetAssignmentMemberValue = Infer<typeof ConsumerGroupTargetAssignmentMemberValue>;

const TopicPartitions = struct("TopicPartitions", {
  topicId: field("0+", uuid),
  partitions: field("0+", array(int32)),
  /**
   * Member epoch since which each of `partitions` has been with the member, so that a late commit of the owner
   * before it can be told; none where it is not known. Null is no default here, and is written.
   */
  assignmentEpochs: field("0+", array(int32), { nullable: "0+", tag: 0 }),
});

export const ConsumerGroupCurrentMemberAssignmentKey = memberKey("ConsumerGroupCurrentMemberAssignmentKey");
export type ConsumerGroupCurrentMemberAssignmentKey = Infer<typeof ConsumerGroupCurrentMemberAssignmentKey>;

/** What a member has now, and where it stands. */
export const ConsumerGroupCurrentMemberAssignmentValue = data({
  name: "ConsumerGroupCurrentMemberAssignmentValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** The epoch that the coordinator expects in the member's heartbeat. */
    memberEpoch: field("0+", int32),
    /** The one before, which the member still has if it missed the answer. */
    previousMemberEpoch: field("0+", int32),
    /** 0 stable, 1 partitions to give up, 2 partitions to get that others still hold. */
    state: field("0+", int8),
    assignedPartitions: field("0+", array(TopicPartitions)),
    /** What the member has to give up before it goes on to the next epoch. */
    partitionsPendingRevocation: field("0+", array(TopicPartitions)),
  },
});
export type ConsumerGroupCurrentMemberAssignmentValue = Infer<
  typeof ConsumerGroupCurrentMemberAssignmentValue
>;

/** Which pattern it is, of those that members of the group subscribe to. */
export const ConsumerGroupRegularExpressionKey = data({
  name: "ConsumerGroupRegularExpressionKey",
  validVersions: "0",
  fields: {
    groupId: field("0", string),
    regularExpression: field("0", string),
  },
});
export type ConsumerGroupRegularExpressionKey = Infer<typeof ConsumerGroupRegularExpressionKey>;

/** The topics that the pattern matched. */
export const ConsumerGroupRegularExpressionValue = data({
  name: "ConsumerGroupRegularExpressionValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    topics: field("0+", array(string)),
    /** Offset of the metadata log up to which topics were looked at. */
    version: field("0+", int64),
    /** When it was resolved. */
    timestamp: field("0+", int64),
  },
});
export type ConsumerGroupRegularExpressionValue = Infer<typeof ConsumerGroupRegularExpressionValue>;
