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
  /** How records are handed over. Default: `"send"`, whose promises nobody waits for. */
  readonly through?: "send" | "enqueue";
  readonly producer?: ProducerConfig;
}

/** What became of one record. */
export type Outcome =
  | { readonly state: "delivered"; readonly partition: number; readonly offset: bigint }
  | { readonly state: "failed"; readonly error: unknown };

const PARTITIONS = 12;
/** How long it may take until all that was handed over has come to something. */
const SETTLE_MS = 150_000;
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
  /** By number, when its delivery was known, on `performance.now()`. */
  readonly deliveredMs: (number | undefined)[] = [];
  /** By partition, the longest that a record took from the call to its delivery; yours to set back. */
  readonly slowestMs: number[];
  /** By partition, the highest number that was delivered so far. */
  readonly #latest: number[];
  readonly #producer: Producer;
  readonly #placedBy: "partition" | "key";
  readonly #through: "send" | "enqueue";
  #pending = 0;
  #isSending = true;
  #sending: Promise<void> = Promise.resolve();

  private constructor(topic: string, producer: Producer, options: StreamOptions) {
    const { partitions = PARTITIONS, placedBy = "partition", through = "send" } = options;
    this.topic = topic;
    this.partitions = partitions;
    this.#producer = producer;
    this.#placedBy = placedBy;
    this.#through = through;
    this.slowestMs = new Array<number>(partitions).fill(0);
    this.#latest = new Array<number>(partitions).fill(-1);
  }

  static async start(kafka: Kafka, options: StreamOptions = {}): Promise<NumberedStream> {
    const { partitions = PARTITIONS, recordsPerSecond = 3000 } = options;
    const topic = await createTopic(kafka, partitions, { "min.insync.replicas": "2" });
    const producer = kafka.producer(options.producer);
    const stream = new NumberedStream(topic, producer, options);
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
    await expect.poll(() => this.#pending, { timeout: SETTLE_MS, interval: 20 }).toBe(0);
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
      let hasRoom = true;
      for (due += recordsPerTick; due >= 1 && hasRoom; due--) hasRoom = this.#sendOne();
      if (!hasRoom) await this.#producer.ready();
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
  }

  /** @returns whether the producer has room for more. */
  #sendOne(): boolean {
    const number = this.outcomes.length;
    this.outcomes.push(undefined);
    this.#pending++;
    const startMs = performance.now();
    const delivered = (metadata: RecordMetadata): void =>
      this.#delivered(number, metadata, performance.now() - startMs);
    const failed = (error: unknown): void => this.#settle(number, { state: "failed", error });
    const place =
      this.#placedBy === "key" ? { key: `key ${number % KEYS}` } : { partition: number % this.partitions };
    const record = { topic: this.topic, ...place, value: `${number} ${PADDING}` };
    if (this.#through === "send") {
      this.#producer.send(record).then(delivered, failed);
      return true;
    }
    return this.#producer.enqueue(record, (error, metadata) => {
      if (metadata === undefined) failed(error);
      else delivered(metadata);
    });
  }

  #delivered(number: number, { partition, offset }: RecordMetadata, ms: number): void {
    this.#settle(number, { state: "delivered", partition, offset });
    this.deliveredMs[number] = performance.now();
    this.slowestMs[partition] = Math.max(this.slowestMs[partition] ?? 0, ms);
    this.#latest[partition] = Math.max(this.#latest[partition] ?? -1, number);
  }

  #settle(number: number, outcome: Outcome): void {
    if (this.outcomes[number] !== undefined) this.settledTwice.push(number);
    else this.#pending--;
    this.outcomes[number] = outcome;
  }
}
