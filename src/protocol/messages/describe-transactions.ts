/**
 * DescribeTransactions (key 65, KIP-664): the state of transactions. Admin clients send it to the
 * coordinators of the transactional ids.
 *
 * Errors of a transactional id:
 *
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and ask there.
 * - COORDINATOR_LOAD_IN_PROGRESS: the coordinator is still reading its log. Ask again after a pause.
 * - TRANSACTIONAL_ID_NOT_FOUND: it was never used, or has expired.
 * - TRANSACTIONAL_ID_AUTHORIZATION_FAILED: the principal may not describe it. Nothing to retry.
 * - INVALID_REQUEST: the id is empty.
 */

import { int16, int32, int64, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Transactional ids that this broker coordinates. */
export const DescribeTransactionsRequest = request({
  apiKey: 65,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** None for none, not for all. */
    transactionalIds: field("0+", array(string)),
  },
});
export type DescribeTransactionsRequest = Infer<typeof DescribeTransactionsRequest>;

/** The last known state of each. */
export const DescribeTransactionsResponse = response({
  apiKey: 65,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    transactionStates: field(
      "0+",
      array(
        struct("TransactionState", {
          errorCode: field("0+", int16),
          transactionalId: field("0+", string),
          /**
           * `Empty`, `Ongoing`, `PrepareCommit`, `PrepareAbort`, `CompleteCommit`, `CompleteAbort` or
           * `PrepareEpochFence`.
           */
          transactionState: field("0+", string),
          /** How long it may be open before the coordinator aborts it. */
          transactionTimeoutMs: field("0+", int32),
          /** When it began, in milliseconds since 1970; -1 when none has begun. */
          transactionStartTimeMs: field("0+", int64),
          producerId: field("0+", int64),
          producerEpoch: field("0+", int16),
          /**
           * Partitions that take part in it; once it is being ended, those that still lack their marker.
           * Topics that the principal may not describe are left out.
           */
          topics: field(
            "0+",
            array(
              struct("TopicData", {
                topic: field("0+", string),
                partitions: field("0+", array(int32)),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type DescribeTransactionsResponse = Infer<typeof DescribeTransactionsResponse>;
