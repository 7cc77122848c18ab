/** Records of `__transaction_state`, as Kafka writes them. */

import { codecFor } from "../../protocol/compile.ts";
import {
  decodeTransactionLogRecord,
  transactionCoordinatorRecordTypes,
} from "../../protocol/coordinator-records/transaction-coordinator.ts";
import {
  TransactionLogKey,
  TransactionLogValue,
} from "../../protocol/coordinator-records/transaction-log.ts";
import { encodeVersioned } from "../../protocol/version-prefix.ts";
import { Writer } from "../../protocol/writer.ts";
import type { CoordinatorRecord } from "../coordinator/coordinator-topics.ts";
import { byTopic } from "./partitions-by-topic.ts";
import { TRANSACTION_STATUSES, type TransactionState } from "./transaction-state.ts";

const KEY_VERSION = 0;
/** What only the second version of transactions needs is in tagged fields, which version 0 has no place for. */
const WITHOUT_TAGS = 0;
const WITH_TAGS = 1;

/**
 * The record of a state.
 *
 * @param transactionVersion what the cluster has agreed on
 */
export function transactionRecord(state: TransactionState, transactionVersion: number): CoordinatorRecord {
  const isEmpty = state.status === "Empty";
  const version = transactionVersion > 0 ? WITH_TAGS : WITHOUT_TAGS;
  const value = {
    producerId: state.producerId,
    producerEpoch: state.producerEpoch,
    transactionTimeoutMs: state.timeoutMs,
    transactionStatus: TRANSACTION_STATUSES.indexOf(state.status),
    transactionPartitions: isEmpty
      ? null
      : byTopic(state.partitions).map(({ topic, partitions }) => ({ topic, partitionIds: partitions })),
    transactionLastUpdateTimestampMs: BigInt(state.updatedMs),
    transactionStartTimestampMs: BigInt(state.startMs),
    ...(version === WITH_TAGS
      ? {
          previousProducerId: state.previousProducerId,
          nextProducerId: state.nextProducerId,
          clientTransactionVersion: state.clientVersion,
        }
      : {}),
  };
  return { key: keyOf(state.transactionalId), value: encodeVersioned(TransactionLogValue, version, value) };
}

/** The record that says that an id is forgotten. */
export function transactionTombstone(transactionalId: string): CoordinatorRecord {
  return { key: keyOf(transactionalId), value: null };
}

/** What a record says: a state, or null for an id that is forgotten; undefined for a record of another kind. */
export function readTransactionRecord(
  record: CoordinatorRecord,
): { readonly transactionalId: string; readonly state: TransactionState | null } | undefined {
  const { type, key, value } = decodeTransactionLogRecord(record.key, record.value);
  if (type === "UNKNOWN") return undefined;
  const { transactionalId } = key;
  if (value === null) return { transactionalId, state: null };
  const status = TRANSACTION_STATUSES[value.transactionStatus];
  if (status === undefined) throw new Error(`There is no transaction status ${value.transactionStatus}`);
  const state: TransactionState = {
    transactionalId,
    status,
    producerId: value.producerId,
    previousProducerId: value.previousProducerId,
    nextProducerId: value.nextProducerId,
    producerEpoch: value.producerEpoch,
    // It is not written: as in Kafka, an InitProducerId is not known again by another coordinator.
    lastProducerEpoch: -1,
    timeoutMs: value.transactionTimeoutMs,
    partitions: (value.transactionPartitions ?? []).flatMap(({ topic, partitionIds }) =>
      partitionIds.map((partition) => ({ topic, partition })),
    ),
    startMs: Number(value.transactionStartTimestampMs),
    updatedMs: Number(value.transactionLastUpdateTimestampMs),
    clientVersion: value.clientTransactionVersion >= 2 ? 2 : 0,
  };
  return { transactionalId, state };
}

function keyOf(transactionalId: string): Uint8Array {
  const writer = new Writer();
  writer.int16(transactionCoordinatorRecordTypes.TRANSACTION_LOG.id);
  codecFor(TransactionLogKey, KEY_VERSION).encode(writer, { transactionalId });
  return writer.toBytes();
}
