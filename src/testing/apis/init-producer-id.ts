/**
 * InitProducerId, v0-5: a producer id, and with a transactional id the right to be the one producer that has it.
 *
 * - Without transactional id: an id that nobody has, epoch 0, whatever the request says of an earlier one.
 * - v3: a producer may say what it takes itself for, to go on after an error (KIP-360). v4: PRODUCER_FENCED instead of
 *   INVALID_PRODUCER_EPOCH.
 * - While the last transaction is ending, or has to be aborted first: CONCURRENT_TRANSACTIONS.
 *
 * Differs from Kafka: no v6 (two-phase commit, KIP-939), which Kafka 4.4 does not tell clients of either.
 */

import { InitProducerIdRequest, InitProducerIdResponse } from "../../protocol/messages/init-producer-id.ts";
import { type RequestContext, serve } from "../api.ts";
import { errorNumber, NONE, Refusal } from "../error-code.ts";
import { CLUSTER_NAME } from "../security/authorizer.ts";
import { checkTransactionalId } from "../transactions/check-transactional-id.ts";
import type { ProducerIdentity } from "../transactions/transaction-state.ts";

const FIRST_VERSION_WITH_FENCED = 4;
const NO_PRODUCER = -1n;
const NO_EPOCH = -1;

export const InitProducerId = serve({
  request: InitProducerIdRequest,
  response: InitProducerIdResponse,
  refuse: (_request, errorCode) => ({ errorCode, producerId: NO_PRODUCER, producerEpoch: NO_EPOCH }),
  handle: ({ transactionalId, transactionTimeoutMs, producerId, producerEpoch }, context) => {
    checkPermission(transactionalId, context);
    if ((producerId === NO_PRODUCER) !== (producerEpoch === NO_EPOCH)) {
      throw new Refusal("INVALID_REQUEST", "A producer id needs an epoch, and an epoch a producer id");
    }
    const { cluster, version } = context;
    if (transactionalId === null) {
      return { errorCode: NONE, producerId: cluster.newProducerId(), producerEpoch: 0 };
    }
    if (transactionalId === "") throw new Refusal("INVALID_REQUEST", "The transactional id is empty");
    const most = cluster.configs.number("transaction.max.timeout.ms");
    if (transactionTimeoutMs <= 0 || transactionTimeoutMs > most) {
      throw new Refusal("INVALID_TRANSACTION_TIMEOUT", `A transaction may take from 1 to ${most} ms`);
    }
    checkTransactionalId(transactionalId, context);
    const expected: ProducerIdentity | null =
      producerId === NO_PRODUCER ? null : { producerId, producerEpoch };
    const answer = cluster.transactions.initialize(transactionalId, expected, transactionTimeoutMs);
    const isOld = version < FIRST_VERSION_WITH_FENCED && answer.error === "PRODUCER_FENCED";
    return { ...answer, errorCode: errorNumber(isOld ? "INVALID_PRODUCER_EPOCH" : answer.error) };
  },
});

function checkPermission(transactionalId: string | null, { allows, allowsSome }: RequestContext): void {
  if (transactionalId !== null) {
    if (allows("WRITE", "TRANSACTIONAL_ID", transactionalId)) return;
    throw new Refusal("TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "Transactional Id authorization failed.");
  }
  // KIP-679: who may write to some topic may do so idempotently.
  if (!allows("IDEMPOTENT_WRITE", "CLUSTER", CLUSTER_NAME) && !allowsSome("WRITE", "TOPIC")) {
    throw new Refusal("CLUSTER_AUTHORIZATION_FAILED", "Cluster authorization failed.");
  }
}
