/**
 * Whether a batch of a transaction may be appended (KIP-890): the transaction has to know of the partition before
 * anything of it stands there, or nothing would ever end it. Asked by whoever leads the partition, of the coordinator.
 *
 * - The first part: the partition has to have been added, which is verified.
 * - The second part: a client of transactions of the second version adds nothing itself; it is added now.
 *
 * Differs from Kafka: where the last transaction is still ending, the client is answered so at once, and not only after
 * 100 ms of trying again.
 */

import type { RecordBatch } from "../../protocol/records/record-batch.ts";
import type { RequestContext } from "../api.ts";
import { Refusal } from "../error-code.ts";
import type { Partition } from "../topics/partition.ts";
import type { ProducerIdentity } from "./transaction-state.ts";

/** What the client, by the version of its request, expects of the leader. */
export type TransactionSupport =
  /** It knows no error that says that the transaction has to be aborted. */
  | "old"
  /** It knows TRANSACTION_ABORTABLE. */
  | "abortable"
  /** It leaves it to the leader to add partitions. */
  | "adds";

/** Versions of Produce. */
const FIRST_VERSION_WITH_ABORTABLE = 11;
const FIRST_VERSION_THAT_ADDS = 12;

/**
 * Holds a batch of Produce against its transaction, where it is of one.
 *
 * @throws Refusal with what Kafka makes of it for producers.
 */
export function checkVerified(
  partition: Partition,
  transactionalId: string | null,
  batch: RecordBatch,
  context: RequestContext,
): void {
  if (transactionalId === null || !batch.isTransactional || batch.producerId < 0n) return;
  const { version } = context;
  const support =
    version >= FIRST_VERSION_THAT_ADDS
      ? "adds"
      : version >= FIRST_VERSION_WITH_ABORTABLE
        ? "abortable"
        : "old";
  const error = verificationError(partition, transactionalId, batch, batch.baseSequence, support, context);
  switch (error) {
    case "NONE":
      return;
    case "INVALID_TXN_STATE":
      throw new Refusal(error, "Partition was not added to the transaction");
    case "CONCURRENT_TRANSACTIONS":
      if (support === "adds") throw new Refusal(error, "The last transaction is still ending");
      throw unable(error);
    case "COORDINATOR_NOT_AVAILABLE":
      throw unable(error);
    default:
      throw new Refusal(error, `The transaction of ${transactionalId} does not go on`);
  }
}

/** An error that each producer tries again with, without new metadata. */
function unable(error: string): Refusal {
  return new Refusal(
    "NOT_ENOUGH_REPLICAS",
    `Unable to verify the partition has been added to the transaction. Underlying error: ${error}`,
  );
}

/**
 * Holds what is to be appended against its transaction.
 *
 * @returns the name of an error; `NONE` where nothing stands in the way
 */
export function verificationError(
  partition: Partition,
  transactionalId: string,
  producer: ProducerIdentity,
  baseSequence: number,
  support: TransactionSupport,
  { cluster }: RequestContext,
): string {
  const { release, configs, coordinators, transactions } = cluster;
  if (!release.verifiesTransactions) return "NONE";
  if (!configs.boolean("transaction.partition.verification.enable") && support !== "adds") return "NONE";
  const { producers } = partition.log;
  const known = producers.get(producer.producerId);
  const isOpen = known !== undefined && known.transactionStart !== null;
  // With the second version, the one that is open may be the one before.
  if (isOpen && (!release.hasTransactionsV2 || known.producerEpoch === producer.producerEpoch)) return "NONE";
  const adds = support === "adds";
  producers.verifying(producer, baseSequence, adds);
  if (coordinators.coordinatorOf("transaction", transactionalId) === null) return "COORDINATOR_NOT_AVAILABLE";
  const place = { topic: partition.topicName, partition: partition.index };
  const error = adds
    ? transactions.addPartitions(transactionalId, producer, [place], 2)
    : transactions.verify(transactionalId, producer, place);
  if (error === "PRODUCER_FENCED") return "INVALID_PRODUCER_EPOCH";
  return error === "TRANSACTION_ABORTABLE" && support === "old" ? "INVALID_TXN_STATE" : error;
}
