import type { Consumer, Kafka, Producer, ProducerConfig } from "kafkawire";
import { expect } from "vitest";
import { createTopic, text } from "./topics.ts";

export interface LoadOptions {
  readonly partitions?: number;
  readonly producer?: ProducerConfig;
  /** Default: 2, for clusters of three. */
  readonly minInSyncReplicas?: number;
  /** Default: 2,000. */
  readonly recordsPerSecond?: number;
}

/** Records are handed over so often. */
const TICK_MS = 5;

/** Sends numbered records to every partition of a topic in turn and reads them at the same time. */
export class Load {
  readonly topic: string;
  /** By partition, in the order of acknowledgement, which is that of sending. */
  readonly acknowledged: readonly number[][];
  /** By partition, repetitions included. */
  readonly read: readonly number[][];
  readonly failures: unknown[] = [];
  /** The longest that a send took to succeed or fail. */
  slowestMs = 0;
  readonly #producer: Producer;
  readonly #consumer: Consumer;
  readonly #sends = new Set<Promise<void>>();
  #isSending = true;
  #sending: Promise<void> = Promise.resolve();
  #reading: Promise<void> = Promise.resolve();

  private constructor(topic: string, partitions: number, producer: Producer, consumer: Consumer) {
    this.topic = topic;
    this.#producer = producer;
    this.#consumer = consumer;
    this.acknowledged = Array.from({ length: partitions }, () => []);
    this.read = Array.from({ length: partitions }, () => []);
  }

  static async start(kafka: Kafka, options: LoadOptions = {}): Promise<Load> {
    const { partitions = 6, minInSyncReplicas = 2, recordsPerSecond = 2000 } = options;
    const topic = await createTopic(kafka, partitions, { "min.insync.replicas": String(minInSyncReplicas) });
    const consumer = kafka.consumer();
    consumer.assign(await consumer.partitionsFor(topic, { from: "earliest" }));
    const producer = kafka.producer({ batchSize: 2000, ...options.producer });
    const load = new Load(topic, partitions, producer, consumer);
    load.#sending = load.#send((recordsPerSecond * TICK_MS) / 1000);
    load.#reading = load.#readAll();
    // Awaited in `stop`; until then a failure is one that is kept, not one that nobody handles.
    load.#reading.catch(() => {});
    return load;
  }

  /** Resolves once every partition has taken and given back a record that is sent from now on. */
  async progress(timeoutMs = 30_000): Promise<void> {
    const next = this.acknowledged.map((sent) => sent.length);
    const hasMoved = (partition: number): boolean => {
      const record = this.acknowledged[partition]?.[next[partition] ?? 0];
      return record !== undefined && (this.read[partition]?.at(-1) ?? -1) >= record;
    };
    await expect
      .poll(() => next.findIndex((_, partition) => !hasMoved(partition)), {
        timeout: timeoutMs,
        interval: 20,
      })
      .toBe(-1);
  }

  /** Ends sending, waits for every outcome, reads to the end, and closes both sides. */
  async stop(): Promise<void> {
    this.#isSending = false;
    await this.#sending;
    await Promise.all(this.#sends);
    const isRead = (): number =>
      this.acknowledged.findIndex((sent, partition) => {
        const last = sent.at(-1);
        return last !== undefined && !this.read[partition]?.includes(last, -5000);
      });
    await Promise.race([this.#reading, expect.poll(isRead, { timeout: 30_000 }).toBe(-1)]);
    await this.#producer.close();
    await this.#consumer.close();
    await this.#reading;
  }

  /**
   * Nothing that was acknowledged is missing, and each partition is in the order of sending, each record once. What
   * was given up may be there, too.
   */
  expectNothingLost(): void {
    this.acknowledged.forEach((sent, partition) => {
      const read = this.read[partition] ?? [];
      const seen = new Set(read);
      const missing = sent.filter((value) => !seen.has(value));
      expect(missing, `partition ${partition}: acknowledged and not read`).toEqual([]);
      const swapped = read.findIndex((value, i) => i > 0 && value <= (read[i - 1] as number));
      expect(swapped, `partition ${partition}: place of a record out of order or repeated`).toBe(-1);
    });
  }

  get count(): number {
    return this.acknowledged.reduce((sum, { length }) => sum + length, 0);
  }

  async #send(recordsPerTick: number): Promise<void> {
    const partitions = this.acknowledged.length;
    let due = 0;
    for (let i = 0; this.#isSending; ) {
      for (due += recordsPerTick; due >= 1; due--, i++) this.#sendOne(i % partitions, i);
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
  }

  #sendOne(partition: number, value: number): void {
    const startMs = performance.now();
    const sent = this.#producer
      .send({ topic: this.topic, partition, value: String(value) })
      .then(
        () => void this.acknowledged[partition]?.push(value),
        (error) => void this.failures.push(error),
      )
      .then(() => {
        this.slowestMs = Math.max(this.slowestMs, performance.now() - startMs);
        this.#sends.delete(sent);
      });
    this.#sends.add(sent);
  }

  async #readAll(): Promise<void> {
    for await (const { partition, value } of this.#consumer) this.read[partition]?.push(Number(text(value)));
  }
}
