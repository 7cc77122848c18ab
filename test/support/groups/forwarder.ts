/**
 * A member of one group in a chain: what it reads of one topic it writes to the next, under the same key, with a value
 * that tells where it was read and by whom: `NUMBER PARTITION@OFFSET NAME`.
 */

import { type Consumer, type ConsumerRecord, Kafka, type Producer } from "kafkawire";
import type { GroupMemberOptions } from "./group-member.ts";
import { consumerConfig, type WayToRead } from "./kafkawire-member.ts";

export interface ForwarderOptions extends GroupMemberOptions {
  readonly name: string;
  readonly way: WayToRead;
  readonly to: string;
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };
/** Where records are read one by one, those on their way are waited for, and committed, so often. */
const COMMIT_EVERY = 400;

export class Forwarder {
  readonly name: string;
  /** Generations or epochs of the group that it was in. */
  readonly generations = new Set<number>();
  forwarded = 0;
  readonly #options: ForwarderOptions;
  readonly #kafka: Kafka;
  readonly #producer: Producer;
  readonly #consumer: Consumer;
  readonly #leaving = new AbortController();
  readonly #running: Promise<void>;
  readonly #decoder = new TextDecoder();
  /** Sends that are not acknowledged yet. */
  #pending: Promise<unknown>[] = [];

  constructor(options: ForwarderOptions) {
    this.name = options.name;
    this.#options = options;
    const { bootstrapServers, name } = options;
    this.#kafka = new Kafka({ bootstrapServers: [...bootstrapServers], clientId: name, logger: silent });
    this.#kafka.on("group:assigned", ({ generationId }) => this.generations.add(generationId));
    this.#producer = this.#kafka.producer({ lingerMs: 2 });
    this.#consumer = this.#kafka.consumer({
      ...consumerConfig(options),
      maxPollRecords: COMMIT_EVERY,
      // Who sends without waiting has to say itself what has arrived, and who polls, when a poll was the last.
      enableAutoCommit: options.way === "batches" || options.way === "run",
    });
    this.#consumer.subscribe(options.topic, {
      onPartitionsRevoked: async () => {
        if (options.way === "records") await this.#commitSent();
      },
    });
    this.#running = this.#run();
    // Whoever asks it to leave is told.
    this.#running.catch(() => {});
  }

  /** Rejects with what has ended it before. */
  async leave(): Promise<void> {
    this.#leaving.abort(new Error("it was asked to leave"));
    try {
      if (this.#options.way === "run") await this.#consumer.close();
      await this.#running.catch((error: unknown) => {
        if (error !== this.#leaving.signal.reason) throw error;
      });
    } finally {
      await this.#kafka.close();
    }
  }

  async #run(): Promise<void> {
    const consumer = this.#consumer;
    const { signal } = this.#leaving;
    switch (this.#options.way) {
      case "records":
        for await (const record of consumer.records({ signal })) {
          this.#forward(record);
          if (this.#pending.length >= COMMIT_EVERY) await this.#commitSent();
        }
        return;
      case "batches":
        for await (const { records } of consumer.batches({ signal })) await this.#forwardAll(records);
        return;
      case "run":
        return consumer.run({ concurrency: 4, eachBatch: ({ records }) => this.#forwardAll(records) });
      case "poll":
        while (!signal.aborted) {
          await this.#forwardAll(await consumer.poll({ timeoutMs: 100 }));
          await consumer.commit();
        }
    }
  }

  async #forwardAll(records: readonly ConsumerRecord[]): Promise<void> {
    await Promise.all(records.map((record) => this.#send(record)));
  }

  #forward(record: ConsumerRecord): void {
    const sent = this.#send(record);
    // Awaited below, all together.
    sent.catch(() => {});
    this.#pending.push(sent);
  }

  async #commitSent(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    await Promise.all(pending);
    await this.#consumer.commit();
  }

  #send({ partition, offset, key, value }: ConsumerRecord): Promise<unknown> {
    const number = this.#decoder.decode(value ?? new Uint8Array()).split(" ", 1)[0];
    this.forwarded++;
    return this.#producer.send({
      topic: this.#options.to,
      // A view on memory that is read for the last time before the batch is full.
      key: key === null ? null : key.slice(),
      value: `${number} ${partition}@${offset} ${this.name}`,
    });
  }
}
