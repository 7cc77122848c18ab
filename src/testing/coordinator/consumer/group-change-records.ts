/** Changes of groups of the consumer protocol as records of `__consumer_offsets`, as Kafka writes them, and back. */

import type {
  ConsumerGroupCurrentMemberAssignmentValue,
  ConsumerGroupMemberMetadataValue,
} from "../../../protocol/coordinator-records/consumer-group.ts";
import type { GroupCoordinatorRecord } from "../../../protocol/coordinator-records/group-coordinator.ts";
import type { Infer } from "../../../protocol/schema.ts";
import type { CoordinatorRecord } from "../coordinator-topics.ts";
import { groupRecord, groupTombstone } from "../group-records.ts";
import type { GroupChange } from "./group-change.ts";
import {
  MEMBER_STATES,
  type MemberProfile,
  type MemberStanding,
  type MemberState,
  partitionKey,
} from "./member.ts";
import { fromList, listed, type TopicPartitions } from "./partitions.ts";

/** The only version of the values. */
const VERSION = 0;

type CurrentValue = Infer<typeof ConsumerGroupCurrentMemberAssignmentValue>;
type CurrentPartitions = CurrentValue["assignedPartitions"];

export function recordOf(groupId: string, change: GroupChange): CoordinatorRecord {
  switch (change.type) {
    case "profile":
      return profileRecord(groupId, change.memberId, change.profile);
    case "standing":
      return standingRecord(groupId, change.memberId, change.standing);
    case "epoch":
      if (change.epoch === null) return groupTombstone("CONSUMER_GROUP_METADATA", { groupId });
      return groupRecord("CONSUMER_GROUP_METADATA", { groupId }, VERSION, {
        epoch: change.epoch,
        metadataHash: change.metadataHash,
      });
    case "target": {
      const key = { groupId, memberId: change.memberId };
      if (change.partitions === null) return groupTombstone("CONSUMER_GROUP_TARGET_ASSIGNMENT_MEMBER", key);
      const topicPartitions = listed(change.partitions);
      return groupRecord("CONSUMER_GROUP_TARGET_ASSIGNMENT_MEMBER", key, VERSION, { topicPartitions });
    }
    case "targetEpoch":
      if (change.target === null) {
        return groupTombstone("CONSUMER_GROUP_TARGET_ASSIGNMENT_METADATA", { groupId });
      }
      return groupRecord("CONSUMER_GROUP_TARGET_ASSIGNMENT_METADATA", { groupId }, VERSION, {
        assignmentEpoch: change.target.epoch,
        assignmentTimestamp: BigInt(change.target.timestampMs),
      });
    case "pattern": {
      const key = { groupId, regularExpression: change.pattern };
      if (change.resolved === null) return groupTombstone("CONSUMER_GROUP_REGULAR_EXPRESSION", key);
      const { topics, version, timestampMs } = change.resolved;
      return groupRecord("CONSUMER_GROUP_REGULAR_EXPRESSION", key, VERSION, {
        topics: [...topics],
        version: BigInt(version),
        timestamp: BigInt(timestampMs),
      });
    }
  }
}

function profileRecord(groupId: string, memberId: string, profile: MemberProfile | null): CoordinatorRecord {
  const key = { groupId, memberId };
  if (profile === null) return groupTombstone("CONSUMER_GROUP_MEMBER_METADATA", key);
  const { topics, pattern, assignor, classic, ...same } = profile;
  return groupRecord("CONSUMER_GROUP_MEMBER_METADATA", key, VERSION, {
    ...same,
    subscribedTopicNames: [...topics],
    subscribedTopicRegex: pattern,
    serverAssignor: assignor,
    classicMemberMetadata:
      classic === null
        ? null
        : {
            sessionTimeoutMs: classic.sessionTimeoutMs,
            supportedProtocols: classic.protocols.map(({ name, metadata }) => ({ name, metadata })),
          },
  });
}

function standingRecord(
  groupId: string,
  memberId: string,
  standing: MemberStanding | null,
): CoordinatorRecord {
  const key = { groupId, memberId };
  if (standing === null) return groupTombstone("CONSUMER_GROUP_CURRENT_MEMBER_ASSIGNMENT", key);
  return groupRecord("CONSUMER_GROUP_CURRENT_MEMBER_ASSIGNMENT", key, VERSION, {
    memberEpoch: standing.epoch,
    previousMemberEpoch: standing.previousEpoch,
    state: MEMBER_STATES[standing.state],
    assignedPartitions: withEpochs(standing.assigned, standing),
    partitionsPendingRevocation: withEpochs(standing.revoking, standing),
  });
}

function withEpochs(partitions: TopicPartitions, { since, epoch }: MemberStanding): CurrentPartitions {
  return listed(partitions).map(({ topicId, partitions: numbers }) => ({
    topicId,
    partitions: numbers,
    assignmentEpochs: numbers.map((partition) => since.get(partitionKey(topicId, partition)) ?? epoch),
  }));
}

/** What a record says of a group of the consumer protocol; null for a record about anything else. */
export function changeOf(
  record: GroupCoordinatorRecord,
): { readonly groupId: string; readonly change: GroupChange } | null {
  switch (record.type) {
    case "CONSUMER_GROUP_METADATA": {
      const { epoch, metadataHash } = record.value ?? { epoch: null, metadataHash: 0n };
      return { groupId: record.key.groupId, change: { type: "epoch", epoch, metadataHash } };
    }
    case "CONSUMER_GROUP_MEMBER_METADATA": {
      const { groupId, memberId } = record.key;
      const profile = record.value === null ? null : profileFrom(record.value);
      return { groupId, change: { type: "profile", memberId, profile } };
    }
    case "CONSUMER_GROUP_TARGET_ASSIGNMENT_METADATA": {
      const { value } = record;
      const target =
        value === null
          ? null
          : { epoch: value.assignmentEpoch, timestampMs: Number(value.assignmentTimestamp) };
      return { groupId: record.key.groupId, change: { type: "targetEpoch", target } };
    }
    case "CONSUMER_GROUP_TARGET_ASSIGNMENT_MEMBER": {
      const { groupId, memberId } = record.key;
      const partitions = record.value === null ? null : fromList(record.value.topicPartitions);
      return { groupId, change: { type: "target", memberId, partitions } };
    }
    case "CONSUMER_GROUP_CURRENT_MEMBER_ASSIGNMENT": {
      const { groupId, memberId } = record.key;
      const standing = record.value === null ? null : standingFrom(record.value);
      return { groupId, change: { type: "standing", memberId, standing } };
    }
    case "CONSUMER_GROUP_REGULAR_EXPRESSION": {
      const { groupId, regularExpression: pattern } = record.key;
      const { value } = record;
      const resolved =
        value === null
          ? null
          : { topics: value.topics, version: Number(value.version), timestampMs: Number(value.timestamp) };
      return { groupId, change: { type: "pattern", pattern, resolved } };
    }
    default:
      return null;
  }
}

function profileFrom(value: Infer<typeof ConsumerGroupMemberMetadataValue>): MemberProfile {
  const { subscribedTopicNames, subscribedTopicRegex, serverAssignor, classicMemberMetadata, ...same } =
    value;
  return {
    ...same,
    topics: subscribedTopicNames,
    pattern: subscribedTopicRegex ?? "",
    assignor: serverAssignor,
    classic:
      classicMemberMetadata === null
        ? null
        : {
            sessionTimeoutMs: classicMemberMetadata.sessionTimeoutMs,
            protocols: classicMemberMetadata.supportedProtocols,
          },
  };
}

function standingFrom(value: CurrentValue): MemberStanding {
  const { assignedPartitions, partitionsPendingRevocation, memberEpoch } = value;
  const since = new Map<string, number>();
  for (const { topicId, partitions, assignmentEpochs } of [
    ...assignedPartitions,
    ...partitionsPendingRevocation,
  ]) {
    partitions.forEach((partition, i) => {
      since.set(partitionKey(topicId, partition), assignmentEpochs?.[i] ?? memberEpoch);
    });
  }
  return {
    state: stateFrom(value.state),
    epoch: memberEpoch,
    previousEpoch: value.previousMemberEpoch,
    assigned: fromList(assignedPartitions),
    revoking: fromList(partitionsPendingRevocation),
    since,
  };
}

function stateFrom(number: number): MemberState {
  for (const [state, value] of Object.entries(MEMBER_STATES)) {
    if (value === number) return state as MemberState;
  }
  throw new RangeError(`a member cannot be in state ${number}`);
}
