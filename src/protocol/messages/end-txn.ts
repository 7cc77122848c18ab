/**
 * EndTxn (key 26, KIP-98): commits or aborts a transaction. A producer sends it to the transaction's
 * coordinator; a commit only when all of its batches and offsets have been acknowledged. The answer comes
 * when the outcome is on record. The markers are written after that, and until they are, the next transaction
 * may be told CONCURRENT_TRANSACTIONS.
 *
 * Versions: 1 is answered before the throttling (KIP-219); 2 may answer PRODUCER_FENCED where
 * INVALID_PRODUCER_EPOCH came before (KIP-588); 3 is flexible; 4 may answer TRANSACTION_ABORTABLE; 5 raises
 * the producer's epoch with each transaction (both KIP-890) and is only for a cluster whose
 * `transaction.version` is 2.
 *
 * Errors:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and send it there.
 * - COORDINATOR_LOAD_IN_PROGRESS: the coordinator is still reading its log. Send it again after a pause.
 * - CONCURRENT_TRANSACTIONS: the coordinator is still busy with the transaction, maybe with an earlier
 *   attempt of this request. Send it again after a pause.
 * - INVALID_TXN_STATE: the transaction has ended the other way, or there is none to end, which an abort is
 *   told only before version 5. Fatal to the producer.
 * - PRODUCER_FENCED, before version 2 INVALID_PRODUCER_EPOCH: another producer took over the transactional
 *   id, or the transaction timed out and was aborted. Stop for good.
 * - INVALID_PRODUCER_ID_MAPPING: the transactional id has another producer id, or is forgotten.
 *   TRANSACTIONAL_ID_AUTHORIZATION_FAILED, INVALID_REQUEST: the id may not be used, or is empty. All are
 *   fatal to the producer.
 * - TRANSACTION_ABORTABLE: abort instead of committing. In answer to an abort it is fatal.
 */

import { bool, int16, int32, int64, string } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

/** How the transaction ends. */
export const EndTxnRequest = request({
  apiKey: 26,
  validVersions: "0-5",
  flexibleVersions: "3+",
  fields: {
    transactionalId: field("0+", string),
    /** As InitProducerId gave it, or the EndTxn before this one. */
    producerId: field("0+", int64),
    /** As InitProducerId gave it, or the EndTxn before this one. */
    producerEpoch: field("0+", int16),
    /** True to commit, false to abort. */
    committed: field("0+", bool),
  },
});
export type EndTxnRequest = Infer<typeof EndTxnRequest>;

/** Whether the outcome is on record, and under which id and epoch to go on. */
export const EndTxnResponse = response({
  apiKey: 26,
  validVersions: "0-5",
  flexibleVersions: "3+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    /**
     * For the next transaction; it changes when the epochs of the old id are used up. -1 when the producer
     * keeps what it has.
     */
    producerId: field("5+", int64, { default: -1n, ignorable: true }),
    /** For the next transaction, whose sequences begin at 0 again; -1 when the producer keeps what it has. */
    producerEpoch: field("5+", int16, { default: -1, ignorable: true }),
  },
});
export type EndTxnResponse = Infer<typeof EndTxnResponse>;
