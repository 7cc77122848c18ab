/** What becomes of batches: whoever waits is told, or they are made ready to be sent again. */

import type { CompressionCodec } from "../../protocol/records/compression-type.ts";
import { Produce } from "../api.ts";
import type { Cluster } from "../cluster.ts";
import { BrokerError, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { ProducerObserver } from "../observe/producer-observer.ts";
import type { Accumulator, PartitionQueue } from "./accumulator.ts";
import type { Acknowledgement, ProducerBatch } from "./batch.ts";
import { deliveryFailed, deliveryTimedOut, recordsRefused } from "./delivery-errors.ts";
import type { IdentitySource } from "./identity.ts";
import { outcomeOf } from "./outcome.ts";
import type { PartitionAnswer } from "./produce-request.ts";
import type { Sequencer } from "./sequencer.ts";
import { splitBatch } from "./split-batch.ts";

/** What a settler is made of. */
export interface SettlerOptions {
  readonly codec: CompressionCodec | null;
  /** Infinity for no end. */
  readonly deliveryTimeoutMs: number;
  readonly retries: number;
  /** Null without idempotence. */
  readonly identity: IdentitySource | null;
  readonly sequencer: Sequencer | null;
  readonly logger: Logger;
  readonly observer: ProducerObserver;
  /** The leader of a topic's partition has to be looked up again. */
  readonly refresh: (topic: string) => void;
  /** There may be something to send. */
  readonly wake: () => void;
}

/** Where an answer came from. */
export interface AnsweredBy {
  readonly broker: string;
  readonly version: number;
}

/** What a user can do about an error that no retry helps. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  ["MESSAGE_TOO_LARGE", "raise the topic's max.message.bytes, or lower the size of the value"],
  ["RECORD_LIST_TOO_LARGE", "raise the topic's segment.bytes, or lower the size of the value"],
  ["TOPIC_AUTHORIZATION_FAILED", "the principal needs the WRITE right on the topic"],
  ["INVALID_REQUIRED_ACKS", 'acks must be 0, 1 or "all"'],
  ["INVALID_RECORD", "the broker refuses the record, for instance one without a key in a compacted topic"],
]);

const NOT_TOLD: Acknowledgement = { baseOffset: -1n, logAppendTimeMs: -1 };

/** Brings each attempt to its end. */
export class Settler {
  readonly #cluster: Cluster;
  readonly #accumulator: Accumulator;
  readonly #options: SettlerOptions;

  constructor(cluster: Cluster, accumulator: Accumulator, options: SettlerOptions) {
    this.#cluster = cluster;
    this.#accumulator = accumulator;
    this.#options = options;
  }

  /** A request without an answer was handed to the connection. */
  handedOver(queue: PartitionQueue, batch: ProducerBatch): void {
    batch.isOnTheWay = false;
    // The stream may still read its bytes.
    this.#acknowledged(queue, batch, NOT_TOLD, false);
  }

  /** What the broker said of a batch; undefined where it left it out. */
  answered(
    queue: PartitionQueue,
    batch: ProducerBatch,
    answer: PartitionAnswer | undefined,
    { broker, version }: AnsweredBy,
  ): void {
    const { topic, partition } = batch;
    if (answer === undefined) {
      const message = `Broker ${broker} left topic "${topic}", partition ${partition} out of its answer to Produce`;
      this.failed(queue, batch, new BrokerError(-1, { brokerMessage: message, retriable: true }));
      return;
    }
    const { errorCode, baseOffset, logAppendTimeMs } = answer;
    if (errorCode === 0) {
      batch.isOnTheWay = false;
      this.#acknowledged(queue, batch, { baseOffset, logAppendTimeMs: Number(logAppendTimeMs) }, true);
      return;
    }
    const { code } = new BrokerError(errorCode);
    const remedy = REMEDIES.get(code);
    const error = new BrokerError(errorCode, {
      broker,
      apiVersion: version,
      apiKey: Produce.apiKey,
      topic,
      partition,
      brokerMessage: answer.errorMessage,
      ...(remedy === undefined ? {} : { remedy }),
    });
    this.failed(queue, batch, error, answer);
  }

  /** An attempt brought no acknowledgement. */
  failed(queue: PartitionQueue, batch: ProducerBatch, error: unknown, answer?: PartitionAnswer): void {
    const { identity, sequencer, retries, logger, observer } = this.#options;
    const outcome = outcomeOf(error, {
      recordCount: batch.recordCount,
      isWritten: batch.isWritten,
      baseOffset: answer?.baseOffset ?? null,
      isIdempotent: identity !== null,
      isTransactional: identity?.isTransactional ?? false,
    });
    batch.isOnTheWay = false;
    if (outcome.isLeaderStale) this.#options.refresh(batch.topic);
    if (outcome.step === "acknowledge") {
      this.#acknowledged(queue, batch, { baseOffset: answer?.baseOffset ?? -1n, logAppendTimeMs: -1 }, true);
      return;
    }
    batch.attempts++;
    batch.lastFailure = error;
    batch.mayBeWritten ||= outcome.mayBeWritten;
    const isOutOfOrder = outcome.step === "out of order" || outcome.step === "renew";
    sequencer?.note(queue, {
      type: isOutOfOrder ? "out of order" : outcome.mayBeWritten ? "in doubt" : "refused",
      batch,
    });
    if (outcome.step === "renew") sequencer?.refuse(queue);
    if (batch.isSettled) {
      // Its time was up before; it has only held its memory until now.
      this.#end(queue, batch, false);
      return;
    }
    if (outcome.step === "split") {
      observer.failed(batch, error, true);
      void this.#split(queue, batch);
      return;
    }
    const isFinal =
      outcome.step === "fail" ||
      batch.attempts > retries ||
      (isOutOfOrder && this.#endsTransaction(queue, batch));
    if (isFinal) {
      this.fail(queue, batch, error, answer);
      return;
    }
    observer.failed(batch, error, true);
    logger.debug(`Records for ${batch.topic}-${batch.partition} will be sent again: ${messageOf(error)}`);
    const delayMs = isOutOfOrder && batch.attempts === 1 ? 0 : this.#cluster.retryDelayMs(batch.attempts);
    queue.notBeforeMs = this.#cluster.clock.monotonicMs() + delayMs;
  }

  /**
   * Ends a batch for good. One that is on its way stays, and keeps its memory, until there is an answer or none can
   * come.
   */
  fail(queue: PartitionQueue, batch: ProducerBatch, cause: unknown, answer?: PartitionAnswer): void {
    if (batch.isSettled) return;
    // A request that waits within its connection may still go out.
    const mayBeWritten = batch.mayBeWritten || batch.isOnTheWay;
    const refused = answer?.recordErrors ?? [];
    if (refused.length > 0 && cause instanceof BrokerError) {
      this.#settleFailed(queue, batch, cause, mayBeWritten, recordsRefused(batch, refused, cause));
      return;
    }
    const error = deliveryFailed(batch, cause, mayBeWritten);
    this.#settleFailed(queue, batch, cause, mayBeWritten, () => error);
  }

  /** The batch's time is up. */
  expire(queue: PartitionQueue, batch: ProducerBatch): void {
    const mayBeWritten = batch.mayBeWritten || batch.isOnTheWay;
    batch.lastFailure ??= this.#options.identity?.trouble() ?? null;
    const why = batch.lastFailure === null ? this.#cluster.diagnosis() : messageOf(batch.lastFailure);
    const error = deliveryTimedOut(batch, this.#options.deliveryTimeoutMs, mayBeWritten, why);
    this.#settleFailed(queue, batch, error, mayBeWritten, () => error);
  }

  #settleFailed(
    queue: PartitionQueue,
    batch: ProducerBatch,
    cause: unknown,
    mayBeWritten: boolean,
    errorOf: (index: number) => Error,
  ): void {
    const { observer, logger, identity } = this.#options;
    observer.failed(batch, cause, false);
    if (batch.hasUnwatched) {
      logger.error(`Records that nobody waits for were not delivered: ${messageOf(errorOf(0))}`);
    }
    // Before anybody is told: who sends again at once gets another batch, and finds the memory of this one free.
    if (!batch.isOnTheWay) this.#end(queue, batch, batch.sentTo === null);
    identity?.batchFailed(batch.topic, batch.partition, cause, mayBeWritten);
    batch.fail(errorOf, (thrown) => this.#callbackThrew(thrown));
  }

  #acknowledged(
    queue: PartitionQueue,
    batch: ProducerBatch,
    acknowledgement: Acknowledgement,
    isUnread: boolean,
  ): void {
    this.#options.sequencer?.note(queue, { type: "acknowledged", batch });
    this.#options.observer.delivered(batch, acknowledgement);
    // Where an attempt before this one got no answer, its bytes may still lie in a socket.
    this.#accumulator.remove(queue, batch, isUnread && batch.attempts === 0);
    batch.acknowledge(acknowledgement, (thrown) => this.#callbackThrew(thrown));
  }

  #end(queue: PartitionQueue, batch: ProducerBatch, isUnread: boolean): void {
    this.#options.sequencer?.note(queue, { type: "ended", batch });
    this.#accumulator.remove(queue, batch, isUnread && batch.attempts === 0);
  }

  /** In a transaction a batch that is first and yet out of order cannot be numbered anew. */
  #endsTransaction(queue: PartitionQueue, batch: ProducerBatch): boolean {
    if (this.#options.identity?.isTransactional !== true) return false;
    return queue.sequences?.breakAt === 0 && queue.sequences.batches[0]?.batch === batch;
  }

  /** Never rejects. */
  async #split(queue: PartitionQueue, batch: ProducerBatch): Promise<void> {
    const { codec, sequencer, logger, wake } = this.#options;
    batch.isBeingSplit = true;
    try {
      const parts = await splitBatch(batch, codec, (size) =>
        this.#accumulator.newBatch(queue, size, batch.createdAtMs),
      );
      // Its time may have been up meanwhile.
      if (batch.isSettled) return;
      const event = parts.map((part) => ({ batch: part, recordCount: part.recordCount }));
      sequencer?.note(queue, { type: "split", batch, parts: event });
      batch.handOverTo(parts);
      this.#accumulator.split(queue, batch, parts);
      logger.debug(
        `${batch.recordCount} records for ${batch.topic}-${batch.partition} go in smaller batches`,
      );
    } catch (error) {
      this.fail(queue, batch, error);
    }
    wake();
  }

  #callbackThrew(thrown: unknown): void {
    this.#options.logger.error(`A delivery callback threw, which changes nothing: ${messageOf(thrown)}`);
  }
}
