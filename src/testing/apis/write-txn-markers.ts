/**
 * WriteTxnMarkers, v1-2: markers of transactions, from coordinators, and from an admin that aborts a transaction that
 * hangs (KIP-664).
 *
 * - v2: of which version the transaction is (KIP-1228).
 *
 * Differs from Kafka: no v0; coordinators here write their markers without it.
 */

import {
  WriteTxnMarkersRequest,
  WriteTxnMarkersResponse,
} from "../../protocol/messages/write-txn-markers.ts";
import type { Infer } from "../../protocol/schema.ts";
import { type RequestContext, serve } from "../api.ts";
import { errorNumber, NONE, Refusal } from "../error-code.ts";
import { CLUSTER_NAME } from "../security/authorizer.ts";

type Request = Infer<typeof WriteTxnMarkersRequest>;
type Marker = Request["markers"][number];

const UNKNOWN_TOPIC_OR_PARTITION = errorNumber("UNKNOWN_TOPIC_OR_PARTITION");

export const WriteTxnMarkers = serve({
  request: WriteTxnMarkersRequest,
  response: WriteTxnMarkersResponse,
  refuse: ({ markers }, errorCode) => ({ markers: markers.map((marker) => answer(marker, () => errorCode)) }),
  handle: ({ markers }, context) => {
    const { allows } = context;
    if (!allows("ALTER", "CLUSTER", CLUSTER_NAME) && !allows("CLUSTER_ACTION", "CLUSTER", CLUSTER_NAME)) {
      throw new Refusal("CLUSTER_AUTHORIZATION_FAILED", "Cluster authorization failed.");
    }
    return {
      markers: markers.map((marker) =>
        answer(marker, (topic, index) => write(marker, topic, index, context)),
      ),
    };
  },
});

function answer({ producerId, topics }: Marker, errorOf: (topic: string, index: number) => number) {
  return {
    producerId,
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => ({
        partitionIndex,
        errorCode: errorOf(name, partitionIndex),
      })),
    })),
  };
}

function write(marker: Marker, topic: string, index: number, context: RequestContext): number {
  const { cluster, broker, injected } = context;
  const fault = injected({ topic, partition: index });
  if (fault !== NONE) return fault;
  const partition = cluster.topics.partition(topic, index);
  // What another broker leads is not known here, as far as Kafka's answer goes.
  if (partition === undefined || partition.leader !== broker.id) return UNKNOWN_TOPIC_OR_PARTITION;
  const {
    producerId,
    producerEpoch,
    transactionResult: isCommit,
    coordinatorEpoch,
    transactionVersion,
  } = marker;
  const error = cluster.transactions.mark(partition, {
    producerId,
    producerEpoch,
    isCommit,
    coordinatorEpoch,
    transactionVersion,
  });
  return errorNumber(error);
}
