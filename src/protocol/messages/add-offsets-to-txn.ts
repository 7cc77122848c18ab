/**
 * AddOffsetsToTxn (key 25, KIP-98): makes the offsets of a consumer group part of a transaction, or rather
 * the partition of `__consumer_offsets` that keeps them. A producer sends it to the coordinator of the
 * transaction, before it sends the offsets themselves to that of the group by TxnOffsetCommit. Version 5 of
 * the latter does this by itself.
 *
 * Versions: 1 is answered before the throttling (KIP-219); 2 may answer PRODUCER_FENCED where
 * INVALID_PRODUCER_EPOCH came before (KIP-588); 3 is flexible; 4 may answer TRANSACTION_ABORTABLE (KIP-890).
 *
 * Errors:
 *
 * - CONCURRENT_TRANSACTIONS: the producer's last transaction is not quite over. Send it again after a short
 *   pause.
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the transaction's coordinator again and send it there.
 * - COORDINATOR_LOAD_IN_PROGRESS: the coordinator is still reading its log. Send it again after a pause.
 * - PRODUCER_FENCED, before version 2 INVALID_PRODUCER_EPOCH: another producer took over the transactional
 *   id, or the transaction timed out. Stop for good.
 * - INVALID_PRODUCER_ID_MAPPING: the transactional id has another producer id, or is forgotten.
 *   TRANSACTIONAL_ID_AUTHORIZATION_FAILED, INVALID_REQUEST: the id may not be used, or is empty. All are
 *   fatal to the producer.
 * - GROUP_AUTHORIZATION_FAILED: the principal may not read the group. Abort the transaction.
 * - TRANSACTION_ABORTABLE: abort the transaction.
 */

import { int16, int32, int64, string } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

/** One group; a transaction can commit offsets of several. */
export const AddOffsetsToTxnRequest = request({
  apiKey: 25,
  validVersions: "0-4",
  flexibleVersions: "3+",
  fields: {
    transactionalId: field("0+", string),
    /** As InitProducerId gave it. */
    producerId: field("0+", int64),
    /** As InitProducerId gave it. */
    producerEpoch: field("0+", int16),
    /** Group whose offsets are to be committed. */
    groupId: field("0+", string),
  },
});
export type AddOffsetsToTxnRequest = Infer<typeof AddOffsetsToTxnRequest>;

/** Whether TxnOffsetCommit may follow. */
export const AddOffsetsToTxnResponse = response({
  apiKey: 25,
  validVersions: "0-4",
  flexibleVersions: "3+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
  },
});
export type AddOffsetsToTxnResponse = Infer<typeof AddOffsetsToTxnResponse>;
