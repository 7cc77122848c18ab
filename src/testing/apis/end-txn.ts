/**
 * EndTxn, v0-5: commits or aborts a transaction.
 *
 * - v2: PRODUCER_FENCED instead of INVALID_PRODUCER_EPOCH. v5: transactions of the second version (KIP-890), whose
 *   answer tells the epoch, or the producer id, of the next one.
 *
 * Differs from Kafka: the markers stand in the partitions when this is answered, unless they cannot be written yet.
 */

import { EndTxnRequest, EndTxnResponse } from "../../protocol/messages/end-txn.ts";
import { serve } from "../api.ts";
import { errorNumber, Refusal } from "../error-code.ts";
import { checkMayWrite, checkTransactionalId } from "../transactions/check-transactional-id.ts";

const FIRST_VERSION_WITH_FENCED = 2;
const FIRST_VERSION_WITH_NEW_EPOCHS = 5;

export const EndTxn = serve({
  request: EndTxnRequest,
  response: EndTxnResponse,
  refuse: (_request, errorCode) => ({ errorCode }),
  handle: ({ transactionalId, producerId, producerEpoch, committed }, context) => {
    checkMayWrite(transactionalId, context);
    if (transactionalId === "") throw new Refusal("INVALID_REQUEST", "The transactional id is empty");
    checkTransactionalId(transactionalId, context);
    const { version } = context;
    const { error, ...producer } = context.cluster.transactions.end(
      transactionalId,
      { producerId, producerEpoch },
      committed,
      version >= FIRST_VERSION_WITH_NEW_EPOCHS ? 2 : 0,
    );
    const isOld = version < FIRST_VERSION_WITH_FENCED && error === "PRODUCER_FENCED";
    return { ...producer, errorCode: errorNumber(isOld ? "INVALID_PRODUCER_EPOCH" : error) };
  },
});
