/** A transaction as a function that runs within it sees it. */

import { KafkaError } from "../../../protocol/errors.ts";
import type { ConsumerGroupMetadata } from "../../consumer-group-metadata.ts";
import { ClosedError, messageOf } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { OffsetToCommit } from "../../offset-to-commit.ts";
import { orAborted } from "../../retry.ts";
import type { DeliveryCallback } from "../delivery.ts";
import type { ProducerRecord, RecordMetadata } from "../record.ts";
import { illegal } from "./transaction-failures.ts";
import type { TransactionCallOptions, TransactionManager } from "./transaction-manager.ts";

/** Sends records, as a producer does. */
export interface RecordSender<R> {
  send(record: R, options?: TransactionCallOptions): Promise<RecordMetadata>;
  send(records: readonly R[], options?: TransactionCallOptions): Promise<RecordMetadata[]>;
  enqueue(record: R, callback?: DeliveryCallback | null): boolean;
}

/** What `producer.transaction` gives to its function. It can be used until that function is done. */
export class Transaction<R = ProducerRecord> implements RecordSender<R> {
  readonly #manager: TransactionManager;
  readonly #sender: RecordSender<R>;
  readonly #number: number;
  #isOver = false;

  constructor(manager: TransactionManager, sender: RecordSender<R>) {
    this.#manager = manager;
    this.#sender = sender;
    this.#number = manager.state.number;
  }

  /**
   * Sends one record or several as part of the transaction. It need not be awaited: where a record fails, the
   * transaction is not committed.
   */
  send(record: R, options?: TransactionCallOptions): Promise<RecordMetadata>;
  send(records: readonly R[], options?: TransactionCallOptions): Promise<RecordMetadata[]>;
  send(
    records: R | readonly R[],
    options?: TransactionCallOptions,
  ): Promise<RecordMetadata | RecordMetadata[]> {
    try {
      this.#check("send a record");
      return this.#sender.send(records as R, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Takes a record as part of the transaction, as the producer's `enqueue` does. */
  enqueue(record: R, callback: DeliveryCallback | null = null): boolean {
    this.#check("send a record");
    return this.#sender.enqueue(record, callback);
  }

  /**
   * Makes offsets of a consumer group part of the transaction: the group goes on behind the records that were
   * processed if it is committed, and before them if it is not (KIP-98, KIP-447).
   */
  async sendOffsets(
    offsets: readonly OffsetToCommit[],
    group: ConsumerGroupMetadata,
    options?: TransactionCallOptions,
  ): Promise<void> {
    this.#check("send offsets");
    await this.#manager.sendOffsets(offsets, group, options);
  }

  /** Takes nothing more. */
  end(): void {
    this.#isOver = true;
  }

  #check(what: string): void {
    if (!this.#isOver && this.#manager.state.number === this.#number) return;
    throw illegal(
      this.#manager.transactionalId,
      what,
      "the function of this transaction is done. Await what it begins before it returns",
    );
  }
}

/**
 * Begins a transaction, runs `work` in it, and commits it; where that throws, aborts it and throws the same.
 *
 * Once the commit has begun, the signal is no longer looked at.
 */
export async function runTransaction<R, T>(
  manager: TransactionManager,
  sender: RecordSender<R>,
  work: (transaction: Transaction<R>) => Promise<T> | T,
  { signal, logger }: TransactionCallOptions & { readonly logger: Logger },
): Promise<T> {
  await manager.begin({ signal });
  const transaction = new Transaction(manager, sender);
  try {
    const running = (async () => work(transaction))();
    const result = await (signal === undefined ? running : orAborted(running, signal));
    transaction.end();
    await manager.commit();
    return result;
  } catch (error) {
    transaction.end();
    await abortAfter(manager, error, logger);
    throw lostWith(manager, error) ?? error;
  }
}

/**
 * That the producer is lost, as when another took over its id. Where a record's failure has shown it, that is one of
 * its signs, and stands beside the error as `suppressed`; an error of the user's own is told as it is.
 */
function lostWith(manager: TransactionManager, error: unknown): Error | null {
  const { phase } = manager.state;
  const loss = phase === "fatal error" ? manager.failure() : null;
  if (!(loss instanceof KafkaError) || loss instanceof ClosedError) return null;
  if (!(error instanceof KafkaError) || error.fatal) return null;
  // Each failure is told as it is kept, to all who ask.
  const told = new KafkaError(loss.code, loss.message, { cause: loss.cause, fatal: true });
  Object.defineProperty(told, "suppressed", { value: error, configurable: true, writable: true });
  return told;
}

/** Aborts the transaction if that can be done. That it cannot is told beside the error, and never in its stead. */
async function abortAfter(manager: TransactionManager, error: unknown, logger: Logger): Promise<void> {
  const { phase } = manager.state;
  if (phase !== "in transaction" && phase !== "abortable error") return;
  try {
    await manager.abort();
  } catch (failure) {
    logger.warn(`A transaction that failed could not be aborted either: ${messageOf(failure)}`);
    // The name that JavaScript's own SuppressedError gives to it.
    if (error instanceof Error && Object.isExtensible(error) && !("suppressed" in error)) {
      Object.defineProperty(error, "suppressed", { value: failure, configurable: true, writable: true });
    }
  }
}
