import { type Kafka, KafkaError, type Producer, type ProducerConfig, type RecordMetadata } from "kafkawire";
import { expect } from "vitest";
import { createTopic } from "./topics.ts";

export interface StreamOptions {
  /** Default: 12. */
  readonly partitions?: number;
  /** Default: 3,000. */
  readonly recordsPerSecond?: number;
  /** Whether records name their partition, or have keys that decide it. Default: `"partition"`. */
  readonly placedBy?: "partition" | "key";
  readonly producer?: ProducerConfig;
}

/** What became of one record. */
export type Outcome =
  | { readonly state: "delivered"; readonly partition: number; readonly offset: bigint }
  | { readonly state: "failed"; readonly error: unknown };

/** Records are handed over so often. */
const TICK_MS = 5;
/** So many that each of a dozen partitions gets some. */
const KEYS = 240;
/** A value is as long as this at least, behind its number. */
const PADDING = ".".repeat(90);

/**
 * Numbers records from 0 in the order in which they are handed to a producer, at a steady pace and without waiting
 * for any of them, and keeps what became of each. {@link readBack} compares it with what is in the log.
 */
export class NumberedStream {
  readonly topic: string;
  readonly partitions: number;
  /** By number; undefined while nothing is known. */
  readonly outcomes: (Outcome | undefined)[] = [];
  /** Numbers of records that had more than one outcome. */
  readonly settledTwice: number[] = [];
  /** By partition, the longest that a record took from the call to its delivery. */
  readonly slowestMs: number[];
  /** By partition, the highest number that was delivered so far. */
  readonly #latest: number[];
  readonly #producer: Producer;
  readonly #placedBy: "partition" | "key";
  readonly #pending = new Set<Promise<void>>();
  #isSending = true;
  #sending: Promise<void> = Promise.resolve();

  private constructor(topic: string, partitions: number, producer: Producer, placedBy: "partition" | "key") {
    this.topic = topic;
    this.partitions = partitions;
    this.#producer = producer;
    this.#placedBy = placedBy;
    this.slowestMs = new Array<number>(partitions).fill(0);
    this.#latest = new Array<number>(partitions).fill(-1);
  }

  static async start(kafka: Kafka, options: StreamOptions = {}): Promise<NumberedStream> {
    const { partitions = 12, recordsPerSecond = 3000, placedBy = "partition" } = options;
    const topic = await createTopic(kafka, partitions, { "min.insync.replicas": "2" });
    const producer = kafka.producer(options.producer);
    const stream = new NumberedStream(topic, partitions, producer, placedBy);
    stream.#sending = stream.#send((recordsPerSecond * TICK_MS) / 1000);
    // Awaited in `stop`.
    stream.#sending.catch(() => {});
    return stream;
  }

  /** Resolves once every partition has taken a record that is sent from now on. */
  async progress(timeoutMs = 60_000): Promise<void> {
    const next = this.outcomes.length;
    await expect
      .poll(() => this.#latest.findIndex((number) => number < next), { timeout: timeoutMs, interval: 20 })
      .toBe(-1);
  }

  /** Ends sending, waits for every outcome, and closes the producer. */
  async stop(): Promise<void> {
    this.#isSending = false;
    await this.#sending;
    await Promise.all(this.#pending);
    await this.#producer.close();
  }

  /** What failed, one line for each kind with how often it did; nothing when nothing failed. */
  failures(): string[] {
    const kinds = new Map<string, number>();
    for (const outcome of this.outcomes) {
      if (outcome?.state !== "failed") continue;
      const { error } = outcome;
      const kind = error instanceof KafkaError ? `${error.code}: ${error.message}` : String(error);
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    return [...kinds].map(([kind, count]) => `${count} x ${kind}`);
  }

  /** How many records have come to this. */
  count(state: Outcome["state"]): number {
    return this.outcomes.filter((outcome) => outcome?.state === state).length;
  }

  async #send(recordsPerTick: number): Promise<void> {
    let due = 0;
    while (this.#isSending) {
      for (due += recordsPerTick; due >= 1; due--) this.#sendOne();
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
  }

  #sendOne(): void {
    const number = this.outcomes.length;
    this.outcomes.push(undefined);
    const startMs = performance.now();
    const place =
      this.#placedBy === "key" ? { key: `key ${number % KEYS}` } : { partition: number % this.partitions };
    const sent = this.#producer.send({ topic: this.topic, ...place, value: `${number} ${PADDING}` }).then(
      (metadata) => this.#delivered(number, metadata, performance.now() - startMs),
      (error: unknown) => this.#settle(number, { state: "failed", error }),
    );
    this.#pending.add(sent);
    void sent.then(() => this.#pending.delete(sent));
  }

  #delivered(number: number, { partition, offset }: RecordMetadata, ms: number): void {
    this.#settle(number, { state: "delivered", partition, offset });
    this.slowestMs[partition] = Math.max(this.slowestMs[partition] ?? 0, ms);
    this.#latest[partition] = Math.max(this.#latest[partition] ?? -1, number);
  }

  #settle(number: number, outcome: Outcome): void {
    if (this.outcomes[number] !== undefined) this.settledTwice.push(number);
    this.outcomes[number] = outcome;
  }
}
