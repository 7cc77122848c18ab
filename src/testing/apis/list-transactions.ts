/**
 * ListTransactions, v0-2 (KIP-664): the transactional ids that the broker coordinates.
 *
 * - v1: only those whose transaction began a while ago (KIP-994). v2: only those that a pattern fits (KIP-1152).
 *
 * Differs from Kafka: patterns are JavaScript's and not those of RE2/J.
 */

import {
  ListTransactionsRequest,
  ListTransactionsResponse,
} from "../../protocol/messages/list-transactions.ts";
import { serve } from "../api.ts";
import { NONE, Refusal } from "../error-code.ts";
import { TRANSACTION_STATUSES, type TransactionStatus } from "../transactions/transaction-state.ts";

export const ListTransactions = serve({
  request: ListTransactionsRequest,
  response: ListTransactionsResponse,
  refuse: (_request, errorCode) => ({ errorCode }),
  handle: (request, { cluster, broker, allows }) => {
    const { stateFilters, producerIdFilters, durationFilter, transactionalIdPattern } = request;
    const pattern = patternOf(transactionalIdPattern);
    const nowMs = cluster.clock.wallMs();
    const found = [...cluster.transactions.all].filter(
      ({ transactionalId, producerId, status, startMs }) =>
        cluster.coordinators.coordinatorOf("transaction", transactionalId) === broker &&
        (producerIdFilters.length === 0 || producerIdFilters.includes(producerId)) &&
        (stateFilters.length === 0 || stateFilters.includes(status)) &&
        (durationFilter < 0n || nowMs - startMs > durationFilter) &&
        (pattern === null || pattern.test(transactionalId)) &&
        allows("DESCRIBE", "TRANSACTIONAL_ID", transactionalId),
    );
    return {
      errorCode: NONE,
      unknownStateFilters: stateFilters.filter((name) => !isStatus(name)),
      transactionStates: found.map(({ transactionalId, producerId, status }) => ({
        transactionalId,
        producerId,
        transactionState: status,
      })),
    };
  },
});

function isStatus(name: string): name is TransactionStatus {
  return (TRANSACTION_STATUSES as readonly string[]).includes(name);
}

/** The whole id has to fit; null or empty fits all. */
function patternOf(pattern: string | null): RegExp | null {
  if (pattern === null || pattern === "") return null;
  try {
    return new RegExp(`^(?:${pattern})$`, "u");
  } catch {
    throw new Refusal("INVALID_REGULAR_EXPRESSION", `There is no way to read the pattern ${pattern}`);
  }
}
