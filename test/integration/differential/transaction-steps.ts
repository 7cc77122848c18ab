/** Transactions as both brokers are asked about them, in versions of both kinds. */

import {
  AddOffsetsToTxnRequest,
  AddOffsetsToTxnResponse,
} from "../../../src/protocol/messages/add-offsets-to-txn.ts";
import {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
} from "../../../src/protocol/messages/add-partitions-to-txn.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../../src/protocol/messages/create-topics.ts";
import {
  DescribeProducersRequest,
  DescribeProducersResponse,
} from "../../../src/protocol/messages/describe-producers.ts";
import {
  DescribeTransactionsRequest,
  DescribeTransactionsResponse,
} from "../../../src/protocol/messages/describe-transactions.ts";
import { EndTxnRequest, EndTxnResponse } from "../../../src/protocol/messages/end-txn.ts";
import { FetchRequest, FetchResponse } from "../../../src/protocol/messages/fetch.ts";
import {
  FindCoordinatorRequest,
  FindCoordinatorResponse,
} from "../../../src/protocol/messages/find-coordinator.ts";
import {
  InitProducerIdRequest,
  InitProducerIdResponse,
} from "../../../src/protocol/messages/init-producer-id.ts";
import { ListOffsetsRequest, ListOffsetsResponse } from "../../../src/protocol/messages/list-offsets.ts";
import {
  ListTransactionsRequest,
  ListTransactionsResponse,
} from "../../../src/protocol/messages/list-transactions.ts";
import { OffsetFetchRequest, OffsetFetchResponse } from "../../../src/protocol/messages/offset-fetch.ts";
import { ProduceRequest, ProduceResponse } from "../../../src/protocol/messages/produce.ts";
import {
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from "../../../src/protocol/messages/txn-offset-commit.ts";
import {
  UpdateFeaturesRequest,
  UpdateFeaturesResponse,
} from "../../../src/protocol/messages/update-features.ts";
import {
  WriteTxnMarkersRequest,
  WriteTxnMarkersResponse,
} from "../../../src/protocol/messages/write-txn-markers.ts";
import type { Infer, InferInput } from "../../../src/protocol/schema.ts";
import { batchOf } from "../../testing/raw-client.ts";
import { type Known, type Step, step } from "./step.ts";

const CreateTopics = [CreateTopicsRequest, CreateTopicsResponse] as const;
const FindCoordinator = [FindCoordinatorRequest, FindCoordinatorResponse] as const;
const InitProducerId = [InitProducerIdRequest, InitProducerIdResponse] as const;
const AddPartitions = [AddPartitionsToTxnRequest, AddPartitionsToTxnResponse] as const;
const AddOffsets = [AddOffsetsToTxnRequest, AddOffsetsToTxnResponse] as const;
const EndTxn = [EndTxnRequest, EndTxnResponse] as const;
const TxnOffsetCommit = [TxnOffsetCommitRequest, TxnOffsetCommitResponse] as const;
const OffsetFetch = [OffsetFetchRequest, OffsetFetchResponse] as const;
const Produce = [ProduceRequest, ProduceResponse] as const;
const Fetch = [FetchRequest, FetchResponse] as const;
const ListOffsets = [ListOffsetsRequest, ListOffsetsResponse] as const;
const DescribeTransactions = [DescribeTransactionsRequest, DescribeTransactionsResponse] as const;
const DescribeProducers = [DescribeProducersRequest, DescribeProducersResponse] as const;
const ListTransactions = [ListTransactionsRequest, ListTransactionsResponse] as const;
const WriteTxnMarkers = [WriteTxnMarkersRequest, WriteTxnMarkersResponse] as const;
const UpdateFeatures = [UpdateFeaturesRequest, UpdateFeaturesResponse] as const;

const topicOf = ({ topic }: Known): string => `${topic}-transactions`;
const idOf = ({ topic }: Known): string => `${topic}-id`;
const groupOf = ({ topic }: Known): string => `${topic}-group`;
/** A marker that is a week younger than a record would begin another segment, where a fetch ends. */
const NOW_MS = Date.now();
const LOADING = 14;
const CONCURRENT_TRANSACTIONS = 51;

/** What the producer says of itself beside what is so. */
interface Lie {
  readonly producerId?: bigint;
  /** Added to the epoch. */
  readonly epoch?: number;
}

function producer({ producerId, producerEpoch }: Known, { epoch = 0, ...lie }: Lie = {}) {
  return { producerId, producerEpoch: producerEpoch + epoch, ...lie };
}

const learn = (
  known: Known,
  { errorCode, producerId, producerEpoch }: Infer<typeof EndTxnResponse>,
): void => {
  if (errorCode !== 0 || producerId < 0n) return;
  known.producerId = producerId;
  known.producerEpoch = producerEpoch;
};

const init = (
  name: string,
  versions: readonly number[],
  more: (known: Known) => InferInput<typeof InitProducerIdRequest> = () => ({}),
  isEnding = false,
): Step[] =>
  step(
    `InitProducerId: ${name}`,
    InitProducerId,
    versions,
    (known) => ({ transactionalId: idOf(known), transactionTimeoutMs: 60_000, ...more(known) }),
    {
      learn,
      until: ({ errorCode }) => errorCode !== LOADING && !(isEnding && errorCode === CONCURRENT_TRANSACTIONS),
    },
  );

const add = (
  name: string,
  versions: readonly number[],
  { lie = {} as Lie, partitions = [0], topic = null as string | null } = {},
): Step[] =>
  step(`AddPartitionsToTxn: ${name}`, AddPartitions, versions, (known) => {
    const { producerId, producerEpoch } = producer(known, lie);
    return {
      v3AndBelowTransactionalId: idOf(known),
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: producerEpoch,
      v3AndBelowTopics: [{ name: topic ?? topicOf(known), partitions }],
    };
  });

const verify = (name: string, partition: number, lie: Lie = {}): Step[] =>
  step(`AddPartitionsToTxn, only asked: ${name}`, AddPartitions, [4, 5], (known) => ({
    transactions: [
      {
        transactionalId: idOf(known),
        ...producer(known, lie),
        verifyOnly: true,
        topics: [{ name: topicOf(known), partitions: [partition] }],
      },
    ],
  }));

const produce = (
  name: string,
  versions: readonly number[],
  { lie = {} as Lie, sequence = 0, partition = 0, isTransactional = true } = {},
): Step[] =>
  step(
    `Produce: ${name}`,
    Produce,
    versions,
    (known) => ({
      transactionalId: idOf(known),
      acks: -1,
      timeoutMs: 5000,
      topicData: [
        {
          name: topicOf(known),
          partitionData: [
            {
              index: partition,
              records: batchOf([name], {
                ...producer(known, lie),
                baseSequence: sequence,
                isTransactional,
                timestamp: NOW_MS,
              }),
            },
          ],
        },
      ],
    }),
    {
      until: ({ responses }) => responses[0]?.partitionResponses[0]?.errorCode !== CONCURRENT_TRANSACTIONS,
    },
  );

const end = (name: string, versions: readonly number[], committed: boolean, lie: Lie = {}): Step[] =>
  step(
    `EndTxn: ${name}`,
    EndTxn,
    versions,
    (known) => ({ transactionalId: idOf(known), ...producer(known, lie), committed }),
    { learn, until: ({ errorCode }) => errorCode !== CONCURRENT_TRANSACTIONS },
  );

const described = (name: string): Step[] =>
  step(
    `DescribeTransactions: ${name}`,
    DescribeTransactions,
    [0],
    (known) => ({ transactionalIds: [idOf(known)] }),
    {
      until: ({ transactionStates }) => transactionStates[0]?.transactionState.startsWith("Prepare") !== true,
    },
  );

const commit = (
  name: string,
  versions: readonly number[],
  more: Partial<InferInput<typeof TxnOffsetCommitRequest>> = {},
  partitionIndex = 0,
  lie: Lie = {},
): Step[] =>
  step(`TxnOffsetCommit: ${name}`, TxnOffsetCommit, versions, (known) => ({
    transactionalId: idOf(known),
    groupId: groupOf(known),
    ...producer(known, lie),
    topics: [
      {
        name: topicOf(known),
        topicId: known.transactionTopicId,
        partitions: [{ partitionIndex, committedOffset: 5n, committedMetadata: "here" }],
      },
    ],
    ...more,
  }));

const offsets = (name: string, requireStable: boolean): Step[] =>
  step(`OffsetFetch: ${name}`, OffsetFetch, [7], (known) => ({
    groupId: groupOf(known),
    topics: [{ name: topicOf(known), partitionIndexes: [0] }],
    requireStable,
  }));

const partitions = (name: string): Step[] => [
  ...step(`DescribeProducers: ${name}`, DescribeProducers, [0], (known) => ({
    topics: [{ name: topicOf(known), partitionIndexes: [0, 1, 7] }],
  })),
  ...([0, 1] as const).flatMap((isolationLevel) =>
    step(`ListOffsets: ${name}, isolation level ${isolationLevel}`, ListOffsets, [8], (known) => ({
      replicaId: -1,
      isolationLevel,
      topics: [
        {
          name: topicOf(known),
          partitions: [0, 1].map((partitionIndex) => ({ partitionIndex, timestamp: -1n })),
        },
      ],
    })),
  ),
  ...step(`Fetch: ${name}`, Fetch, [12], (known) => ({
    maxWaitMs: 10,
    minBytes: 1,
    isolationLevel: 1,
    topics: [
      {
        topic: topicOf(known),
        partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_000_000 }],
      },
    ],
  })),
];

const mark = (name: string, versions: readonly number[], more: object, topic: string | null = null): Step[] =>
  step(`WriteTxnMarkers: ${name}`, WriteTxnMarkers, versions, (known) => ({
    markers: [
      {
        ...producer(known),
        transactionResult: false,
        coordinatorEpoch: 0,
        topics: [{ name: topic ?? topicOf(known), partitionIndexes: [1] }],
        ...more,
      },
    ],
  }));

const feature = (name: string, versions: readonly number[], update: object): Step[] =>
  step(`UpdateFeatures: ${name}`, UpdateFeatures, versions, () => ({
    timeoutMs: 5000,
    featureUpdates: [{ feature: "transaction.version", maxVersionLevel: 2, upgradeType: 1, ...update }],
    validateOnly: true,
  }));

export const transactionSteps: readonly Step[] = [
  ...step(
    "a topic for transactions",
    CreateTopics,
    [7],
    (known) => ({
      timeoutMs: 10_000,
      topics: [{ name: topicOf(known), numPartitions: 2, replicationFactor: 1 }],
    }),
    {
      learn: (known, { topics }) => {
        known.transactionTopicId = topics[0]?.topicId ?? "";
      },
    },
  ),
  ...step(
    "until the topic is there",
    ListOffsets,
    [8],
    (known) => ({
      replicaId: -1,
      topics: [{ name: topicOf(known), partitions: [{ partitionIndex: 1, timestamp: -1n }] }],
    }),
    { until: ({ topics }) => topics[0]?.partitions[0]?.errorCode === 0 },
  ),
  ...[0, 1].flatMap((keyType) =>
    step(
      `until there is a coordinator of type ${keyType}`,
      FindCoordinator,
      [4],
      (known) => ({ keyType, coordinatorKeys: [keyType === 0 ? groupOf(known) : idOf(known)] }),
      { until: ({ coordinators }) => coordinators[0]?.errorCode === 0 },
    ),
  ),
  ...step(
    "until the coordinator has its records",
    DescribeTransactions,
    [0],
    (known) => ({ transactionalIds: [idOf(known)] }),
    { until: ({ transactionStates }) => ![14, 15, 16].includes(transactionStates[0]?.errorCode ?? -1) },
  ),
  ...init("an empty id", [0, 5], () => ({ transactionalId: "" })),
  ...init("no timeout", [5], () => ({ transactionTimeoutMs: 0 })),
  ...init("a timeout that is too long", [5], () => ({ transactionTimeoutMs: 900_001 })),
  ...init("half an identity", [5], () => ({ producerId: 5n })),
  ...add("an unknown id", [1, 3]),
  ...end("an unknown id", [1, 4, 5], true),
  ...init("new", [0, 1, 2, 5]),
  ...init("as who it is", [5], (known) => producer(known)),
  ...init("the same again", [5], (known) => producer(known, { epoch: -1 })),
  ...init("as who it was long ago", [3, 5], (known) => producer(known, { epoch: -3 })),
  ...init("as another", [3, 5], (known) => producer(known, { producerId: 1n })),
  ...described("nothing begun"),
  ...end("nothing to commit", [4, 5], true),
  ...end("nothing to abort", [4], false),
  ...end("nothing to abort, with a new epoch", [5], false),
  ...described("nothing aborted"),
  ...produce("a sequence that is not the first", [12], { sequence: 1 }),
  ...produce("an unknown producer", [12], { lie: { producerId: 1n } }),
  ...produce("an old epoch", [12], { lie: { epoch: -1 } }),
  ...produce("a new epoch", [12], { lie: { epoch: 1 } }),
  ...produce("not added", [10, 11]),
  ...produce("first", [12]),
  ...produce("not transactional", [12], { sequence: 1, isTransactional: false }),
  ...produce("second", [9, 11], { sequence: 1 }),
  ...described("ongoing"),
  ...partitions("one is open"),
  ...verify("in it", 0),
  ...verify("not in it", 1),
  ...verify("an old epoch", 0, { epoch: -1 }),
  ...verify("unknown", 7),
  ...end("an old epoch", [1, 4, 5], true, { epoch: -1 }),
  ...end("a new epoch", [5], true, { epoch: 1 }),
  ...end("another producer", [5], true, { producerId: 1n }),
  ...end("a commit", [5], true),
  ...described("committed"),
  ...end("the same again", [5], true, { epoch: -1 }),
  ...end("the same otherwise", [5], false, { epoch: -1 }),
  ...end("nothing more to commit", [5], true),
  ...produce("too late", [12], { lie: { epoch: -1 }, sequence: 2 }),
  ...partitions("one is committed"),
  ...add("an unknown partition", [0, 3], { partitions: [0, 7] }),
  ...add("an unknown topic", [3], { topic: "absent" }),
  ...add("an internal topic", [3], { topic: "__consumer_offsets" }),
  ...add("an old epoch", [1, 3], { lie: { epoch: -1 } }),
  ...add("another producer", [3], { lie: { producerId: 1n } }),
  ...add("a partition, and again", [0, 3]),
  ...produce("not added, beside one that is", [10, 11], { partition: 1 }),
  ...produce("of the first version", [11]),
  ...end("an abort of the first version", [4], false),
  ...described("aborted"),
  ...end("an abort again", [1, 4], false),
  ...end("a commit of what is aborted", [4], true),
  ...partitions("one is aborted"),
  // No more than one read of the embedded broker gives.
  ...step("the records of the transactions", Fetch, [12], () => ({
    maxWaitMs: 10,
    minBytes: 1,
    topics: [
      {
        topic: "__transaction_state",
        partitions: [0, 1, 2, 3, 4].map((partition) => ({
          partition,
          fetchOffset: 0n,
          partitionMaxBytes: 10_000_000,
        })),
      },
    ],
  })),
  ...commit("not added", [3, 4]),
  ...step("AddOffsetsToTxn: an old epoch", AddOffsets, [1, 3], (known) => ({
    transactionalId: idOf(known),
    ...producer(known, { epoch: -1 }),
    groupId: groupOf(known),
  })),
  ...step("AddOffsetsToTxn", AddOffsets, [3], (known) => ({
    transactionalId: idOf(known),
    ...producer(known),
    groupId: groupOf(known),
  })),
  ...commit("added", [2, 3, 4]),
  ...commit("an unknown partition", [3], {}, 7),
  ...commit("a member that nobody knows", [3, 5], { memberId: "nobody", generationIdOrMemberEpoch: 3 }),
  ...commit("an empty group", [3], { groupId: "" }),
  ...commit("an old epoch", [3, 5], {}, 0, { epoch: -1 }),
  ...commit("metadata that is too large", [3], {
    topics: [
      {
        name: "absent",
        partitions: [{ partitionIndex: 0, committedOffset: 5n, committedMetadata: "x".repeat(5000) }],
      },
    ],
  }),
  ...offsets("not stable", true),
  ...offsets("stable ones", false),
  ...end("a commit of offsets", [4], true),
  ...described("offsets are committed"),
  ...offsets("committed", true),
  ...commit("without being added", [5, 6]),
  ...described("offsets are in it"),
  ...init("another one while it is open", [5]),
  ...described("fenced"),
  ...init("the one that was fenced, again", [5], (known) => producer(known)),
  ...init("new again", [5], undefined, true),
  ...described("new again"),
  ...offsets("as they were", true),
  ...produce("open for an admin", [12], { partition: 1 }),
  ...mark("an unknown topic", [1, 2], {}, "absent"),
  ...mark("an old epoch", [1, 2], { producerEpoch: 0 }),
  ...mark("the same epoch of the second version", [2], { transactionVersion: 2 }),
  ...mark("the same epoch of the first version", [2], { transactionVersion: 1, coordinatorEpoch: 3 }),
  ...mark("an old coordinator", [1], { coordinatorEpoch: 2 }),
  ...partitions("an admin has aborted it"),
  ...step("DescribeProducers: a bad name and an unknown topic", DescribeProducers, [0], () => ({
    topics: [
      { name: "no spaces", partitionIndexes: [0] },
      { name: "absent", partitionIndexes: [0] },
    ],
  })),
  ...step("ListTransactions: of one producer", ListTransactions, [0, 1, 2], (known) => ({
    producerIdFilters: [known.producerId],
  })),
  ...step("ListTransactions: states", ListTransactions, [0], (known) => ({
    producerIdFilters: [known.producerId],
    stateFilters: ["Ongoing", "Nonsense"],
  })),
  ...step("ListTransactions: age", ListTransactions, [1], (known) => ({
    producerIdFilters: [known.producerId],
    durationFilter: 3_600_000n,
  })),
  ...step("ListTransactions: a pattern", ListTransactions, [2], (known) => ({
    transactionalIdPattern: `${known.topic}.*`,
  })),
  ...step("ListTransactions: a part of an id", ListTransactions, [2], (known) => ({
    transactionalIdPattern: known.topic,
  })),
  ...step("ListTransactions: no pattern", ListTransactions, [2], () => ({ transactionalIdPattern: "(" })),
  ...feature("what is so", [1, 2], {}),
  ...feature("an unknown one", [1, 2], { feature: "nonsense" }),
  ...feature("a level that there is not", [1, 2], { maxVersionLevel: 9 }),
  ...feature("down without saying so", [1, 2], { maxVersionLevel: 1 }),
  ...feature("down", [1, 2], { maxVersionLevel: 1, upgradeType: 2 }),
  ...feature("a type that there is not", [1, 2], { upgradeType: 7 }),
];
