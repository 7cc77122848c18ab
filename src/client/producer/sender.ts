/**
 * Sends batches to the leaders of their partitions and brings the answers back.
 *
 * What must hold: of each partition at most one batch is on its way, and the next waits until that one has
 * settled, so that records of a partition are written in the order of their sending, retries included; every
 * batch settles, at the latest at its delivery deadline.
 */

import type { Timer } from "../../platform/platform.ts";
import type { CompressionCodec } from "../../protocol/records/compression-type.ts";
import type { InferInput } from "../../protocol/schema.ts";
import { type Uuid, ZERO_UUID } from "../../protocol/uuid.ts";
import { Metadata, Produce } from "../api.ts";
import type { Cluster } from "../cluster.ts";
import { BrokerError, isRetriable, messageOf, TimeoutError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { ProducerObserver } from "../observe/producer-observer.ts";
import type { Accumulator, PartitionQueue } from "./accumulator.ts";
import type { Acknowledgement, ProducerBatch } from "./batch.ts";
import { waitsForReplicas } from "./waits-for-replicas.ts";

/** What decides how batches are sent. */
export interface SenderOptions {
  readonly acks: 0 | 1 | -1;
  readonly codec: CompressionCodec | null;
  readonly lingerMs: number;
  readonly maxRequestSize: number;
  readonly requestTimeoutMs: number;
  readonly deliveryTimeoutMs: number;
  readonly retries: number;
  readonly logger: Logger;
  readonly observer: ProducerObserver;
}

/** Produce v13 names topics by id; where a topic has none, v12 is the last that takes its name. */
const LAST_VERSION_BY_NAME = 12;

const LEADER_NOT_AVAILABLE = 5;

/** Errors after which the leader has to be looked up again: it moved, or we took another broker for it. */
const STALE_METADATA = new Set([
  "NOT_LEADER_OR_FOLLOWER",
  "LEADER_NOT_AVAILABLE",
  "FENCED_LEADER_EPOCH",
  "UNKNOWN_LEADER_EPOCH",
  "UNKNOWN_TOPIC_OR_PARTITION",
  "UNKNOWN_TOPIC_ID",
  "INCONSISTENT_TOPIC_ID",
  "KAFKA_STORAGE_ERROR",
  "REPLICA_NOT_AVAILABLE",
]);

/** What a user can do about an error that no retry helps. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  ["MESSAGE_TOO_LARGE", "raise the topic's max.message.bytes, or lower batchSize and the size of the value"],
  ["RECORD_LIST_TOO_LARGE", "raise the topic's segment.bytes, or lower batchSize"],
  ["TOPIC_AUTHORIZATION_FAILED", "the principal needs the WRITE right on the topic"],
  ["INVALID_REQUIRED_ACKS", 'acks must be 0, 1 or "all"'],
  ["INVALID_RECORD", "the broker refuses the record, for instance one without a key in a compacted topic"],
]);

/** Runs the sending of one producer. */
export class Sender {
  readonly #cluster: Cluster;
  readonly #accumulator: Accumulator;
  readonly #options: SenderOptions;
  #flushing = 0;
  #wakeQueued = false;
  #timer: Timer | null = null;
  #timerAtMs = Number.POSITIVE_INFINITY;

  constructor(cluster: Cluster, accumulator: Accumulator, options: SenderOptions) {
    this.#cluster = cluster;
    this.#accumulator = accumulator;
    this.#options = options;
  }

  /**
   * Looks for something to send, after the current run of code: records that are handed over together are then
   * seen together.
   */
  wake(): void {
    if (this.#wakeQueued) return;
    this.#wakeQueued = true;
    queueMicrotask(() => {
      this.#wakeQueued = false;
      this.#sendReady();
    });
  }

  /** Wakes when the batches that are open now have waited long enough. */
  wakeAfterLinger(): void {
    const atMs = this.#cluster.clock.monotonicMs() + this.#options.lingerMs;
    if (atMs < this.#timerAtMs) this.#setTimer(atMs);
  }

  /** Sends all that is there without lingering, and waits until it has settled. */
  async flush(): Promise<void> {
    const batches = this.#accumulator.batches();
    if (batches.length === 0) return;
    this.#flushing++;
    this.wake();
    try {
      await Promise.all(batches.map((batch) => batch.whenSettled()));
    } finally {
      this.#flushing--;
    }
  }

  /** Rejects everything that has not settled. */
  abandon(error: Error): void {
    this.#timer?.cancel();
    for (const batch of this.#accumulator.batches()) this.#fail(batch, error);
  }

  #sendReady(): void {
    const now = this.#cluster.clock.monotonicMs();
    const byLeader = new Map<number, { queues: PartitionQueue[]; bytes: number }>();
    let wakeAtMs = Number.POSITIVE_INFINITY;
    for (const queue of this.#accumulator.queues()) {
      this.#expire(queue, now);
      // A batch that is on its way stays in the queue after its time, and has nothing left to wait for.
      const head = queue.batches.find((batch) => !batch.isSettled);
      if (head === undefined) continue;
      wakeAtMs = Math.min(wakeAtMs, head.createdAtMs + this.#options.deliveryTimeoutMs);
      if (queue.inFlight !== null) continue;
      const readyAtMs = Math.max(queue.notBeforeMs, this.#lingersUntilMs(queue, head));
      if (readyAtMs > now) {
        wakeAtMs = Math.min(wakeAtMs, readyAtMs);
        continue;
      }
      const leader = this.#cluster.leaderOf(queue.topic, queue.partition);
      if (leader === undefined) {
        this.#lookUpLeader(queue, head);
        wakeAtMs = Math.min(wakeAtMs, queue.notBeforeMs);
        continue;
      }
      let group = byLeader.get(leader);
      if (group === undefined || group.bytes + head.size > this.#options.maxRequestSize) {
        if (group !== undefined) void this.#send(leader, group.queues);
        group = { queues: [], bytes: 0 };
        byLeader.set(leader, group);
      }
      group.queues.push(queue);
      group.bytes += head.size;
      queue.inFlight = head;
      head.isClosed = true;
    }
    for (const [leader, { queues }] of byLeader) void this.#send(leader, queues);
    this.#setTimer(wakeAtMs);
  }

  #lingersUntilMs(queue: PartitionQueue, head: ProducerBatch): number {
    const mayWait =
      !head.isClosed && queue.batches.length === 1 && this.#flushing === 0 && head.attempts === 0;
    return mayWait ? head.createdAtMs + this.#options.lingerMs : 0;
  }

  /** A batch whose time is up fails at once, also when an answer to it may still come: that comes too late. */
  #expire(queue: PartitionQueue, now: number): void {
    const { deliveryTimeoutMs } = this.#options;
    for (const batch of queue.batches) {
      if (batch.isSettled || now - batch.createdAtMs < deliveryTimeoutMs) continue;
      const why = batch.lastFailure === null ? this.#cluster.diagnosis() : messageOf(batch.lastFailure);
      const message =
        `Records for topic "${batch.topic}", partition ${batch.partition} were not acknowledged within ` +
        `${deliveryTimeoutMs} ms (deliveryTimeoutMs) after ${batch.attempts} failed attempts; ` +
        `they may have been written all the same${why === "" ? "" : `. Last problem: ${why}`}`;
      const cause = batch.lastFailure ?? undefined;
      this.#fail(batch, new TimeoutError("DELIVERY_TIMED_OUT", message, { cause }));
    }
    queue.batches.splice(
      0,
      queue.batches.length,
      ...queue.batches.filter((b) => !b.isSettled || b === queue.inFlight),
    );
  }

  #lookUpLeader(queue: PartitionQueue, head: ProducerBatch): void {
    const { clock, metadata } = this.#cluster;
    const { topic, partition } = queue;
    const errorCode =
      metadata.topicErrors.get(topic) ??
      (metadata.topics.get(topic)?.partitions[partition]?.errorCode || LEADER_NOT_AVAILABLE);
    head.lastFailure = new BrokerError(errorCode, { apiKey: Metadata.apiKey, topic, partition });
    queue.notBeforeMs = clock.monotonicMs() + this.#cluster.retryDelayMs(Math.max(1, head.attempts));
    this.#refresh(topic);
  }

  /** Asks where the leaders are now; until that is known, what was known before serves. */
  #refresh(topic: string): void {
    this.#cluster.refresh([topic]).then(
      () => this.wake(),
      // No broker can be asked now; the next attempt at sending asks again.
      (failure) =>
        this.#options.logger.debug(`Leaders of "${topic}" are still unknown: ${messageOf(failure)}`),
    );
  }

  /** Never rejects: whatever happens is an answer to the batches. */
  async #send(leader: number, queues: readonly PartitionQueue[]): Promise<void> {
    const { acks, requestTimeoutMs } = this.#options;
    const sent = queues.map((queue) => ({ queue, batch: queue.inFlight as ProducerBatch }));
    try {
      const { value, topicIds, byId } = await this.#request(sent.map(({ batch }) => batch));
      for (const { batch } of sent) this.#options.observer.sent(batch, leader);
      const partitions = sent.map(({ batch: { topic, partition } }) => ({ topic, partition }));
      const { response, version, broker } = await this.#cluster.request(leader, Produce, value, {
        timeoutMs: requestTimeoutMs,
        withoutResponse: acks === 0,
        // Only acks=all waits for anybody.
        ...(acks === -1 ? { stillWaiting: (ask) => waitsForReplicas(ask, partitions) } : {}),
        ...(byId ? {} : { maxVersion: LAST_VERSION_BY_NAME }),
      });
      const brokers = response?.nodeEndpoints ?? [];
      for (const { queue, batch } of sent) {
        if (acks === 0) {
          this.#acknowledge(batch, { baseOffset: -1n, logAppendTimeMs: -1 });
          continue;
        }
        const topicId = topicIds.get(batch.topic);
        const answer = response.responses
          .find((topic) =>
            version > LAST_VERSION_BY_NAME ? topic.topicId === topicId : topic.name === batch.topic,
          )
          ?.partitionResponses.find((partition) => partition.index === batch.partition);
        if (answer === undefined) {
          const message = `Broker ${broker} left topic "${batch.topic}", partition ${batch.partition} out of its answer to Produce`;
          this.#failed(queue, batch, new BrokerError(-1, { brokerMessage: message, retriable: true }));
        } else if (answer.errorCode === 0) {
          const { baseOffset, logAppendTimeMs } = answer;
          this.#acknowledge(batch, { baseOffset, logAppendTimeMs: Number(logAppendTimeMs) });
        } else {
          this.#failed(
            queue,
            batch,
            this.#brokerError(batch, answer.errorCode, answer.errorMessage, broker, version),
          );
          const { topic, partition } = batch;
          const sentTo = topicId === undefined || topicId === ZERO_UUID ? null : topicId;
          const learned = this.#cluster.learnLeaders(
            [{ topic, topicId: sentTo, partition, ...answer.currentLeader }],
            brokers,
          );
          // The new leader is known (KIP-951): there is nothing to wait for.
          if (learned > 0) queue.notBeforeMs = 0;
        }
      }
    } catch (error) {
      for (const { queue, batch } of sent) this.#failed(queue, batch, error);
    }
    for (const { queue, batch } of sent) {
      queue.inFlight = null;
      if (batch.isSettled) queue.batches.splice(queue.batches.indexOf(batch), 1);
    }
    this.wake();
  }

  async #request(batches: readonly ProducerBatch[]): Promise<{
    readonly value: InferInput<typeof Produce.request>;
    readonly topicIds: ReadonlyMap<string, Uuid>;
    readonly byId: boolean;
  }> {
    const { acks, codec, requestTimeoutMs } = this.#options;
    const topics = new Map<string, { index: number; records: Uint8Array }[]>();
    for (const batch of batches) {
      const partitions = topics.get(batch.topic) ?? [];
      partitions.push({ index: batch.partition, records: await batch.encode(codec) });
      topics.set(batch.topic, partitions);
    }
    // Kept for the answer: the topic may be deleted and made anew, under another id, before that comes.
    const topicIds = new Map(
      [...topics.keys()].map((topic) => [
        topic,
        this.#cluster.metadata.topics.get(topic)?.topicId ?? ZERO_UUID,
      ]),
    );
    const topicData = [...topics].map(([name, partitionData]) => ({
      name,
      topicId: topicIds.get(name) ?? ZERO_UUID,
      partitionData,
    }));
    const byId = topicData.every(({ topicId }) => topicId !== ZERO_UUID);
    return { value: { acks, timeoutMs: requestTimeoutMs, topicData }, topicIds, byId };
  }

  #brokerError(
    batch: ProducerBatch,
    errorCode: number,
    brokerMessage: string | null,
    broker: string,
    apiVersion: number,
  ): BrokerError {
    const context = {
      broker,
      apiVersion,
      apiKey: Produce.apiKey,
      topic: batch.topic,
      partition: batch.partition,
    };
    const { code } = new BrokerError(errorCode);
    const remedy = REMEDIES.get(code);
    return new BrokerError(errorCode, {
      ...context,
      brokerMessage,
      ...(remedy === undefined ? {} : { remedy }),
    });
  }

  #acknowledge(batch: ProducerBatch, acknowledgement: Acknowledgement): void {
    this.#options.observer.delivered(batch, acknowledgement);
    batch.acknowledge(acknowledgement);
  }

  /** For good. */
  #fail(batch: ProducerBatch, error: unknown): void {
    this.#options.observer.failed(batch, error, false);
    batch.fail(error);
  }

  #failed(queue: PartitionQueue, batch: ProducerBatch, error: unknown): void {
    if (batch.isSettled) return;
    batch.attempts++;
    batch.lastFailure = error;
    if (!isRetriable(error) || batch.attempts > this.#options.retries) {
      this.#fail(batch, error);
      return;
    }
    this.#options.observer.failed(batch, error, true);
    this.#options.logger.debug(
      `Records for ${batch.topic}-${batch.partition} will be sent again: ${messageOf(error)}`,
    );
    queue.notBeforeMs = this.#cluster.clock.monotonicMs() + this.#cluster.retryDelayMs(batch.attempts);
    // Without a connection the broker may be gone, and its partitions elsewhere.
    if (!(error instanceof BrokerError) || STALE_METADATA.has(error.code)) {
      this.#refresh(batch.topic);
    }
  }

  /** With nothing left to send there is no timer, so that it keeps no finished process alive. */
  #setTimer(atMs: number): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#timerAtMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) return;
    const { clock } = this.#cluster;
    this.#timer = clock.setTimer(Math.max(0, atMs - clock.monotonicMs()), () => {
      this.#timerAtMs = Number.POSITIVE_INFINITY;
      this.#sendReady();
    });
  }
}
