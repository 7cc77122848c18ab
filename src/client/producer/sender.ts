/**
 * Sends batches to the leaders of their partitions and brings the answers back.
 *
 * What must hold: records of a partition are written in the order of their sending, retries included, and with
 * idempotence each once; every batch settles, at the latest at its delivery deadline; its memory is free once no
 * request holds it any more.
 *
 * With idempotence up to five batches of a partition are on their way at once, and brokers keep the order by the
 * batches' sequences. Without it only one is: nothing else would keep a second from overtaking a first that failed.
 */

import type { Timer } from "../../platform/platform.ts";
import type { CompressionCodec } from "../../protocol/records/compression-type.ts";
import { type Uuid, ZERO_UUID } from "../../protocol/uuid.ts";
import { Alarm } from "../alarm.ts";
import { ApiVersions, Metadata, Produce } from "../api.ts";
import type { Cluster } from "../cluster.ts";
import { BrokerError, messageOf } from "../errors.ts";
import type { LeaderHint } from "../metadata.ts";
import type { Accumulator, PartitionQueue } from "./accumulator.ts";
import type { ProducerBatch } from "./batch.ts";
import type { BufferMemory } from "./buffer-memory.ts";
import { BrokerSilence } from "./partitioners/broker-silence.ts";
import {
  LAST_VERSION_BY_NAME,
  type PartitionAnswer,
  type ProduceRequestToSend,
  produceAnswers,
  produceRequest,
} from "./produce-request.ts";
import { type BatchOnTheWay, type ProduceGroup, RequestsOnTheWay } from "./requests-on-the-way.ts";
import { Sequencer } from "./sequencer.ts";
import { Settler, type SettlerOptions } from "./settler.ts";
import { waitsForReplicas } from "./waits-for-replicas.ts";

/** What decides how batches are sent. */
export interface SenderOptions extends Omit<SettlerOptions, "refresh" | "wake" | "sequencer"> {
  readonly acks: 0 | 1 | -1;
  readonly codec: CompressionCodec | null;
  readonly lingerMs: number;
  readonly maxRequestSize: number;
  /** Produce requests on their way to one broker. */
  readonly maxInFlight: number;
  readonly requestTimeoutMs: number;
  readonly partitionerAvailabilityTimeoutMs: number;
  readonly transactionalId: string | null;
  readonly memory: BufferMemory;
}

const LEADER_NOT_AVAILABLE = 5;

/** Runs the sending of one producer. */
export class Sender {
  readonly #cluster: Cluster;
  readonly #accumulator: Accumulator;
  readonly #options: SenderOptions;
  readonly #sequencer: Sequencer | null;
  readonly #settler: Settler;
  readonly #silence = new BrokerSilence();
  readonly #onTheWay: RequestsOnTheWay;
  #flushing = 0;
  #wakeQueued = false;
  #timer: Timer | null = null;
  #timerAtMs = Number.POSITIVE_INFINITY;
  /** When there is something to do that is found in the present round. */
  #nextAtMs = Number.POSITIVE_INFINITY;
  /** For batches on their way whose time will be up: their requests keep the process alive. */
  readonly #expiry: Alarm;

  constructor(cluster: Cluster, accumulator: Accumulator, options: SenderOptions) {
    this.#cluster = cluster;
    this.#accumulator = accumulator;
    this.#options = options;
    this.#expiry = new Alarm(cluster.clock, () => this.#sendReady());
    const { identity } = options;
    this.#sequencer = identity === null ? null : new Sequencer(identity);
    if (identity !== null) identity.onChange = () => this.wake();
    this.#settler = new Settler(cluster, accumulator, {
      ...options,
      sequencer: this.#sequencer,
      refresh: (topic) => this.#refresh(topic),
      wake: () => this.wake(),
    });
    this.#onTheWay = new RequestsOnTheWay(cluster, this.#settler, options.logger, () => this.wake());
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
    const atMs = this.#now() + this.#options.lingerMs;
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

  /** Whether a partition's leader has answered nothing for longer than `partitionerAvailabilityTimeoutMs`. */
  isHeldUp(topic: string, partition: number): boolean {
    const { partitionerAvailabilityTimeoutMs: longestMs } = this.#options;
    const leader = longestMs === 0 ? undefined : this.#cluster.leaderOf(topic, partition);
    return leader !== undefined && this.#silence.forMs(leader, this.#now()) > longestMs;
  }

  /** Rejects everything that has not settled. */
  abandon(error: Error): void {
    this.#timer?.cancel();
    this.#expiry.stop();
    for (const queue of [...this.#accumulator.queues()]) {
      for (const batch of [...queue.batches]) this.#settler.fail(queue, batch, error);
    }
  }

  /** Fails what was never sent, and waits until the rest has settled. */
  async abortUnsent(error: Error): Promise<void> {
    this.#failUnsent(error);
    await this.flush();
  }

  /**
   * With acks=0, resolves once the brokers have read all that was handed to the connections: they answer a request
   * only after those before it. Never rejects: where a connection is lost nobody knows more.
   */
  async whenHandedOver(): Promise<void> {
    const { acks, requestTimeoutMs, logger } = this.#options;
    if (acks !== 0) return;
    const asked = this.#onTheWay.leaders.map((nodeId) =>
      this.#cluster.request(nodeId, ApiVersions, {}, { timeoutMs: requestTimeoutMs }),
    );
    for (const outcome of await Promise.allSettled(asked)) {
      if (outcome.status === "rejected") {
        logger.debug(`Records without acknowledgement may be lost: ${messageOf(outcome.reason)}`);
      }
    }
  }

  #now(): number {
    return this.#cluster.clock.monotonicMs();
  }

  /** Rounds, each with at most one batch of a partition, until there is no more to send. */
  #sendReady(): void {
    const now = this.#now();
    this.#nextAtMs = Number.POSITIVE_INFINITY;
    for (const queue of this.#accumulator.queues()) this.#expire(queue, now);
    const failure = this.#options.identity?.failure() ?? null;
    if (failure !== null) this.#failUnsent(failure);
    while (this.#sendRound(now));
    for (const queue of this.#accumulator.queues()) this.#noteDeadline(queue);
    this.#setTimer(this.#nextAtMs);
  }

  /** @returns whether anything was sent. */
  #sendRound(now: number): boolean {
    const { maxRequestSize, maxInFlight } = this.#options;
    /** The last of each broker is the one that is being filled. */
    const groups: ProduceGroup[] = [];
    const filling = new Map<number, ProduceGroup>();
    const planned = new Map<number, number>();
    for (const queue of this.#accumulator.queues()) {
      const batch = this.#candidate(queue, now);
      const leader = batch === null ? undefined : this.#leaderFor(queue, batch, now);
      if (batch === null || leader === undefined) continue;
      const requests = planned.get(leader) ?? this.#onTheWay.countTo(leader);
      let group = filling.get(leader);
      const hasRoom = (bytes: number): boolean =>
        group !== undefined && group.bytes + bytes <= maxRequestSize;
      if (requests >= maxInFlight && !hasRoom(batch.encodedSize || batch.size)) continue;
      if (!this.#makeReady(queue, batch)) continue;
      if (group === undefined || !hasRoom(batch.encodedSize)) {
        // Above the limit only if compression has made the batch larger: the connection then lets it wait.
        group = { leader, ready: [], bytes: 0 };
        groups.push(group);
        filling.set(leader, group);
        planned.set(leader, requests + 1);
      }
      group.bytes += batch.encodedSize;
      group.ready.push({ queue, batch, isTakenBack: false });
    }
    for (const group of groups) {
      void this.#send(group);
      // Where not all fits into one request, each has its turn to be the first.
      for (const { queue } of group.ready) this.#accumulator.moveToEnd(queue);
    }
    return groups.length > 0;
  }

  /** The next batch of the queue that may be sent now as far as the queue is concerned. */
  #candidate(queue: PartitionQueue, now: number): ProducerBatch | null {
    const next = queue.batches.find((batch) => !batch.isOnTheWay && !batch.isSettled);
    if (next === undefined || next.isBeingSplit) return null;
    // Without sequences nothing may overtake what is on its way.
    if (this.#sequencer === null && queue.batches.some((batch) => batch.isOnTheWay)) return null;
    const readyAtMs = Math.max(queue.notBeforeMs, this.#lingersUntilMs(queue, next));
    if (readyAtMs > now) {
      this.#nextAtMs = Math.min(this.#nextAtMs, readyAtMs);
      return null;
    }
    return next;
  }

  #lingersUntilMs(queue: PartitionQueue, batch: ProducerBatch): number {
    const mayWait =
      !batch.isClosed && queue.batches.at(-1) === batch && this.#flushing === 0 && batch.attempts === 0;
    if (!mayWait || this.#options.memory.isShort) return 0;
    return batch.createdAtMs + this.#options.lingerMs;
  }

  #leaderFor(queue: PartitionQueue, batch: ProducerBatch, now: number): number | undefined {
    const leader = this.#cluster.leaderOf(queue.topic, queue.partition);
    if (leader !== undefined) return leader;
    this.#lookUpLeader(queue, batch, now);
    this.#nextAtMs = Math.min(this.#nextAtMs, queue.notBeforeMs);
    return undefined;
  }

  /** Gives the batch its bytes, and with idempotence its numbers, if it may go now. */
  #makeReady(queue: PartitionQueue, batch: ProducerBatch): boolean {
    const { codec } = this.#options;
    const sequencer = this.#sequencer;
    if (sequencer?.mayGo(queue, batch) === false) return false;
    if (queue.open === batch) queue.open = null;
    try {
      // Before it has numbers, which are given in the order of sending: compressing may take a while.
      if (codec !== null && !batch.compress(codec, (error) => this.#compressed(queue, batch, error))) {
        return false;
      }
      batch.encode(sequencer?.number(queue, batch) ?? null);
    } catch (error) {
      this.#settler.fail(queue, batch, error);
      return false;
    }
    batch.isOnTheWay = true;
    batch.isWritten = false;
    return true;
  }

  #compressed(queue: PartitionQueue, batch: ProducerBatch, error: unknown): void {
    if (error !== null) this.#settler.fail(queue, batch, error);
    this.wake();
  }

  /** A batch whose time is up fails at once, also when an answer to it may still come: that comes too late. */
  #expire(queue: PartitionQueue, now: number): void {
    const { deliveryTimeoutMs } = this.#options;
    const late: ProducerBatch[] = [];
    for (const batch of queue.batches) {
      if (batch.isSettled) continue;
      const untilMs = batch.createdAtMs + deliveryTimeoutMs;
      // Those behind it came later.
      if (untilMs > now) break;
      late.push(batch);
    }
    for (const batch of late) this.#settler.expire(queue, batch);
  }

  /** Says when the first of the queue's batches has to be looked at again, whatever happens to it. */
  #noteDeadline({ batches }: PartitionQueue): void {
    const first = batches.find(({ isSettled }) => !isSettled);
    if (first === undefined) return;
    const untilMs = first.createdAtMs + this.#options.deliveryTimeoutMs;
    if (first.isOnTheWay) this.#expiry.set(untilMs);
    else this.#nextAtMs = Math.min(this.#nextAtMs, untilMs);
  }

  #failUnsent(error: Error): void {
    for (const queue of [...this.#accumulator.queues()]) {
      const unsent = queue.batches.filter(({ isSequenced, isOnTheWay }) => !isSequenced && !isOnTheWay);
      for (const batch of unsent) this.#settler.fail(queue, batch, error);
    }
  }

  #lookUpLeader(queue: PartitionQueue, head: ProducerBatch, now: number): void {
    const { metadata } = this.#cluster;
    const { topic, partition } = queue;
    const errorCode =
      metadata.topicErrors.get(topic) ??
      (metadata.topics.get(topic)?.partitions[partition]?.errorCode || LEADER_NOT_AVAILABLE);
    head.lastFailure = new BrokerError(errorCode, { apiKey: Metadata.apiKey, topic, partition });
    queue.notBeforeMs = now + this.#cluster.retryDelayMs(Math.max(1, head.attempts));
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
  async #send(group: ProduceGroup): Promise<void> {
    const { leader, ready } = group;
    const { acks, requestTimeoutMs, transactionalId, observer, identity } = this.#options;
    const batches = ready.map(({ batch }) => batch);
    this.#onTheWay.add(group);
    this.#silence.sent(leader, this.#now());
    let isAnswered = false;
    try {
      const terms = { acks, timeoutMs: requestTimeoutMs, transactionalId };
      const request = produceRequest(batches, terms, (topic) => this.#topicIdOf(topic));
      for (const batch of batches) observer.sent(batch, leader);
      const { response, version, broker } = await this.#cluster.request(leader, Produce, request.value, {
        timeoutMs: requestTimeoutMs,
        withoutResponse: acks === 0,
        onWritten: () => {
          for (const batch of batches) batch.isWritten = true;
        },
        onSilence: () => void this.#onTheWay.lookElsewhere(leader),
        // Only acks=all waits for anybody.
        stillWaiting: acks === -1 ? (ask) => waitsForReplicas(ask, batches) : undefined,
        maxVersion: Math.min(
          identity?.lastProduceVersion ?? Number.POSITIVE_INFINITY,
          request.hasTopicIds ? Number.POSITIVE_INFINITY : LAST_VERSION_BY_NAME,
        ),
      });
      isAnswered = true;
      const answers = acks === 0 ? [] : produceAnswers(batches, request, response, version);
      ready.forEach(({ queue, batch, isTakenBack }, i) => {
        if (isTakenBack) return;
        if (acks === 0) this.#settler.handedOver(queue, batch);
        else this.#settler.answered(queue, batch, answers[i], { broker, version });
      });
      if (acks !== 0) this.#learnLeaders(ready, answers, request, response.nodeEndpoints);
    } catch (error) {
      for (const { queue, batch, isTakenBack } of ready) {
        if (batch.isOnTheWay && !isTakenBack) this.#settler.failed(queue, batch, error);
      }
    }
    this.#onTheWay.remove(group);
    if (isAnswered) this.#silence.answered(leader, this.#now());
    else this.#silence.failed(leader);
    this.wake();
  }

  /** Takes over who leads the partitions now, where the broker says so (KIP-951): there is nothing to wait for then. */
  #learnLeaders(
    ready: readonly BatchOnTheWay[],
    answers: readonly (PartitionAnswer | undefined)[],
    { topicIds }: ProduceRequestToSend,
    brokers: Parameters<Cluster["learnLeaders"]>[1],
  ): void {
    ready.forEach(({ queue, batch }, i) => {
      const answer = answers[i];
      if (answer === undefined || answer.errorCode === 0) return;
      const topicId = topicIds.get(batch.topic);
      const hint: LeaderHint = {
        topic: batch.topic,
        topicId: topicId === undefined || topicId === ZERO_UUID ? null : topicId,
        partition: batch.partition,
        ...answer.currentLeader,
      };
      if (this.#cluster.learnLeaders([hint], brokers) > 0) queue.notBeforeMs = 0;
    });
  }

  #topicIdOf(topic: string): Uuid | null {
    return this.#cluster.metadata.topics.get(topic)?.topicId ?? null;
  }

  /**
   * With nothing left to send there is no timer, so that it keeps no finished process alive. One that fires too early
   * costs a look, and less than to set it anew with each batch.
   */
  #setTimer(atMs: number): void {
    if (this.#timer !== null && this.#timerAtMs <= atMs && atMs !== Number.POSITIVE_INFINITY) return;
    this.#timer?.cancel();
    this.#timer = null;
    this.#timerAtMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) return;
    const { clock } = this.#cluster;
    this.#timer = clock.setTimer(Math.max(0, atMs - clock.monotonicMs()), () => {
      this.#timer = null;
      this.#timerAtMs = Number.POSITIVE_INFINITY;
      this.#sendReady();
    });
  }
}
