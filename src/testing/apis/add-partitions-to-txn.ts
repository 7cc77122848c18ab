/**
 * AddPartitionsToTxn, v0-5: partitions take part in a transaction.
 *
 * - v2: PRODUCER_FENCED instead of INVALID_PRODUCER_EPOCH. v4 and up are for brokers: several transactions at once, and
 *   only a question where `verifyOnly` is set (KIP-890).
 * - One partition that cannot take part keeps out the others of its transaction (OPERATION_NOT_ATTEMPTED).
 */

import {
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
} from "../../protocol/messages/add-partitions-to-txn.ts";
import type { Infer, InferInput } from "../../protocol/schema.ts";
import { type RequestContext, serve } from "../api.ts";
import { errorNumber, NONE, Refusal } from "../error-code.ts";
import { CLUSTER_NAME } from "../security/authorizer.ts";
import { checkMayWrite, checkTransactionalId } from "../transactions/check-transactional-id.ts";
import type { TransactionPartition } from "../transactions/transaction-state.ts";

type Request = Infer<typeof AddPartitionsToTxnRequest>;
type Transaction = Request["transactions"][number];
type Response = InferInput<typeof AddPartitionsToTxnResponse>;
type TopicResults = NonNullable<Response["resultsByTopicV3AndBelow"]>;

const FIRST_VERSION_WITH_FENCED = 2;
const FIRST_VERSION_OF_BROKERS = 4;
const OPERATION_NOT_ATTEMPTED = errorNumber("OPERATION_NOT_ATTEMPTED");
const TOPIC_AUTHORIZATION_FAILED = errorNumber("TOPIC_AUTHORIZATION_FAILED");
const UNKNOWN_TOPIC_OR_PARTITION = errorNumber("UNKNOWN_TOPIC_OR_PARTITION");

export const AddPartitionsToTxn = serve({
  request: AddPartitionsToTxnRequest,
  response: AddPartitionsToTxnResponse,
  refuse: (request, errorCode) => ({
    errorCode,
    resultsByTopicV3AndBelow: results({ topics: request.v3AndBelowTopics }, () => errorCode),
  }),
  handle: (request, context) => {
    if (context.version < FIRST_VERSION_OF_BROKERS) {
      return { resultsByTopicV3AndBelow: resultsOf(soleTransaction(request), context) };
    }
    if (!context.allows("CLUSTER_ACTION", "CLUSTER", CLUSTER_NAME)) {
      throw new Refusal("CLUSTER_AUTHORIZATION_FAILED", "Cluster authorization failed.");
    }
    return {
      resultsByTransaction: request.transactions.map((transaction) => ({
        transactionalId: transaction.transactionalId,
        topicResults: resultsOf(transaction, context),
      })),
    };
  },
});

function soleTransaction(request: Request): Transaction {
  return {
    transactionalId: request.v3AndBelowTransactionalId,
    producerId: request.v3AndBelowProducerId,
    producerEpoch: request.v3AndBelowProducerEpoch,
    verifyOnly: false,
    topics: request.v3AndBelowTopics,
  };
}

function resultsOf(transaction: Transaction, context: RequestContext): TopicResults {
  const { transactionalId, producerId, producerEpoch, verifyOnly, topics } = transaction;
  const { cluster, version } = context;
  try {
    const isClient = version < FIRST_VERSION_OF_BROKERS;
    if (isClient) checkMayWrite(transactionalId, context);
    const partitions = topics.flatMap(({ name: topic, partitions: numbers }) =>
      numbers.map((partition) => ({ topic, partition })),
    );
    const refusals = partitions.map((one) => refusalOf(one, isClient, context));
    if (refusals.some((refusal) => refusal !== NONE)) {
      let index = 0;
      return results(transaction, () => {
        const refusal = refusals[index++] as number;
        return refusal === NONE ? OPERATION_NOT_ATTEMPTED : refusal;
      });
    }
    if (transactionalId === "") throw new Refusal("INVALID_REQUEST", "The transactional id is empty");
    checkTransactionalId(transactionalId, context);
    const producer = { producerId, producerEpoch };
    if (verifyOnly) {
      return results(transaction, (one) =>
        errorNumber(cluster.transactions.verify(transactionalId, producer, one)),
      );
    }
    const error = cluster.transactions.addPartitions(transactionalId, producer, partitions, isClient ? 0 : 2);
    const isOld = version < FIRST_VERSION_WITH_FENCED && error === "PRODUCER_FENCED";
    const errorCode = errorNumber(isOld ? "INVALID_PRODUCER_EPOCH" : error);
    return results(transaction, () => errorCode);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return results(transaction, () => error.errorCode);
  }
}

/** Why the partition cannot take part: the number of an error, 0 where it can. */
function refusalOf(
  { topic, partition }: TransactionPartition,
  isClient: boolean,
  { cluster, allows, injected }: RequestContext,
): number {
  const isInternal = cluster.topics.get(topic)?.isInternal === true;
  if (isClient && (isInternal || !allows("WRITE", "TOPIC", topic))) return TOPIC_AUTHORIZATION_FAILED;
  const fault = injected({ topic, partition });
  if (fault !== NONE) return fault;
  return cluster.topics.partition(topic, partition) === undefined ? UNKNOWN_TOPIC_OR_PARTITION : NONE;
}

function results(
  { topics }: Pick<Transaction, "topics">,
  errorOf: (partition: TransactionPartition) => number,
): TopicResults {
  return topics.map(({ name: topic, partitions }) => ({
    name: topic,
    resultsByPartition: partitions.map((partition) => ({
      partitionIndex: partition,
      partitionErrorCode: errorOf({ topic, partition }),
    })),
  }));
}
