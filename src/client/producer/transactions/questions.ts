/** The requests of transactions, each with the versions that mean what is meant. */

import type { Fields } from "../../../protocol/schema.ts";
import { InitProducerId } from "../../api.ts";
import type { ConsumerGroupMetadata } from "../../consumer-group-metadata.ts";
import type { OffsetToCommit } from "../../offset-to-commit.ts";
import type { ProducerIdentity } from "../identity.ts";
import { AddOffsetsToTxn, AddPartitionsToTxn, EndTxn, TxnOffsetCommit } from "./apis.ts";
import type { PartialResult, Question } from "./coordinator-requests.ts";
import { txnOffsetCommit } from "./offsets.ts";
import { type PartitionOfTransaction, partitionKey, type TransactionVersion } from "./transaction-state.ts";

const UNKNOWN_SERVER_ERROR = -1;

/** From Produce v12 on, the leader adds the partition to a transaction of version 2. */
export const LAST_PRODUCE_OF_VERSION_1 = 11;
/** From this version of InitProducerId on, epochs are raised on request (KIP-360). */
export const FIRST_INIT_PRODUCER_ID_WITH_EPOCH = 3;

/** Version 6 is for transactions that somebody else decides on. */
const LAST_INIT_PRODUCER_ID = 5;
/** Later versions are for brokers. */
const LAST_ADD_PARTITIONS_TO_TXN = 3;
const LAST_ADD_OFFSETS_TO_TXN = 4;
const LAST_END_TXN: { readonly [Version in TransactionVersion]: number } = { 1: 4, 2: 5 };
/** Version 6 names topics by ids, which not every topic has. */
const LAST_TXN_OFFSET_COMMIT: { readonly [Version in TransactionVersion]: number } = { 1: 4, 2: 5 };

/** @param identity Whose epoch is to be raised; null for a producer that starts. */
export function initProducerId(
  transactionalId: string,
  transactionTimeoutMs: number,
  identity: ProducerIdentity | null,
) {
  return question({
    name: "InitProducerId",
    api: InitProducerId,
    value: (version) => ({
      transactionalId,
      transactionTimeoutMs,
      ...(identity === null || version < FIRST_INIT_PRODUCER_ID_WITH_EPOCH ? {} : identity),
    }),
    maxVersion: LAST_INIT_PRODUCER_ID,
    coordinator: "transaction",
    key: transactionalId,
    results: (response) => [response],
  });
}

export function addPartitionsToTxn(
  transactionalId: string,
  { producerId, producerEpoch }: ProducerIdentity,
  partitions: readonly PartitionOfTransaction[],
) {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of partitions) topics.set(topic, [...(topics.get(topic) ?? []), partition]);
  return question({
    name: "AddPartitionsToTxn",
    api: AddPartitionsToTxn,
    value: {
      v3AndBelowTransactionalId: transactionalId,
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: producerEpoch,
      v3AndBelowTopics: [...topics].map(([name, indexes]) => ({ name, partitions: indexes })),
    },
    maxVersion: LAST_ADD_PARTITIONS_TO_TXN,
    coordinator: "transaction",
    key: transactionalId,
    results: ({ resultsByTopicV3AndBelow }) =>
      complete(
        partitions,
        resultsByTopicV3AndBelow.flatMap(({ name, resultsByPartition }) =>
          resultsByPartition.map(({ partitionIndex, partitionErrorCode }) => ({
            errorCode: partitionErrorCode,
            topic: name,
            partition: partitionIndex,
          })),
        ),
      ),
  });
}

export function addOffsetsToTxn(transactionalId: string, identity: ProducerIdentity, groupId: string) {
  return question({
    name: "AddOffsetsToTxn",
    api: AddOffsetsToTxn,
    value: { transactionalId, ...identity, groupId },
    maxVersion: LAST_ADD_OFFSETS_TO_TXN,
    coordinator: "transaction",
    key: transactionalId,
    results: (response) => [response],
  });
}

export function commitOffsets(
  transactionalId: string,
  identity: ProducerIdentity,
  offsets: readonly OffsetToCommit[],
  group: ConsumerGroupMetadata,
  version: TransactionVersion,
) {
  return question({
    name: "TxnOffsetCommit",
    api: TxnOffsetCommit,
    value: (apiVersion) => txnOffsetCommit(apiVersion, transactionalId, identity, offsets, group),
    maxVersion: LAST_TXN_OFFSET_COMMIT[version],
    coordinator: "group",
    key: group.groupId,
    results: ({ topics }) =>
      complete(
        offsets,
        topics.flatMap(({ name, partitions }) =>
          partitions.map(({ errorCode, partitionIndex }) => ({
            errorCode,
            topic: name,
            partition: partitionIndex,
          })),
        ),
      ),
  });
}

export function endTxn(
  transactionalId: string,
  identity: ProducerIdentity,
  committed: boolean,
  version: TransactionVersion,
) {
  return question({
    name: "EndTxn",
    api: EndTxn,
    value: { transactionalId, ...identity, committed },
    maxVersion: LAST_END_TXN[version],
    coordinator: "transaction",
    key: transactionalId,
    results: (response) => [response],
  });
}

/** What an answer says nothing of has not been done. */
function complete(
  asked: readonly { readonly topic: string; readonly partition: number }[],
  answered: readonly Required<PartialResult>[],
): readonly PartialResult[] {
  const told = new Set(answered.map(({ topic, partition }) => partitionKey(topic, partition)));
  const untold = asked.filter(({ topic, partition }) => !told.has(partitionKey(topic, partition)));
  return [
    ...answered,
    ...untold.map(({ topic, partition }) => ({ errorCode: UNKNOWN_SERVER_ERROR, topic, partition })),
  ];
}

/** Infers what is asked from the API. */
function question<Request extends Fields, Response extends Fields>(
  asked: Question<Request, Response>,
): Question<Request, Response> {
  return asked;
}
