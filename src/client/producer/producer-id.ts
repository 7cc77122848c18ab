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

/** Asks for a producer id while one is needed, and as often as it takes: a right may be granted meanwhile. */
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
  #failedAttempts = 0;
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
      void this.#ask();
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
  async #ask(): Promise<void> {
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
      this.#failedAttempts = 0;
      this.#isAsking = false;
      this.onChange();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#trouble = error;
    if (this.#isClosed) return;
    this.#failedAttempts++;
    this.#logger.debug(`The producer has no id yet: ${messageOf(error)}`);
    // Who still needs it then asks again. It keeps the process alive, since batches may have no time of their own.
    this.#pause = this.#cluster.clock.setTimer(this.#cluster.retryDelayMs(this.#failedAttempts), () => {
      this.#failure = null;
      this.#isAsking = false;
      this.onChange();
    });
    if (isRetriable(error)) return;
    this.#failure = error as Error;
    this.onChange();
  }
}

const CLUSTER_AUTHORIZATION_FAILED = 31;
