/** Records of `__consumer_offsets`, by which the group coordinator remembers groups and their offsets. */

import {
  GroupMetadataKey,
  GroupMetadataValue,
  LegacyOffsetCommitKey,
  LegacyOffsetCommitValue,
  OffsetCommitKey,
  OffsetCommitValue,
} from "./classic-group.ts";
import {
  ConsumerGroupCurrentMemberAssignmentKey,
  ConsumerGroupCurrentMemberAssignmentValue,
  ConsumerGroupMemberMetadataKey,
  ConsumerGroupMemberMetadataValue,
  ConsumerGroupMetadataKey,
  ConsumerGroupMetadataValue,
  ConsumerGroupPartitionMetadataKey,
  ConsumerGroupPartitionMetadataValue,
  ConsumerGroupRegularExpressionKey,
  ConsumerGroupRegularExpressionValue,
  ConsumerGroupTargetAssignmentMemberKey,
  ConsumerGroupTargetAssignmentMemberValue,
  ConsumerGroupTargetAssignmentMetadataKey,
  ConsumerGroupTargetAssignmentMetadataValue,
} from "./consumer-group.ts";
import {
  type CoordinatorRecord,
  type CoordinatorRecordTypes,
  decodeCoordinatorRecord,
} from "./coordinator-record.ts";
import {
  ShareGroupCurrentMemberAssignmentKey,
  ShareGroupCurrentMemberAssignmentValue,
  ShareGroupMemberMetadataKey,
  ShareGroupMemberMetadataValue,
  ShareGroupMetadataKey,
  ShareGroupMetadataValue,
  ShareGroupStatePartitionMetadataKey,
  ShareGroupStatePartitionMetadataValue,
  ShareGroupTargetAssignmentMemberKey,
  ShareGroupTargetAssignmentMemberValue,
  ShareGroupTargetAssignmentMetadataKey,
  ShareGroupTargetAssignmentMetadataValue,
} from "./share-group.ts";
import {
  StreamsGroupCurrentMemberAssignmentKey,
  StreamsGroupCurrentMemberAssignmentValue,
  StreamsGroupMemberMetadataKey,
  StreamsGroupMemberMetadataValue,
  StreamsGroupMetadataKey,
  StreamsGroupMetadataValue,
  StreamsGroupTargetAssignmentMemberKey,
  StreamsGroupTargetAssignmentMemberValue,
  StreamsGroupTargetAssignmentMetadataKey,
  StreamsGroupTargetAssignmentMetadataValue,
  StreamsGroupTopologyKey,
  StreamsGroupTopologyValue,
} from "./streams-group.ts";

/** The kinds of records by Kafka's names. 9 and 18 are left free. */
export const groupCoordinatorRecordTypes = {
  LEGACY_OFFSET_COMMIT: { id: 0, key: LegacyOffsetCommitKey, value: LegacyOffsetCommitValue },
  OFFSET_COMMIT: { id: 1, key: OffsetCommitKey, value: OffsetCommitValue },
  GROUP_METADATA: { id: 2, key: GroupMetadataKey, value: GroupMetadataValue },
  CONSUMER_GROUP_METADATA: { id: 3, key: ConsumerGroupMetadataKey, value: ConsumerGroupMetadataValue },
  CONSUMER_GROUP_PARTITION_METADATA: {
    id: 4,
    key: ConsumerGroupPartitionMetadataKey,
    value: ConsumerGroupPartitionMetadataValue,
  },
  CONSUMER_GROUP_MEMBER_METADATA: {
    id: 5,
    key: ConsumerGroupMemberMetadataKey,
    value: ConsumerGroupMemberMetadataValue,
  },
  CONSUMER_GROUP_TARGET_ASSIGNMENT_METADATA: {
    id: 6,
    key: ConsumerGroupTargetAssignmentMetadataKey,
    value: ConsumerGroupTargetAssignmentMetadataValue,
  },
  CONSUMER_GROUP_TARGET_ASSIGNMENT_MEMBER: {
    id: 7,
    key: ConsumerGroupTargetAssignmentMemberKey,
    value: ConsumerGroupTargetAssignmentMemberValue,
  },
  CONSUMER_GROUP_CURRENT_MEMBER_ASSIGNMENT: {
    id: 8,
    key: ConsumerGroupCurrentMemberAssignmentKey,
    value: ConsumerGroupCurrentMemberAssignmentValue,
  },
  SHARE_GROUP_MEMBER_METADATA: {
    id: 10,
    key: ShareGroupMemberMetadataKey,
    value: ShareGroupMemberMetadataValue,
  },
  SHARE_GROUP_METADATA: { id: 11, key: ShareGroupMetadataKey, value: ShareGroupMetadataValue },
  SHARE_GROUP_TARGET_ASSIGNMENT_METADATA: {
    id: 12,
    key: ShareGroupTargetAssignmentMetadataKey,
    value: ShareGroupTargetAssignmentMetadataValue,
  },
  SHARE_GROUP_TARGET_ASSIGNMENT_MEMBER: {
    id: 13,
    key: ShareGroupTargetAssignmentMemberKey,
    value: ShareGroupTargetAssignmentMemberValue,
  },
  SHARE_GROUP_CURRENT_MEMBER_ASSIGNMENT: {
    id: 14,
    key: ShareGroupCurrentMemberAssignmentKey,
    value: ShareGroupCurrentMemberAssignmentValue,
  },
  SHARE_GROUP_STATE_PARTITION_METADATA: {
    id: 15,
    key: ShareGroupStatePartitionMetadataKey,
    value: ShareGroupStatePartitionMetadataValue,
  },
  CONSUMER_GROUP_REGULAR_EXPRESSION: {
    id: 16,
    key: ConsumerGroupRegularExpressionKey,
    value: ConsumerGroupRegularExpressionValue,
  },
  STREAMS_GROUP_METADATA: { id: 17, key: StreamsGroupMetadataKey, value: StreamsGroupMetadataValue },
  STREAMS_GROUP_MEMBER_METADATA: {
    id: 19,
    key: StreamsGroupMemberMetadataKey,
    value: StreamsGroupMemberMetadataValue,
  },
  STREAMS_GROUP_TARGET_ASSIGNMENT_METADATA: {
    id: 20,
    key: StreamsGroupTargetAssignmentMetadataKey,
    value: StreamsGroupTargetAssignmentMetadataValue,
  },
  STREAMS_GROUP_TARGET_ASSIGNMENT_MEMBER: {
    id: 21,
    key: StreamsGroupTargetAssignmentMemberKey,
    value: StreamsGroupTargetAssignmentMemberValue,
  },
  STREAMS_GROUP_CURRENT_MEMBER_ASSIGNMENT: {
    id: 22,
    key: StreamsGroupCurrentMemberAssignmentKey,
    value: StreamsGroupCurrentMemberAssignmentValue,
  },
  STREAMS_GROUP_TOPOLOGY: { id: 23, key: StreamsGroupTopologyKey, value: StreamsGroupTopologyValue },
} as const satisfies CoordinatorRecordTypes;

/** A record of `__consumer_offsets` by its kind. */
export type GroupCoordinatorRecord = CoordinatorRecord<typeof groupCoordinatorRecordTypes>;

/**
 * Decodes a record of `__consumer_offsets`. Offsets that were committed in a transaction count from its COMMIT
 * marker on, which is a control record as in any other topic.
 *
 * @throws DecodeError when key or value are not what they say.
 * @example
 * ```ts
 * import { decodeGroupCoordinatorRecord } from "kafkawire/protocol";
 *
 * export function print(key: Uint8Array | null, value: Uint8Array | null): void {
 *   const record = decodeGroupCoordinatorRecord(key, value);
 *   if (record.type !== "OFFSET_COMMIT") return;
 *   const { group, topic, partition } = record.key;
 *   console.log(group, topic, partition, record.value?.offset ?? "forgotten");
 * }
 * ```
 */
export function decodeGroupCoordinatorRecord(
  key: Uint8Array | null,
  value: Uint8Array | null,
): GroupCoordinatorRecord {
  return decodeCoordinatorRecord(groupCoordinatorRecordTypes, key, value);
}
