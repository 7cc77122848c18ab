/** What is asked of both brokers, one after another: valid, invalid and out of order. */

import { ApiVersionsRequest, ApiVersionsResponse } from "../../../src/protocol/messages/api-versions.ts";
import {
  CreatePartitionsRequest,
  CreatePartitionsResponse,
} from "../../../src/protocol/messages/create-partitions.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../../src/protocol/messages/create-topics.ts";
import {
  DeleteRecordsRequest,
  DeleteRecordsResponse,
} from "../../../src/protocol/messages/delete-records.ts";
import { DeleteTopicsRequest, DeleteTopicsResponse } from "../../../src/protocol/messages/delete-topics.ts";
import {
  DescribeConfigsRequest,
  DescribeConfigsResponse,
} from "../../../src/protocol/messages/describe-configs.ts";
import { FetchRequest, FetchResponse } from "../../../src/protocol/messages/fetch.ts";
import {
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
} from "../../../src/protocol/messages/incremental-alter-configs.ts";
import { ListOffsetsRequest, ListOffsetsResponse } from "../../../src/protocol/messages/list-offsets.ts";
import { MetadataRequest, MetadataResponse } from "../../../src/protocol/messages/metadata.ts";
import {
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
} from "../../../src/protocol/messages/offset-for-leader-epoch.ts";
import { ProduceRequest, ProduceResponse } from "../../../src/protocol/messages/produce.ts";
import type { InferInput } from "../../../src/protocol/schema.ts";
import { ZERO_UUID } from "../../../src/protocol/uuid.ts";
import { batchOf } from "../../testing/raw-client.ts";
import { adminScript } from "./admin-script.ts";
import { consumerGroupScript } from "./consumer-group-script.ts";
import { groupScript } from "./group-script.ts";
import { securityScript } from "./security-script.ts";
import { type Known, type Step, step } from "./step.ts";
import { transactionSteps } from "./transaction-steps.ts";

const ApiVersions = [ApiVersionsRequest, ApiVersionsResponse] as const;
const CreatePartitions = [CreatePartitionsRequest, CreatePartitionsResponse] as const;
const CreateTopics = [CreateTopicsRequest, CreateTopicsResponse] as const;
const DeleteRecords = [DeleteRecordsRequest, DeleteRecordsResponse] as const;
const DeleteTopics = [DeleteTopicsRequest, DeleteTopicsResponse] as const;
const DescribeConfigs = [DescribeConfigsRequest, DescribeConfigsResponse] as const;
const Fetch = [FetchRequest, FetchResponse] as const;
const AlterConfigs = [IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse] as const;
const ListOffsets = [ListOffsetsRequest, ListOffsetsResponse] as const;
const Metadata = [MetadataRequest, MetadataResponse] as const;
const OffsetForLeaderEpoch = [OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse] as const;
const Produce = [ProduceRequest, ProduceResponse] as const;

const timeoutMs = 5000;
/** Of late: a broker deletes what is older than a week whenever it looks. */
const START_MS = Date.now() - 3_600_000;

type NewTopic = NonNullable<InferInput<typeof CreateTopicsRequest>["topics"]>[number];

const create = (name: string, versions: readonly number[], topic: (known: Known) => NewTopic) =>
  step(name, CreateTopics, versions, (known) => ({
    timeoutMs,
    validateOnly: true,
    topics: [{ numPartitions: 1, replicationFactor: 1, ...topic(known) }],
  }));

const produce = (
  name: string,
  versions: readonly number[],
  records: (known: Known) => Uint8Array | null,
  { acks = -1, partition = 0, topic = null as string | null } = {},
) =>
  step(name, Produce, versions, (known) => ({
    acks,
    timeoutMs,
    topicData: [
      {
        name: topic ?? known.topic,
        topicId: topic === null ? known.topicId : ZERO_UUID,
        partitionData: [{ index: partition, records: records(known) }],
      },
    ],
  }));

type FetchPartition = NonNullable<
  NonNullable<NonNullable<InferInput<typeof FetchRequest>["topics"]>[number]["partitions"]>[number]
>;

const fetch = (
  name: string,
  versions: readonly number[],
  partition: FetchPartition,
  more: Partial<InferInput<typeof FetchRequest>> = {},
) =>
  step(name, Fetch, versions, ({ topic, topicId }) => ({
    maxWaitMs: 10,
    minBytes: 1,
    topics: [
      {
        topic,
        topicId,
        partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_000_000, ...partition }],
      },
    ],
    ...more,
  }));

const listOffsets = (name: string, versions: readonly number[], timestamp: bigint, partitionIndex = 0) =>
  step(name, ListOffsets, versions, ({ topic }) => ({
    replicaId: -1,
    topics: [{ name: topic, partitions: [{ partitionIndex, timestamp }] }],
  }));

const batch = (values: string[], sequence: number, epoch = 0) =>
  batchOf(values, {
    producerId: 1_000_000_007n,
    producerEpoch: epoch,
    baseSequence: sequence,
    timestamp: START_MS,
  });
const plain = (...values: string[]) => batchOf(values, { timestamp: START_MS });
const damaged = (at: number) => plain("a").map((byte, index) => (index === at ? byte ^ 0xff : byte));

export const script: readonly Step[] = [
  ...step("ApiVersions of a client without a proper name", ApiVersions, [3], () => ({
    clientSoftwareName: "-",
  })),
  ...create("a topic that could be made", [2, 4, 5, 7], () => ({ name: "could-be-made" })),
  ...create("a bad name", [5, 7], () => ({ name: "no spaces" })),
  ...create("an empty name", [7], () => ({ name: "" })),
  ...create("a name that is there", [5, 7], ({ topic }) => ({ name: topic })),
  ...create("no partitions", [7], () => ({ name: "x", numPartitions: 0 })),
  ...create("no replicas", [7], () => ({ name: "x", replicationFactor: 0 })),
  ...create("too many replicas", [7], () => ({ name: "x", replicationFactor: 100 })),
  ...create("an unknown key", [7], () => ({ name: "x", configs: [{ name: "nonsense", value: "1" }] })),
  ...create("a value that is none", [7], () => ({
    name: "x",
    configs: [{ name: "retention.ms", value: "x" }],
  })),
  ...create("a manual assignment and a number", [7], () => ({
    name: "x",
    assignments: [{ partitionIndex: 0, brokerIds: [1] }],
  })),
  ...create("a manual assignment with a gap", [7], () => ({
    name: "x",
    numPartitions: -1,
    replicationFactor: -1,
    assignments: [{ partitionIndex: 1, brokerIds: [1] }],
  })),
  ...step("topics by name", Metadata, [0, 1, 4, 7, 9, 12, 13], ({ topic }) => ({
    topics: [{ name: topic }],
  })),
  ...step("no topics", Metadata, [1, 12], () => ({ topics: [] })),
  ...step("an unknown topic", Metadata, [4, 12], () => ({
    topics: [{ name: "absent" }],
    allowAutoTopicCreation: false,
  })),
  ...step("a topic with a bad name", Metadata, [12], () => ({ topics: [{ name: "no spaces" }] })),
  ...step("an unknown topic id", Metadata, [12], () => ({
    topics: [{ name: null, topicId: "AAAAAAAAAAAAAAAAAAAABQ" }],
  })),
  ...step("operations that are allowed", Metadata, [8, 10], ({ topic }) => ({
    topics: [{ name: topic }],
    includeClusterAuthorizedOperations: true,
    includeTopicAuthorizedOperations: true,
  })),
  ...produce("a batch", [3, 7, 8, 9, 12, 13], () => plain("a", "b")),
  ...produce("a batch of which one replica is enough", [9], () => plain("c"), { acks: 1 }),
  ...produce("acks that do not exist", [9], () => plain("c"), { acks: 7 }),
  ...produce("an unknown partition", [9, 13], () => plain("c"), { partition: 99 }),
  ...produce("an unknown topic", [9], () => plain("c"), { topic: "absent" }),
  ...produce("an unknown topic id", [13], () => plain("c"), { topic: "absent" }),
  ...produce("no records", [9], () => new Uint8Array(0)),
  ...produce("two batches", [9], () => Uint8Array.from([...plain("a"), ...plain("b")])),
  ...produce("a damaged record", [9], () => damaged(65)),
  ...produce("a wrong checksum", [9], () => damaged(17)),
  ...produce("a wrong magic", [9], () => damaged(16)),
  ...produce("a batch that is too large", [9], () => plain("x".repeat(1_100_000))),
  ...produce("the first sequence", [9], () => batch(["a", "b"], 0)),
  ...produce("the same again", [9], () => batch(["a", "b"], 0)),
  ...produce("a gap", [9], () => batch(["a"], 7)),
  ...produce("the next sequence", [9], () => batch(["a"], 2)),
  ...produce("a new epoch that does not begin with 0", [9], () => batch(["a"], 3, 1)),
  ...produce("a new epoch", [9], () => batch(["a"], 0, 1)),
  ...produce("an old epoch", [9], () => batch(["a"], 3, 0)),
  ...fetch("everything", [4, 7, 11, 12, 13, 16, 18], {}),
  ...fetch("little", [12], { partitionMaxBytes: 1 }),
  ...fetch("a part", [12], { partitionMaxBytes: 100 }),
  ...fetch("from the middle of a batch", [12], { fetchOffset: 1n }),
  ...fetch("the end", [12], { fetchOffset: 17n }),
  ...fetch("beyond the end", [11, 12], { fetchOffset: 99n }),
  ...fetch("before the start", [12], { fetchOffset: -5n }),
  ...fetch("committed records", [12], {}, { isolationLevel: 1 }),
  ...fetch("with an epoch that nobody knows", [12], { currentLeaderEpoch: 99 }),
  ...fetch("with the right epoch", [12], { currentLeaderEpoch: 0, lastFetchedEpoch: 0 }),
  ...fetch("with an epoch that was never", [12], { lastFetchedEpoch: 5, fetchOffset: 3n }),
  ...fetch("an unknown partition", [12, 13], { partition: 99 }),
  ...fetch("no session that there is", [12], {}, { sessionId: 99, sessionEpoch: 3 }),
  ...adminScript,
  ...securityScript,
  ...listOffsets("the start", [1, 4, 6, 9], -2n),
  ...listOffsets("the end", [1, 4, 6, 9], -1n),
  ...listOffsets("the largest timestamp", [7, 9], -3n),
  ...listOffsets("what is local", [8, 9], -4n),
  ...listOffsets("what is remote", [9], -5n),
  ...listOffsets("a timestamp", [1, 4, 9], BigInt(START_MS + 1)),
  ...listOffsets("a timestamp before all", [9], 1n),
  ...listOffsets("a timestamp after all", [1, 9], BigInt(START_MS) * 2n),
  ...listOffsets("an unknown partition", [9], -1n, 99),
  ...([-1, 0, 1] as const).flatMap((leaderEpoch) =>
    step(`the end of epoch ${leaderEpoch}`, OffsetForLeaderEpoch, [3, 4], ({ topic }) => ({
      replicaId: -1,
      topics: [{ topic, partitions: [{ partition: 0, leaderEpoch }] }],
    })),
  ),
  ...([5n, 999n, -2n, -1n] as const).flatMap((offset) =>
    step(`records deleted up to ${offset}`, DeleteRecords, [2], ({ topic }) => ({
      timeoutMs,
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, offset }] }],
    })),
  ),
  ...fetch("what was deleted", [12], { fetchOffset: 2n }),
  ...([1, 0, 3] as const).flatMap((count) =>
    step(`${count} partitions`, CreatePartitions, [0, 3], ({ topic }) => ({
      timeoutMs,
      validateOnly: true,
      topics: [{ name: topic, count, assignments: null }],
    })),
  ),
  ...step("partitions of an unknown topic", CreatePartitions, [3], () => ({
    timeoutMs,
    topics: [{ name: "absent", count: 3, assignments: null }],
  })),
  ...(["retention.ms", "cleanup.policy", "min.insync.replicas", "max.message.bytes"] as const).flatMap(
    (key) =>
      step(`what ${key} is`, DescribeConfigs, [1, 3, 4], ({ topic }) => ({
        resources: [{ resourceType: 2, resourceName: topic, configurationKeys: [key] }],
        includeSynonyms: true,
      })),
  ),
  ...step("configurations of an unknown topic", DescribeConfigs, [4], () => ({
    resources: [{ resourceType: 2, resourceName: "absent", configurationKeys: null }],
  })),
  ...(
    [
      ["retention.ms", 0, "5000"],
      ["retention.ms", 0, "x"],
      ["retention.ms", 2, "1"],
      ["nonsense", 0, "1"],
      ["cleanup.policy", 2, "compact"],
      ["cleanup.policy", 3, "compact"],
      ["retention.ms", 1, null],
    ] as const
  ).flatMap(([name, configOperation, value]) =>
    step(`${name} changed (${configOperation}) to ${value}`, AlterConfigs, [1], ({ topic }) => ({
      resources: [{ resourceType: 2, resourceName: topic, configs: [{ name, configOperation, value }] }],
    })),
  ),
  ...groupScript,
  ...consumerGroupScript,
  ...step("an unknown topic deleted", DeleteTopics, [1, 5], () => ({ timeoutMs, topicNames: ["absent"] })),
  ...step("an unknown topic deleted", DeleteTopics, [6], () => ({ timeoutMs, topics: [{ name: "absent" }] })),
  ...step("a topic without name or id deleted", DeleteTopics, [6], () => ({ timeoutMs, topics: [{}] })),
  ...step("a topic deleted twice", DeleteTopics, [6], ({ topic }) => ({
    timeoutMs,
    topics: [{ name: topic }, { name: topic }],
  })),
  ...transactionSteps,
];
