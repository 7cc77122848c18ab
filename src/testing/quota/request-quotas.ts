/** What one request uses of its client's quotas, and how long the client is to wait for it. */

import { Refusal } from "../error-code.ts";
import type { ClientQuotas, QuotaClient } from "./client-quotas.ts";

export interface RequestQuotas {
  /** A fetch gives no more bytes than this, so that one answer alone is not too much. */
  readonly mostFetchBytes: number;
  /**
   * Notes the bytes of records that a fetch is about to give. Where the answer is true it is too much: none of them
   * is given, and the client gets an empty answer.
   */
  isTooMuchToFetch(bytes: number): boolean;
  /**
   * Notes that the controller is asked for so many partitions to be made or deleted.
   *
   * @param partitions is asked for only where there are quotas for it
   * @param isStrict whether the client knows the error for what comes when too much was done before
   * @throws Refusal then.
   */
  mutate(partitions: () => number, isStrict: boolean): void;
}

const PRODUCE = "Produce";
const FETCH = "Fetch";

/** Where there are no quotas. */
export const NO_QUOTAS: RequestQuotas = {
  mostFetchBytes: Number.POSITIVE_INFINITY,
  isTooMuchToFetch: () => false,
  mutate: () => {},
};

export class CountedRequest implements RequestQuotas {
  readonly #quotas: ClientQuotas;
  readonly #client: QuotaClient;
  readonly #api: string;
  readonly #size: number;
  readonly #nowMs: () => number;
  readonly #startMs: number;
  #handledAtMs: number | null = null;
  /** How long to wait for a fetch, once that is known. */
  #fetchWaitMs: number | null = null;
  #mutationWaitMs = 0;

  /**
   * @param size of the request in bytes, without its header
   * @param nowMs in milliseconds from an arbitrary start, with fractions
   */
  constructor(quotas: ClientQuotas, client: QuotaClient, api: string, size: number, nowMs: () => number) {
    this.#quotas = quotas;
    this.#client = client;
    this.#api = api;
    this.#size = size;
    this.#nowMs = nowMs;
    this.#startMs = nowMs();
  }

  get mostFetchBytes(): number {
    return this.#quotas.mostAtOnce("consumer_byte_rate", this.#client);
  }

  isTooMuchToFetch(bytes: number): boolean {
    const ofTime = this.#timeWaitMs();
    const ofBytes = this.#quotas.record("consumer_byte_rate", this.#client, bytes);
    this.#fetchWaitMs = Math.max(ofTime, ofBytes);
    if (this.#fetchWaitMs === 0) return false;
    this.#quotas.takeBack("consumer_byte_rate", this.#client, bytes);
    return true;
  }

  mutate(partitions: () => number, isStrict: boolean): void {
    if (!this.#quotas.store.has("controller_mutation_rate")) return;
    const permits = partitions();
    this.#mutationWaitMs = this.#quotas.mutationWaitMs(this.#client);
    if (isStrict && this.#mutationWaitMs > 0) {
      throw new Refusal("THROTTLING_QUOTA_EXCEEDED", "The throttling quota has been exceeded.");
    }
    this.#quotas.mutated(this.#client, permits);
    if (!isStrict) this.#mutationWaitMs = this.#quotas.mutationWaitMs(this.#client);
  }

  /** The handler is through; its answer may still be to come. */
  handled(): void {
    this.#handledAtMs = this.#nowMs();
  }

  /** The request is over: how long its client is to wait. */
  finish(isAnswered: boolean): number {
    if (this.#api === FETCH && this.#fetchWaitMs !== null) return this.#fetchWaitMs;
    const ofBytes =
      this.#api === PRODUCE ? this.#quotas.record("producer_byte_rate", this.#client, this.#size) : 0;
    // Kafka does not count the time of what it does not answer.
    const ofTime = isAnswered ? this.#timeWaitMs() : 0;
    return Math.max(ofBytes, ofTime, this.#mutationWaitMs);
  }

  /** A share of a thread's time in percent, of which there are as many as the broker has threads times a hundred. */
  #timeWaitMs(): number {
    const tookMs = (this.#handledAtMs ?? this.#nowMs()) - this.#startMs;
    const waitMs = this.#quotas.record("request_percentage", this.#client, tookMs / 10);
    return Math.min(waitMs, this.#quotas.windows.sizeMs);
  }
}
