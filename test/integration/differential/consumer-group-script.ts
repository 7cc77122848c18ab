/** Groups of the consumer protocol: heartbeats of members that come, stay, are wrong, and go. */

import {
  ConsumerGroupDescribeRequest,
  ConsumerGroupDescribeResponse,
} from "../../../src/protocol/messages/consumer-group-describe.ts";
import {
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
} from "../../../src/protocol/messages/consumer-group-heartbeat.ts";
import { DeleteGroupsRequest, DeleteGroupsResponse } from "../../../src/protocol/messages/delete-groups.ts";
import {
  DescribeConfigsRequest,
  DescribeConfigsResponse,
} from "../../../src/protocol/messages/describe-configs.ts";
import {
  DescribeGroupsRequest,
  DescribeGroupsResponse,
} from "../../../src/protocol/messages/describe-groups.ts";
import {
  FindCoordinatorRequest,
  FindCoordinatorResponse,
} from "../../../src/protocol/messages/find-coordinator.ts";
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from "../../../src/protocol/messages/incremental-alter-configs.ts";
import { JoinGroupRequest, JoinGroupResponse } from "../../../src/protocol/messages/join-group.ts";
import { OffsetCommitRequest, OffsetCommitResponse } from "../../../src/protocol/messages/offset-commit.ts";
import { OffsetFetchRequest, OffsetFetchResponse } from "../../../src/protocol/messages/offset-fetch.ts";
import type { InferInput } from "../../../src/protocol/schema.ts";
import { type Known, type Step, step } from "./step.ts";

const Heartbeat = [ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse] as const;
const Describe = [ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse] as const;
const Commit = [OffsetCommitRequest, OffsetCommitResponse] as const;
const FetchOffsets = [OffsetFetchRequest, OffsetFetchResponse] as const;

type Beat = InferInput<typeof ConsumerGroupHeartbeatRequest>;

const groupOf = ({ topic }: Known): string => `${topic}-kip-848`;

/** A heartbeat of member `a` at the epoch of the group's only member, unless something else is said. */
const beat = (name: string, versions: readonly number[], more: (known: Known) => Beat): Step[] =>
  step(`a heartbeat ${name}`, Heartbeat, versions, (known) => ({
    groupId: groupOf(known),
    memberId: "a",
    memberEpoch: 2,
    ...more(known),
  }));

/** A heartbeat with which a member joins. */
const join = (name: string, versions: readonly number[], more: Beat = {}): Step[] =>
  beat(`that joins ${name}`, versions, ({ topic }) => ({
    memberEpoch: 0,
    rebalanceTimeoutMs: 60_000,
    subscribedTopicNames: [topic],
    topicPartitions: [],
    ...more,
  }));

const describe = (name: string, versions: readonly number[], groupId = groupOf): Step[] =>
  step(`a consumer group ${name}`, Describe, versions, (known) => ({ groupIds: [groupId(known)] }));

const commit = (name: string, memberId: string, generationIdOrMemberEpoch: number, version = 9): Step[] =>
  step(`offsets ${name}`, Commit, [version], (known) => ({
    groupId: groupOf(known),
    memberId,
    generationIdOrMemberEpoch,
    topics: [
      {
        name: known.topic,
        topicId: known.topicId,
        partitions: [{ partitionIndex: 0, committedOffset: 1n, committedMetadata: "" }],
      },
    ],
  }));

const fetchOffsets = (name: string, memberId: string | null, memberEpoch: number): Step[] =>
  step(`committed offsets asked for ${name}`, FetchOffsets, [9], (known) => ({
    groups: [
      {
        groupId: groupOf(known),
        memberId,
        memberEpoch,
        topics: [{ name: known.topic, partitionIndexes: [0] }],
      },
    ],
  }));

const all = ({ topicId }: Known): Beat => ({ topicPartitions: [{ topicId, partitions: [0] }] });

/** The coordinator is there a moment after it was asked for first. */
const found: Step[] = step(
  "the coordinator of a consumer group",
  [FindCoordinatorRequest, FindCoordinatorResponse],
  [4],
  (known) => ({ keyType: 0, coordinatorKeys: [groupOf(known)] }),
  { until: ({ coordinators }) => coordinators[0]?.errorCode === 0 },
);
const BUSY = [14, 15, 16];
const loaded: Step[] = step(
  "a consumer group whose coordinator has come",
  Describe,
  [1],
  (known) => ({ groupIds: [groupOf(known)] }),
  { until: ({ groups }) => !BUSY.includes(groups[0]?.errorCode ?? 0) },
);

const GROUP = 32;

const alter = (name: string, value: string | null, resource = groupOf): Step[] =>
  step(
    `${name} of a group set to ${value}`,
    [IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse],
    [1],
    (known) => ({
      resources: [
        {
          resourceType: GROUP,
          resourceName: resource(known),
          configs: [{ name, configOperation: value === null ? 1 : 0, value }],
        },
      ],
    }),
  );

const SESSION = "consumer.session.timeout.ms";
const describedConfigs: Step[] = step(
  `what ${SESSION} of a group is`,
  [DescribeConfigsRequest, DescribeConfigsResponse],
  [4],
  (known) => ({
    resources: [{ resourceType: GROUP, resourceName: groupOf(known), configurationKeys: [SESSION] }],
    includeSynonyms: true,
  }),
).map((one) => ({ ...one, isEventual: true }));

const configs: readonly Step[] = [
  ...describedConfigs,
  ...alter(SESSION, "50000"),
  ...describedConfigs,
  ...alter(SESSION, "1000"),
  ...alter(SESSION, "100000"),
  ...alter(SESSION, "x"),
  ...alter("nonsense", "1"),
  ...alter("consumer.heartbeat.interval.ms", "50000"),
  ...alter(SESSION, "50000", () => ""),
  ...alter(SESSION, null),
  ...describedConfigs,
];

export const consumerGroupScript: readonly Step[] = [
  ...found,
  ...loaded,
  ...beat("of a group that is not there", [0, 1], () => ({})),
  ...beat("that leaves a group that is not there", [1], () => ({ memberEpoch: -1 })),
  ...describe("that is not there", [0, 1]),
  ...join("without a group id", [1], { groupId: "" }),
  ...join("without a member id", [1], { memberId: "" }),
  ...join("with an empty instance id", [1], { instanceId: "" }),
  ...join("with an empty rack", [1], { rackId: "" }),
  ...join("without a rebalance timeout", [1], { rebalanceTimeoutMs: -1 }),
  ...join("without saying what it owns", [1], { topicPartitions: null }),
  ...join("without a subscription", [1], { subscribedTopicNames: null }),
  ...join("with an epoch that there is not", [1], { memberEpoch: -3 }),
  ...join("with an assignor that there is not", [1], { serverAssignor: "nonsense" }),
  ...join("with a pattern that is none", [1], { subscribedTopicNames: null, subscribedTopicRegex: "(" }),
  ...beat("that leaves for a while without an instance id", [1], () => ({ memberEpoch: -2 })),
  ...join("", [0, 1]),
  ...beat("", [0, 1], () => ({})),
  ...beat("with all that there is to say", [1], (known) => ({
    ...all(known),
    rebalanceTimeoutMs: 60_000,
    subscribedTopicNames: [known.topic],
  })),
  ...beat("with a greater epoch", [1], () => ({ memberEpoch: 9 })),
  ...beat("with a smaller epoch", [1], () => ({ memberEpoch: 1 })),
  ...beat("of a member that is not there", [1], () => ({ memberId: "nobody" })),
  ...beat("of a static member that is not there", [1], () => ({ instanceId: "nobody" })),
  ...describe("with a member", [0, 1]),
  ...step(
    "a consumer group described as a classic one",
    [DescribeGroupsRequest, DescribeGroupsResponse],
    [5, 6],
    (known) => ({
      groups: [groupOf(known)],
    }),
  ),
  ...step(
    "a consumer group with a member deleted",
    [DeleteGroupsRequest, DeleteGroupsResponse],
    [2],
    (known) => ({
      groupsNames: [groupOf(known)],
    }),
  ),
  ...step(
    "a classic member with a protocol that nobody knows",
    [JoinGroupRequest, JoinGroupResponse],
    [9],
    (known) => ({
      groupId: groupOf(known),
      memberId: "",
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      protocolType: "connect",
      protocols: [{ name: "x", metadata: new Uint8Array(0) }],
    }),
  ),
  ...commit("with the member's epoch", "a", 2),
  ...commit("with the member's epoch", "a", 2, 10),
  ...commit("with a request that is too old", "a", 2, 8),
  ...commit("with a greater epoch", "a", 3),
  ...commit("with a smaller epoch", "a", 1),
  ...commit("of a member that is not there", "nobody", 2),
  ...commit("from outside of a group with members", "", -1),
  ...fetchOffsets("by the member", "a", 2),
  ...fetchOffsets("with a smaller epoch", "a", 1),
  ...fetchOffsets("with a greater epoch", "a", 3),
  ...fetchOffsets("by a member that is not there", "nobody", 2),
  ...fetchOffsets("from outside", null, -1),
  ...join("once more", [1]),
  ...beat("of a static member without its instance id", [1], () => ({ memberId: "b" })),
  ...beat("that leaves with another instance id", [1], () => ({ memberEpoch: -1, instanceId: "nobody" })),
  ...beat("that leaves", [1], () => ({ memberEpoch: -1 })),
  ...beat("that leaves again", [1], () => ({ memberEpoch: -1 })),
  ...describe("without members", [1]),
  ...commit("from outside of a group without members", "", -1),
  ...join("as a static member", [1], { memberId: "s", instanceId: "one" }),
  ...join("in a static member's place", [1], { memberId: "t", instanceId: "one" }),
  ...beat("that leaves for a while", [1], () => ({ memberId: "s", instanceId: "one", memberEpoch: -2 })),
  ...describe("whose member is away for a while", [1]),
  ...join("as the static member that comes back", [1], { memberId: "t", instanceId: "one" }),
  ...beat("of the static member before", [1], () => ({ memberId: "s", instanceId: "one", memberEpoch: 4 })),
  ...describe("whose member is back", [1]),
  ...beat("that leaves for good", [1], () => ({ memberId: "t", instanceId: "one", memberEpoch: -1 })),
  ...step(
    "a consumer group without members deleted",
    [DeleteGroupsRequest, DeleteGroupsResponse],
    [2],
    (known) => ({
      groupsNames: [groupOf(known)],
    }),
  ),
  ...describe("that is deleted", [1]),
  ...configs,
];
