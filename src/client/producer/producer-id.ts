/** The identity of a producer without transactions: any broker gives it a producer id (KIP-98). */

import type { Timer } from "../../platform/platform.ts";
import { InitProducerId } from "../api.ts";
import type { Cluster } from "../cluster.ts";
import { BrokerError, isRetriable, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { IdentitySource, ProducerIdentity } from "./identity.ts";

const NO_TRANSACTION_TIMEOUT = 0x7fff_ffff;

/** What brokers before Kafka 2.8 want beside the right to write (KIP-679). */
const GRANT =
  "grant the principal WRITE on a topic, or before Kafka 2.8 IDEMPOTENT_WRITE on the cluster, or set enableIdempotence: false";

/** Asks for a producer id when one is needed, and as often as it takes. */
export class ProducerIdSource implements IdentitySource {
  readonly isTransactional = false;
  readonly lastProduceVersion = Number.POSITIVE_INFINITY;
  onChange: () => void = () => {};
  readonly #cluster: Cluster;
  readonly #requestTimeoutMs: number;
  readonly #logger: Logger;
  #identity: ProducerIdentity | null = null;
  #isAsking = false;
  #failure: Error | null = null;
  #trouble: unknown = null;
  #pause: Timer | null = null;
  #isClosed = false;

  constructor(cluster: Cluster, requestTimeoutMs: number, logger: Logger) {
    this.#cluster = cluster;
    this.#requestTimeoutMs = requestTimeoutMs;
    this.#logger = logger;
  }

  current(): ProducerIdentity | null {
    if (this.#identity === null && !this.#isAsking && this.#failure === null && !this.#isClosed) {
      this.#isAsking = true;
      void this.#ask(1);
    }
    return this.#identity;
  }

  renew(refused: ProducerIdentity): void {
    if (this.#identity?.producerId === refused.producerId) this.#identity = null;
    this.current();
  }

  failure(): Error | null {
    return this.#failure;
  }

  trouble(): unknown {
    return this.#trouble;
  }

  admits(): boolean {
    return true;
  }

  batchFailed(): void {}

  close(): void {
    this.#isClosed = true;
    this.#pause?.cancel();
  }

  /** Never rejects: whatever happens is an answer to the batches that wait. */
  async #ask(attempt: number): Promise<void> {
    try {
      const value = { transactionalId: null, transactionTimeoutMs: NO_TRANSACTION_TIMEOUT };
      const { response, version, broker } = await this.#cluster.requestAny(InitProducerId, value, {
        timeoutMs: this.#requestTimeoutMs,
      });
      if (response.errorCode !== 0) {
        throw new BrokerError(response.errorCode, {
          broker,
          apiKey: InitProducerId.apiKey,
          apiVersion: version,
          ...(response.errorCode === CLUSTER_AUTHORIZATION_FAILED ? { remedy: GRANT } : {}),
        });
      }
      const { producerId, producerEpoch } = response;
      this.#identity = { producerId, producerEpoch };
      this.#trouble = null;
      this.#isAsking = false;
      this.onChange();
    } catch (error) {
      this.#failed(attempt, error);
    }
  }

  #failed(attempt: number, error: unknown): void {
    this.#trouble = error;
    if (this.#isClosed) return;
    if (!isRetriable(error)) {
      this.#failure = error as Error;
      this.onChange();
      return;
    }
    this.#logger.debug(`The producer has no id yet, and asks again: ${messageOf(error)}`);
    // Batches have their own time; while there is none, nobody needs the id.
    this.#pause = this.#cluster.clock.setTimer(
      this.#cluster.retryDelayMs(attempt),
      () => void this.#ask(attempt + 1),
      { background: true },
    );
  }
}

const CLUSTER_AUTHORIZATION_FAILED = 31;
