/** DescribeTransactions, v0 (KIP-664): where the transactions of some transactional ids stand. */

import {
  DescribeTransactionsRequest,
  DescribeTransactionsResponse,
} from "../../protocol/messages/describe-transactions.ts";
import type { InferInput } from "../../protocol/schema.ts";
import { type RequestContext, serve } from "../api.ts";
import { errorNumber, NONE } from "../error-code.ts";
import { byTopic } from "../transactions/partitions-by-topic.ts";

type Response = InferInput<typeof DescribeTransactionsResponse>;
type Described = NonNullable<Response["transactionStates"]>[number];

const INVALID_REQUEST = errorNumber("INVALID_REQUEST");
const TRANSACTIONAL_ID_AUTHORIZATION_FAILED = errorNumber("TRANSACTIONAL_ID_AUTHORIZATION_FAILED");
const TRANSACTIONAL_ID_NOT_FOUND = errorNumber("TRANSACTIONAL_ID_NOT_FOUND");

export const DescribeTransactions = serve({
  request: DescribeTransactionsRequest,
  response: DescribeTransactionsResponse,
  refuse: ({ transactionalIds }, errorCode) => ({
    transactionStates: transactionalIds.map((transactionalId) => ({ transactionalId, errorCode })),
  }),
  handle: ({ transactionalIds }, context) => ({
    transactionStates: transactionalIds.map((transactionalId) => ({
      transactionalId,
      ...described(transactionalId, context),
    })),
  }),
});

function described(
  transactionalId: string,
  { cluster, broker, allows, injected }: RequestContext,
): Described {
  if (!allows("DESCRIBE", "TRANSACTIONAL_ID", transactionalId)) {
    return { errorCode: TRANSACTIONAL_ID_AUTHORIZATION_FAILED };
  }
  if (transactionalId === "") return { errorCode: INVALID_REQUEST };
  const fault = injected({ group: transactionalId });
  if (fault !== NONE) return { errorCode: fault };
  const refusal = cluster.coordinators.refusalOf("transaction", transactionalId, broker);
  if (refusal !== NONE) return { errorCode: refusal };
  const state = cluster.transactions.get(transactionalId);
  if (state === undefined) return { errorCode: TRANSACTIONAL_ID_NOT_FOUND };
  const { status, timeoutMs, startMs, producerId, producerEpoch, partitions } = state;
  return {
    errorCode: NONE,
    transactionState: status,
    transactionTimeoutMs: timeoutMs,
    transactionStartTimeMs: BigInt(startMs),
    producerId,
    producerEpoch,
    topics: byTopic(partitions).filter(({ topic }) => allows("DESCRIBE", "TOPIC", topic)),
  };
}
