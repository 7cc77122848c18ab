/** What only admin clients ask: of replicas, directories, configurations and metrics. */

import { randomBytes } from "node:crypto";
import {
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
} from "../../../src/protocol/messages/alter-partition-reassignments.ts";
import {
  AlterReplicaLogDirsRequest,
  AlterReplicaLogDirsResponse,
} from "../../../src/protocol/messages/alter-replica-log-dirs.ts";
import {
  DescribeLogDirsRequest,
  DescribeLogDirsResponse,
} from "../../../src/protocol/messages/describe-log-dirs.ts";
import {
  DescribeQuorumRequest,
  DescribeQuorumResponse,
} from "../../../src/protocol/messages/describe-quorum.ts";
import {
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
} from "../../../src/protocol/messages/describe-topic-partitions.ts";
import { ElectLeadersRequest, ElectLeadersResponse } from "../../../src/protocol/messages/elect-leaders.ts";
import {
  GetTelemetrySubscriptionsRequest,
  GetTelemetrySubscriptionsResponse,
} from "../../../src/protocol/messages/get-telemetry-subscriptions.ts";
import {
  ListConfigResourcesRequest,
  ListConfigResourcesResponse,
} from "../../../src/protocol/messages/list-config-resources.ts";
import {
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
} from "../../../src/protocol/messages/list-partition-reassignments.ts";
import {
  PushTelemetryRequest,
  PushTelemetryResponse,
} from "../../../src/protocol/messages/push-telemetry.ts";
import { type Step, step } from "./step.ts";

const AlterPartitionReassignments = [
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
] as const;
const AlterReplicaLogDirs = [AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse] as const;
const DescribeLogDirs = [DescribeLogDirsRequest, DescribeLogDirsResponse] as const;
const DescribeQuorum = [DescribeQuorumRequest, DescribeQuorumResponse] as const;
const DescribeTopicPartitions = [DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse] as const;
const ElectLeaders = [ElectLeadersRequest, ElectLeadersResponse] as const;
const GetTelemetry = [GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse] as const;
const ListConfigResources = [ListConfigResourcesRequest, ListConfigResourcesResponse] as const;
const ListPartitionReassignments = [
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
] as const;
const PushTelemetry = [PushTelemetryRequest, PushTelemetryResponse] as const;

const timeoutMs = 5000;
/** The same for both brokers, and new for each run. */
const clientInstanceId = randomBytes(16).toString("base64url");

export const adminScript: readonly Step[] = [
  ...step("a topic's partitions", DescribeTopicPartitions, [0], ({ topic }) => ({
    topics: [{ name: topic }, { name: "absent" }, { name: "no spaces" }],
  })),
  ...step("a page without partitions", DescribeTopicPartitions, [0], ({ topic }) => ({
    topics: [{ name: topic }],
    responsePartitionLimit: 0,
  })),
  ...step("a cursor behind the last partition", DescribeTopicPartitions, [0], ({ topic }) => ({
    topics: [{ name: topic }],
    cursor: { topicName: topic, partitionIndex: 5 },
  })),
  ...step("a cursor of another topic", DescribeTopicPartitions, [0], ({ topic }) => ({
    topics: [{ name: topic }],
    cursor: { topicName: "absent", partitionIndex: 0 },
  })),
  ...step("an election that is not needed", ElectLeaders, [0, 1, 2], ({ topic }) => ({
    topicPartitions: [{ topic, partitions: [0, 99] }],
    timeoutMs,
  })),
  ...([1, 7] as const).flatMap((electionType) =>
    step(`an election of type ${electionType}`, ElectLeaders, [1, 2], ({ topic }) => ({
      electionType,
      topicPartitions: [{ topic, partitions: [0] }],
      timeoutMs,
    })),
  ),
  ...([[1], [], [99], [1, 1], null] as const).flatMap((replicas) =>
    step(`replicas moved to ${replicas}`, AlterPartitionReassignments, [0, 1], ({ topic }) => ({
      timeoutMs,
      topics: [
        {
          name: topic,
          partitions: [{ partitionIndex: 0, replicas: replicas === null ? null : [...replicas] }],
        },
      ],
    })),
  ),
  ...step(
    "more replicas where their number may not change",
    AlterPartitionReassignments,
    [1],
    ({ topic }) => ({
      timeoutMs,
      allowReplicationFactorChange: false,
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, replicas: [1, 99] }] }],
    }),
  ),
  ...step("replicas of what is not there", AlterPartitionReassignments, [0], ({ topic }) => ({
    timeoutMs,
    topics: [
      { name: topic, partitions: [{ partitionIndex: 99, replicas: [1] }] },
      { name: "absent", partitions: [{ partitionIndex: 0, replicas: [1] }] },
    ],
  })),
  ...step("moves under way", ListPartitionReassignments, [0], ({ topic }) => ({
    timeoutMs,
    topics: [
      { name: topic, partitionIndexes: [0, 99] },
      { name: "absent", partitionIndexes: [0] },
    ],
  })),
  ...step("log directories", DescribeLogDirs, [1, 2, 3, 4, 5], ({ topic }) => ({
    topics: [
      { topic, partitions: [0, 99] },
      { topic: "absent", partitions: [0] },
    ],
  })),
  ...step("replicas moved to a directory that there is not", AlterReplicaLogDirs, [1, 2], ({ topic }) => ({
    dirs: [{ path: "/no/such/directory", topics: [{ name: topic, partitions: [0] }] }],
  })),
  ...step("brokers that have configurations", ListConfigResources, [1], () => ({ resourceTypes: [4, 8] })),
  ...step("subscriptions that have configurations", ListConfigResources, [0], () => ({ resourceTypes: [] })),
  ...step("resources of an unknown type", ListConfigResources, [1], () => ({ resourceTypes: [99] })),
  ...step("the quorum of no topic", DescribeQuorum, [0, 2], () => ({
    topics: [{ topicName: "absent", partitions: [{ partitionIndex: 0 }] }],
  })),
  ...step("which metrics are wanted", GetTelemetry, [0], () => ({ clientInstanceId })),
  ...step("which metrics are wanted, too soon", GetTelemetry, [0], () => ({ clientInstanceId })),
  ...step("metrics for another subscription", PushTelemetry, [0], () => ({
    clientInstanceId,
    subscriptionId: 7,
    metrics: new Uint8Array(0),
  })),
  ...step("metrics of nobody", PushTelemetry, [0], () => ({ metrics: new Uint8Array(0) })),
];
