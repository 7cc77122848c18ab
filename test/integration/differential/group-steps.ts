/** Requests about groups, as steps of a script. */

import { encodeAssignment, encodeSubscription } from "../../../src/protocol/consumer-protocol.ts";
import { DeleteGroupsRequest, DeleteGroupsResponse } from "../../../src/protocol/messages/delete-groups.ts";
import {
  DescribeGroupsRequest,
  DescribeGroupsResponse,
} from "../../../src/protocol/messages/describe-groups.ts";
import {
  FindCoordinatorRequest,
  FindCoordinatorResponse,
} from "../../../src/protocol/messages/find-coordinator.ts";
import { HeartbeatRequest, HeartbeatResponse } from "../../../src/protocol/messages/heartbeat.ts";
import { JoinGroupRequest, JoinGroupResponse } from "../../../src/protocol/messages/join-group.ts";
import { LeaveGroupRequest, LeaveGroupResponse } from "../../../src/protocol/messages/leave-group.ts";
import { OffsetCommitRequest, OffsetCommitResponse } from "../../../src/protocol/messages/offset-commit.ts";
import { OffsetDeleteRequest, OffsetDeleteResponse } from "../../../src/protocol/messages/offset-delete.ts";
import { OffsetFetchRequest, OffsetFetchResponse } from "../../../src/protocol/messages/offset-fetch.ts";
import { SyncGroupRequest, SyncGroupResponse } from "../../../src/protocol/messages/sync-group.ts";
import type { InferInput } from "../../../src/protocol/schema.ts";
import { type Known, type Step, step } from "./step.ts";

export const DeleteGroups = [DeleteGroupsRequest, DeleteGroupsResponse] as const;
export const DescribeGroups = [DescribeGroupsRequest, DescribeGroupsResponse] as const;
export const FindCoordinator = [FindCoordinatorRequest, FindCoordinatorResponse] as const;
const Heartbeat = [HeartbeatRequest, HeartbeatResponse] as const;
const JoinGroup = [JoinGroupRequest, JoinGroupResponse] as const;
const LeaveGroup = [LeaveGroupRequest, LeaveGroupResponse] as const;
const OffsetCommit = [OffsetCommitRequest, OffsetCommitResponse] as const;
const OffsetDelete = [OffsetDeleteRequest, OffsetDeleteResponse] as const;
const OffsetFetch = [OffsetFetchRequest, OffsetFetchResponse] as const;
const SyncGroup = [SyncGroupRequest, SyncGroupResponse] as const;

/** The coordinator is not there yet, or still reads its log. */
export const isReady = (answer: unknown): boolean => !/"errorCode":1[456]\b/.test(JSON.stringify(answer));
export const isRebalancing = (answer: unknown): boolean => JSON.stringify(answer).includes('"errorCode":27');

/** On which connection, and which part of it. */
type StepOptions = Pick<Step, "connection" | "part"> & { readonly until?: (answer: unknown) => boolean };

/** The id that a member has got, under the name of the script; what has none is its own id. */
const idOf = ({ memberIds }: Known, member: string): string => memberIds.get(member) ?? member;

type CommitRequest = InferInput<typeof OffsetCommitRequest>;

interface Commit {
  readonly group?: string;
  readonly member?: string;
  readonly instance?: string;
  readonly generation?: number;
  readonly topic?: string;
  readonly partition?: number;
  readonly metadata?: string | null;
}

export const commit = (name: string, versions: readonly number[], more: Commit = {}): Step[] =>
  step(name, OffsetCommit, versions, (known): CommitRequest => {
    const { group = "", member = "", generation = -1, partition = 0, metadata = "m" } = more;
    const offset = { partitionIndex: partition, committedOffset: 42n, committedMetadata: metadata };
    const isOwn = more.topic === undefined;
    return {
      groupId: known.topic + group,
      memberId: idOf(known, member),
      generationIdOrMemberEpoch: generation,
      ...(more.instance === undefined ? {} : { groupInstanceId: more.instance }),
      topics: [
        {
          name: more.topic ?? known.topic,
          topicId: isOwn ? known.topicId : "BBBBBBBBBBBBBBBBBBBBBA",
          partitions: [offset],
        },
      ],
    };
  });

/** Offsets of one group until version 7, and of that and another one from then on. */
export const committed = (
  name: string,
  versions: readonly number[],
  partitions: number[] | null = [0, 1],
): Step[] =>
  step(name, OffsetFetch, versions, ({ topic, topicId }, version) => {
    const named = partitions === null ? null : [{ name: topic, topicId, partitionIndexes: partitions }];
    if (version < 8) return { groupId: topic, topics: named };
    return {
      groups: [
        { groupId: topic, topics: named },
        { groupId: `${topic}-absent`, topics: named },
      ],
    };
  });

interface Join {
  /** The name under which the id of the answer is kept; and the id to join with, where it has one. */
  readonly member?: string;
  readonly isNew?: boolean;
  readonly group?: string | null;
  readonly instance?: string;
  readonly session?: number;
  readonly type?: string;
  readonly protocols?: readonly string[];
  readonly topics?: readonly string[];
  readonly step?: StepOptions;
}

export const join = (name: string, versions: readonly number[], more: Join = {}): Step[] =>
  step(
    name,
    JoinGroup,
    versions,
    (known) => {
      const { member = "", isNew = false, group = "", instance, session = 30_000, type = "consumer" } = more;
      const { protocols = ["range", "sticky"], topics = [known.topic] } = more;
      return {
        groupId: group === null ? "" : known.topic + group,
        memberId: isNew ? "" : idOf(known, member),
        sessionTimeoutMs: session,
        rebalanceTimeoutMs: 60_000,
        protocolType: type,
        protocols: protocols.map((protocol) => ({
          name: protocol,
          metadata: encodeSubscription({ topics: [...topics] }),
        })),
        ...(instance === undefined ? {} : { groupInstanceId: instance }),
      };
    },
    {
      learn: ({ memberIds }, { memberId }) => {
        if (more.member !== undefined && more.isNew === true && memberId !== "")
          memberIds.set(more.member, memberId);
      },
      ...more.step,
    },
  );

interface Sync {
  readonly group?: string;
  readonly instance?: string;
  readonly protocol?: string | null;
  readonly type?: string;
  readonly assigned?: readonly string[];
  readonly step?: StepOptions;
}

export const sync = (
  name: string,
  versions: readonly number[],
  member: string,
  generationId: number,
  more: Sync = {},
): Step[] =>
  step(
    name,
    SyncGroup,
    versions,
    (known) => {
      const { group = "", instance, protocol = "range", type = "consumer", assigned = [] } = more;
      const assignment = encodeAssignment({
        assignedPartitions: [{ topic: known.topic, partitions: [0] }],
      });
      return {
        groupId: known.topic + group,
        memberId: idOf(known, member),
        generationId,
        protocolType: type,
        protocolName: protocol,
        assignments: assigned.map((one) => ({ memberId: idOf(known, one), assignment })),
        ...(instance === undefined ? {} : { groupInstanceId: instance }),
      };
    },
    more.step,
  );

export const heartbeat = (
  name: string,
  versions: readonly number[],
  member: string,
  generationId: number,
  more: { readonly group?: string; readonly instance?: string; readonly step?: StepOptions } = {},
): Step[] =>
  step(
    name,
    Heartbeat,
    versions,
    (known) => ({
      groupId: known.topic + (more.group ?? ""),
      memberId: idOf(known, member),
      generationId,
      ...(more.instance === undefined ? {} : { groupInstanceId: more.instance }),
    }),
    more.step,
  );

export const leave = (
  name: string,
  versions: readonly number[],
  members: readonly { readonly member?: string; readonly instance?: string }[],
  more: { readonly group?: string; readonly step?: StepOptions } = {},
): Step[] =>
  step(
    name,
    LeaveGroup,
    versions,
    (known, version) => ({
      groupId: known.topic + (more.group ?? ""),
      ...(version < 3 ? { memberId: idOf(known, members[0]?.member ?? "") } : {}),
      members: (version < 3 ? [] : members).map(({ member = "", instance = null }) => ({
        memberId: idOf(known, member),
        groupInstanceId: instance,
        reason: "for a test",
      })),
    }),
    more.step,
  );

export const describe = (name: string, versions: readonly number[], group = ""): Step[] =>
  step(name, DescribeGroups, versions, ({ topic }) => ({ groups: [topic + group] }));

export const deleteOffsets = (name: string, group: string | null, topic: string | null = null): Step[] =>
  step(name, OffsetDelete, [0], (known) => ({
    groupId: group === null ? "" : known.topic + group,
    topics: [{ name: topic ?? known.topic, partitions: [{ partitionIndex: 0 }, { partitionIndex: 99 }] }],
  }));
