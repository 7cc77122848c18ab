/**
 * InitProducerId (key 22, KIP-98): gives a producer the id and the epoch under which it numbers its batches.
 * With a transactional id it goes to the coordinator of that id, which fences all earlier producers of the id
 * and aborts a transaction that one of them left open; without, to any broker.
 *
 * Versions: 1 is answered before the throttling (KIP-219); 2 is flexible; 3 lets a producer raise its own
 * epoch and go on (KIP-360); 4 may answer PRODUCER_FENCED where INVALID_PRODUCER_EPOCH came before (KIP-588);
 * 5 may answer TRANSACTION_ABORTABLE (KIP-890); 6 is for two-phase commit (KIP-939) and still unstable in
 * Kafka 4.4, so that brokers offer it only with `unstable.api.versions.enable`.
 *
 * Errors:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and send it there.
 * - COORDINATOR_LOAD_IN_PROGRESS: the coordinator is still reading its log, or the broker has run out of
 *   producer ids for a moment. Send it again after a pause.
 * - CONCURRENT_TRANSACTIONS: a transaction of that id is just being ended, maybe because of this very
 *   request. Send it again after a pause.
 * - PRODUCER_FENCED, before version 4 INVALID_PRODUCER_EPOCH: `producerId` and `producerEpoch` are out of
 *   date, since another producer took over the transactional id. Stop for good.
 * - INVALID_TRANSACTION_TIMEOUT: the timeout is not above 0, or above the broker's
 *   `transaction.max.timeout.ms`. Change the configuration.
 * - INVALID_REQUEST: an empty transactional id, or only one of `producerId` and `producerEpoch`.
 * - TRANSACTIONAL_ID_AUTHORIZATION_FAILED: the principal may not write under that transactional id, or
 *   two-phase commit is not allowed. CLUSTER_AUTHORIZATION_FAILED: without a transactional id, the principal
 *   may neither write idempotently nor write to any topic. Nothing to retry.
 * - TRANSACTION_ABORTABLE: abort the transaction.
 * - UNSUPPORTED_VERSION: the broker does not know how to keep a prepared transaction, as none up to Kafka 4.4
 *   does.
 */

import { bool, int16, int32, int64, string } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

/** Sent by a producer that starts, or that needs a higher epoch to go on. */
export const InitProducerIdRequest = request({
  apiKey: 22,
  validVersions: "0-6",
  flexibleVersions: "2+",
  fields: {
    /** Null for a producer that is idempotent and has no transactions. */
    transactionalId: field("0+", string, { nullable: "0+" }),
    /**
     * After this long the coordinator aborts an open transaction by itself. Without a transactional id, or
     * with `enable2Pc`, it is not looked at.
     */
    transactionTimeoutMs: field("0+", int32),
    /**
     * Id that the producer already has, to go on under a higher epoch; -1, together with an epoch of -1, for
     * a producer that starts.
     */
    producerId: field("3+", int64, { default: -1n }),
    /** Epoch that goes with `producerId`, so that a producer cannot take over from one that came after it. */
    producerEpoch: field("3+", int16, { default: -1 }),
    /** Leaves the outcome to a coordinator outside Kafka: transactions never time out. */
    enable2Pc: field("6+", bool),
    /** Keeps an open transaction instead of aborting it, so that it can still be ended after a restart. */
    keepPreparedTxn: field("6+", bool),
  },
});
export type InitProducerIdRequest = Infer<typeof InitProducerIdRequest>;

/** Id and epoch that belong into every batch from now on. */
export const InitProducerIdResponse = response({
  apiKey: 22,
  validVersions: "0-6",
  flexibleVersions: "2+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32, { ignorable: true }),
    errorCode: field("0+", int16),
    /** -1 with an error. */
    producerId: field("0+", int64, { default: -1n }),
    /** 0 under a new id, else raised: whoever still writes with a lower one is fenced. */
    producerEpoch: field("0+", int16),
    /** Producer id of the transaction that `keepPreparedTxn` kept open; -1 when there is none. */
    ongoingTxnProducerId: field("6+", int64, { default: -1n }),
    /** Epoch of the transaction that `keepPreparedTxn` kept open; -1 when there is none. */
    ongoingTxnProducerEpoch: field("6+", int16, { default: -1 }),
  },
});
export type InitProducerIdResponse = Infer<typeof InitProducerIdResponse>;
