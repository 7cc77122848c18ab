/**
 * WriteTxnMarkers (key 27, KIP-98): has the markers written that end a transaction in each of its partitions.
 * The coordinator of the transaction sends it to their leaders. Admin clients can send it too, to abort a
 * transaction that hangs in a partition (KIP-664).
 *
 * Versions: 1 is flexible; 2 says by which rules the epoch is checked (KIP-1228). Kafka 4.0 dropped 0.
 *
 * Errors of a partition:
 *
 * - NOT_LEADER_OR_FOLLOWER, UNKNOWN_TOPIC_OR_PARTITION, KAFKA_STORAGE_ERROR: find the leader again and send
 *   it there.
 * - NOT_ENOUGH_REPLICAS, NOT_ENOUGH_REPLICAS_AFTER_APPEND, REQUEST_TIMED_OUT: send it again.
 * - INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED: a later epoch of the producer, or a later
 *   coordinator, has been there. Give up.
 * - CLUSTER_AUTHORIZATION_FAILED: the principal may neither act as a broker nor alter the cluster. Nothing to
 *   retry.
 */

import { bool, int8, int16, int32, int64, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Markers of any number of transactions, for partitions that this broker leads. */
export const WriteTxnMarkersRequest = request({
  apiKey: 27,
  validVersions: "1-2",
  flexibleVersions: "1+",
  fields: {
    markers: field(
      "0+",
      array(
        struct("WritableTxnMarker", {
          producerId: field("0+", int64),
          /**
           * With a `transactionVersion` of 2 it has to be higher than that of the transaction's batches; with
           * a lower one, equal is enough.
           */
          producerEpoch: field("0+", int16),
          /** True for a commit, false for an abort. */
          transactionResult: field("0+", bool),
          topics: field(
            "0+",
            array(
              struct("WritableTxnMarkerTopic", {
                name: field("0+", string),
                partitionIndexes: field("0+", array(int32)),
              }),
            ),
          ),
          /**
           * Leader epoch of the coordinator's partition of `__transaction_state`, by which a coordinator that
           * was replaced is told from its successor.
           */
          coordinatorEpoch: field("0+", int32),
          /**
           * Level of the feature `transaction.version` that the transaction runs under. From 2 on, the epoch
           * rises with each transaction.
           */
          transactionVersion: field("2+", int8, { ignorable: true }),
        }),
      ),
    ),
  },
});
export type WriteTxnMarkersRequest = Infer<typeof WriteTxnMarkersRequest>;

/** What became of each marker. */
export const WriteTxnMarkersResponse = response({
  apiKey: 27,
  validVersions: "1-2",
  flexibleVersions: "1+",
  fields: {
    markers: field(
      "0+",
      array(
        struct("WritableTxnMarkerResult", {
          producerId: field("0+", int64),
          topics: field(
            "0+",
            array(
              struct("WritableTxnMarkerTopicResult", {
                name: field("0+", string),
                partitions: field(
                  "0+",
                  array(
                    struct("WritableTxnMarkerPartitionResult", {
                      partitionIndex: field("0+", int32),
                      errorCode: field("0+", int16),
                    }),
                  ),
                ),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type WriteTxnMarkersResponse = Infer<typeof WriteTxnMarkersResponse>;
