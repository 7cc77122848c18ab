/** Records of `__transaction_state`, by which the transaction coordinator remembers transactional ids and their transactions. */

import {
  type CoordinatorRecord,
  type CoordinatorRecordTypes,
  decodeCoordinatorRecord,
} from "./coordinator-record.ts";
import { TransactionLogKey, TransactionLogValue } from "./transaction-log.ts";

/** The kinds of records by Kafka's names. */
export const transactionCoordinatorRecordTypes = {
  TRANSACTION_LOG: { id: 0, key: TransactionLogKey, value: TransactionLogValue },
} as const satisfies CoordinatorRecordTypes;

/** A record of `__transaction_state` by its kind. */
export type TransactionLogRecord = CoordinatorRecord<typeof transactionCoordinatorRecordTypes>;

/**
 * Decodes a record of `__transaction_state`.
 *
 * @throws DecodeError when key or value are not what they say.
 */
export function decodeTransactionLogRecord(
  key: Uint8Array | null,
  value: Uint8Array | null,
): TransactionLogRecord {
  return decodeCoordinatorRecord(transactionCoordinatorRecordTypes, key, value);
}
