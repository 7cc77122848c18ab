/** The record of `__transaction_state`: a transactional id and where its transaction stands (KIP-98). */

import { int8, int16, int32, int64, string } from "../primitives.ts";
import { array, data, field, type Infer, struct } from "../schema.ts";

export const TransactionLogKey = data({
  name: "TransactionLogKey",
  validVersions: "0",
  fields: {
    transactionalId: field("0", string),
  },
});
export type TransactionLogKey = Infer<typeof TransactionLogKey>;

/**
 * Where the transaction stands. Version 1 is flexible (KIP-915); its tagged fields are of the second
 * transaction protocol, which changes the epoch with every transaction (KIP-890).
 */
export const TransactionLogValue = data({
  name: "TransactionLogValue",
  validVersions: "0-1",
  flexibleVersions: "1+",
  fields: {
    producerId: field("0+", int64),
    /** The producer id of the transaction before, where its epochs had run out; -1 for none. */
    previousProducerId: field("1+", int64, { default: -1n, tag: 0 }),
    /** The producer id of the next transaction, where the epochs of this one run out; -1 for none. */
    nextProducerId: field("1+", int64, { default: -1n, tag: 1 }),
    producerEpoch: field("0+", int16),
    /** The epoch that goes with `nextProducerId`. */
    nextProducerEpoch: field("1+", int16, { default: -1, tag: 3 }),
    /** After how long the coordinator aborts it. */
    transactionTimeoutMs: field("0+", int32),
    /**
     * 0 empty, 1 ongoing, 2 about to commit, 3 about to abort, 4 committed, 5 aborted, 6 dead (its id is about
     * to be forgotten), 7 about to fence an earlier producer. From 2 and 3 there is no way back: the markers
     * are written until all partitions have them.
     */
    transactionStatus: field("0+", int8),
    /** Partitions that take part; null in state 0. */
    transactionPartitions: field(
      "0+",
      array(
        struct("PartitionsSchema", {
          topic: field("0+", string),
          partitionIds: field("0+", array(int32)),
        }),
      ),
      { nullable: "0+" },
    ),
    transactionLastUpdateTimestampMs: field("0+", int64),
    /** -1 where none is running. */
    transactionStartTimestampMs: field("0+", int64),
    /** 2 for a client of the second protocol. */
    clientTransactionVersion: field("1+", int16, { tag: 2 }),
  },
});
export type TransactionLogValue = Infer<typeof TransactionLogValue>;
