/**
 * AddPartitionsToTxn (key 24, KIP-98): tells the coordinator of a transaction which partitions it writes to,
 * so that the coordinator knows where markers belong at the end. Up to version 3 producers send it, before
 * their first batch to a partition. From version 4 on the leaders of partitions do, to check what a producer
 * says, or to add the partition in its stead: Produce from version 12 on leaves it to them.
 *
 * Versions: 1 is answered before the throttling (KIP-219); 2 may answer PRODUCER_FENCED where
 * INVALID_PRODUCER_EPOCH came before (KIP-588); 3 is flexible; 4 is for brokers alone, takes several
 * transactions and can merely verify; 5 may answer TRANSACTION_ABORTABLE (both KIP-890).
 *
 * Errors of a partition, any of which means that none was added:
 *
 * - OPERATION_NOT_ATTEMPTED: this partition is fine, but another one of the transaction is not.
 * - CONCURRENT_TRANSACTIONS: the producer's last transaction is not quite over. Send it again after a short
 *   pause.
 * - NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE: find the coordinator again and send it there.
 * - COORDINATOR_LOAD_IN_PROGRESS: the coordinator is still reading its log. Send it again after a pause.
 * - UNKNOWN_TOPIC_OR_PARTITION: the coordinator has not heard of it, perhaps not yet. Refresh the metadata
 *   and send it again.
 * - PRODUCER_FENCED, before version 2 INVALID_PRODUCER_EPOCH: another producer took over the transactional
 *   id, or the transaction timed out. Stop for good.
 * - INVALID_PRODUCER_ID_MAPPING: the transactional id has another producer id, or is forgotten.
 *   TRANSACTIONAL_ID_AUTHORIZATION_FAILED, INVALID_REQUEST: the id may not be used, or is empty. All are
 *   fatal to the producer.
 * - TOPIC_AUTHORIZATION_FAILED: the principal may not write to the topic. Abort the transaction.
 * - TRANSACTION_ABORTABLE: the partition turned out not to be in the transaction. Abort the transaction.
 *
 * Error of the whole, from version 4 on: CLUSTER_AUTHORIZATION_FAILED, for a sender that may not act as a
 * broker.
 */

import { bool, int16, int32, int64, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Partitions of one topic. */
const AddPartitionsToTxnTopic = struct("AddPartitionsToTxnTopic", {
  name: field("0+", string),
  partitions: field("0+", array(int32)),
});

/** Partitions of one transaction (up to version 3) or of several (from version 4 on). */
export const AddPartitionsToTxnRequest = request({
  apiKey: 24,
  validVersions: "0-5",
  flexibleVersions: "3+",
  fields: {
    /** Stands for the four fields below, from version 4 on. */
    transactions: field(
      "4+",
      array(
        struct("AddPartitionsToTxnTransaction", {
          transactionalId: field("4+", string),
          producerId: field("4+", int64),
          producerEpoch: field("4+", int16),
          /** Asks whether the partitions are in the transaction already, and adds none. */
          verifyOnly: field("4+", bool),
          topics: field("4+", array(AddPartitionsToTxnTopic)),
        }),
      ),
    ),
    /** The one transaction of a producer, in this field and the next three, up to version 3. */
    v3AndBelowTransactionalId: field("0-3", string),
    /** As InitProducerId gave it. */
    v3AndBelowProducerId: field("0-3", int64),
    /** As InitProducerId gave it. */
    v3AndBelowProducerEpoch: field("0-3", int16),
    v3AndBelowTopics: field("0-3", array(AddPartitionsToTxnTopic)),
  },
});
export type AddPartitionsToTxnRequest = Infer<typeof AddPartitionsToTxnRequest>;

/** What became of one partition. */
const AddPartitionsToTxnPartitionResult = struct("AddPartitionsToTxnPartitionResult", {
  partitionIndex: field("0+", int32),
  partitionErrorCode: field("0+", int16),
});

/** What became of the partitions of one topic. */
const AddPartitionsToTxnTopicResult = struct("AddPartitionsToTxnTopicResult", {
  name: field("0+", string),
  resultsByPartition: field("0+", array(AddPartitionsToTxnPartitionResult)),
});

/** What became of each partition. */
export const AddPartitionsToTxnResponse = response({
  apiKey: 24,
  validVersions: "0-5",
  flexibleVersions: "3+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    /** What is wrong with the whole; up to version 3 each partition says so instead. */
    errorCode: field("4+", int16, { ignorable: true }),
    /** From version 4 on. */
    resultsByTransaction: field(
      "4+",
      array(
        struct("AddPartitionsToTxnResult", {
          transactionalId: field("4+", string),
          topicResults: field("4+", array(AddPartitionsToTxnTopicResult)),
        }),
      ),
    ),
    /** Up to version 3. */
    resultsByTopicV3AndBelow: field("0-3", array(AddPartitionsToTxnTopicResult)),
  },
});
export type AddPartitionsToTxnResponse = Infer<typeof AddPartitionsToTxnResponse>;
