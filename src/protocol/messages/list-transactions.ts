/**
 * ListTransactions (key 66, KIP-664): the transactional ids that a broker coordinates. Admin clients send it
 * to every broker, since each one tells only of its own. What the principal may not describe is left out.
 *
 * Versions: 1 adds the filter by duration (KIP-994); 2 the one by transactional id (KIP-1152).
 *
 * Errors:
 *
 * - COORDINATOR_LOAD_IN_PROGRESS: the broker is still reading its log. Ask again after a pause.
 * - COORDINATOR_NOT_AVAILABLE: the broker is starting or stopping. Ask again later.
 * - INVALID_REGULAR_EXPRESSION: the pattern is wrong. Nothing to retry.
 */

import { int16, int32, int64, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Filters, all of which have to match. */
export const ListTransactionsRequest = request({
  apiKey: 66,
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: {
    /** Names of states, such as `Ongoing`, of which one has to match; none for any state. */
    stateFilters: field("0+", array(string)),
    /** Producer ids, of which one has to match; none for any. */
    producerIdFilters: field("0+", array(int64)),
    /** Only transactions that began longer ago than this many milliseconds; negative for all. */
    durationFilter: field("1+", int64, { default: -1n }),
    /**
     * Regular expression, in the syntax of RE2, that has to match the whole transactional id; null or empty
     * for any.
     */
    transactionalIdPattern: field("2+", string, { nullable: "2+", default: null }),
  },
});
export type ListTransactionsRequest = Infer<typeof ListTransactionsRequest>;

/** What matched. */
export const ListTransactionsResponse = response({
  apiKey: 66,
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    /** 0, or why there is no list. */
    errorCode: field("0+", int16),
    /** Those of `stateFilters` that the broker does not know; they match nothing. */
    unknownStateFilters: field("0+", array(string)),
    transactionStates: field(
      "0+",
      array(
        struct("TransactionState", {
          transactionalId: field("0+", string),
          producerId: field("0+", int64),
          /**
           * `Empty`, `Ongoing`, `PrepareCommit`, `PrepareAbort`, `CompleteCommit`, `CompleteAbort` or
           * `PrepareEpochFence`.
           */
          transactionState: field("0+", string),
        }),
      ),
    ),
  },
});
export type ListTransactionsResponse = Infer<typeof ListTransactionsResponse>;
