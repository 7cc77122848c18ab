/**
 * Transactions as a producer holds them. Their code is loaded with the first call that needs it, since most producers
 * have none; until then no transaction can be running, and nothing can be sent.
 */

import { KafkaError } from "../../../protocol/errors.ts";
import type { Cluster } from "../../cluster.ts";
import type { Coordinators } from "../../coordinators.ts";
import { orAborted } from "../../retry.ts";
import type { DeliveryCallback } from "../delivery.ts";
import type { IdentitySource, ProducerIdentity } from "../identity.ts";
import type { RecordSender, Transaction } from "./transaction.ts";
import { illegal, NO_TRANSACTION } from "./transaction-failures.ts";
import type {
  TransactionCallOptions,
  TransactionManager,
  TransactionOptions,
  TransactionRecords,
} from "./transaction-manager.ts";

/** What is loaded. */
interface Loaded {
  readonly manager: TransactionManager;
  readonly runTransaction: typeof import("./transaction.ts").runTransaction;
}

/** The transactions of one producer. */
export class LazyTransactions implements IdentitySource {
  readonly isTransactional = true;
  onChange: () => void = () => {};
  readonly #cluster: Cluster;
  readonly #coordinators: Coordinators;
  readonly #options: TransactionOptions;
  readonly #records: TransactionRecords;
  #loaded: Loaded | null = null;
  #loading: Promise<Loaded> | null = null;
  #isClosed = false;

  /** @param records Who keeps the records. */
  constructor(
    cluster: Cluster,
    coordinators: Coordinators,
    options: TransactionOptions,
    records: TransactionRecords,
  ) {
    this.#cluster = cluster;
    this.#coordinators = coordinators;
    this.#options = options;
    this.#records = records;
  }

  /** Calls at once where transactions are loaded, and else as soon as they are. */
  async with<T>(
    call: (manager: TransactionManager) => Promise<T>,
    { signal }: TransactionCallOptions = {},
  ): Promise<T> {
    return call((this.#loaded ?? (await this.#load(signal))).manager);
  }

  /** Runs `work` in a transaction of its own. */
  async run<R, T>(
    sender: RecordSender<R>,
    work: (transaction: Transaction<R>) => Promise<T> | T,
    { signal }: TransactionCallOptions,
  ): Promise<T> {
    const { manager, runTransaction } = this.#loaded ?? (await this.#load(signal));
    return runTransaction(manager, sender, work, { signal, logger: this.#options.logger });
  }

  /** @throws KafkaError when no record can be sent now. */
  sending<T>(send: () => Promise<T>): Promise<T> {
    return this.#running().sending(send);
  }

  /** @throws KafkaError when no record can be sent now. */
  watching(callback: DeliveryCallback | null): DeliveryCallback {
    return this.#running().watching(callback);
  }

  /** Aborts a transaction that is open, and waits for one that is being ended. */
  async finish(): Promise<void> {
    await this.#loaded?.manager.finish();
  }

  get lastProduceVersion(): number {
    return this.#loaded?.manager.lastProduceVersion ?? Number.POSITIVE_INFINITY;
  }

  current(): ProducerIdentity | null {
    return this.#loaded?.manager.current() ?? null;
  }

  renew(refused: ProducerIdentity): void {
    this.#loaded?.manager.renew(refused);
  }

  failure(): Error | null {
    return this.#loaded?.manager.failure() ?? null;
  }

  trouble(): unknown {
    return this.#loaded?.manager.trouble() ?? null;
  }

  admits(topic: string, partition: number): boolean {
    return this.#loaded?.manager.admits(topic, partition) ?? false;
  }

  batchFailed(topic: string, partition: number, error: unknown, mayBeWritten: boolean): void {
    this.#loaded?.manager.batchFailed(topic, partition, error, mayBeWritten);
  }

  close(): void {
    this.#isClosed = true;
    this.#loaded?.manager.close();
  }

  #running(): TransactionManager {
    if (this.#loaded === null) throw illegal(this.#options.transactionalId, "send a record", NO_TRANSACTION);
    return this.#loaded.manager;
  }

  #load(signal: AbortSignal | undefined): Promise<Loaded> {
    this.#loading ??= this.#import();
    return signal === undefined ? this.#loading : orAborted(this.#loading, signal);
  }

  async #import(): Promise<Loaded> {
    try {
      const [{ TransactionManager: Manager }, { runTransaction }] = await Promise.all([
        import("./transaction-manager.ts"),
        import("./transaction.ts"),
      ]);
      const manager = new Manager(this.#cluster, this.#coordinators, this.#options);
      manager.attach(this.#records);
      manager.onChange = () => this.onChange();
      if (this.#isClosed) manager.close();
      this.#loaded = { manager, runTransaction };
      return this.#loaded;
    } catch (error) {
      // A part of a bundle may come over a network: the next call tries again.
      this.#loading = null;
      throw error;
    }
  }
}

/** The calls of transactions on a producer that has no transactional id. */
export function notTransactional(): KafkaError {
  const message =
    'This producer has no transactions: give it a transactionalId, kafka.producer({ transactionalId: "..." })';
  return new KafkaError("ILLEGAL_TRANSACTION_STATE", message);
}
