/** The same requests to the embedded broker and to a real one, whose answers have to be the same. */

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { platform } from "../../../src/platform/node.ts";
import { decodeControlRecord } from "../../../src/protocol/control-records.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../../src/protocol/messages/create-topics.ts";
import { readRecordBatches } from "../../../src/protocol/records/read-record-batches.ts";
import { TestCluster } from "../../../src/testing/mod.ts";
import { describeKafka, sharedBroker } from "../../support/kafka.ts";
import { RawClient } from "../../testing/raw-client.ts";
import { script } from "./script.ts";
import type { Known, Step } from "./step.ts";

/** What differs by its nature, and what nobody may build on. */
const OF_ITS_OWN = [
  "throttleTimeMs",
  "topicId",
  "clusterId",
  "host",
  "port",
  "rack",
  "sessionId",
  "controllerId",
  "nodeId",
  "nodeEndpoints",
  "leaderId",
  "replicaNodes",
  "isrNodes",
  "offlineReplicas",
  "brokers",
  "errorMessage",
  "documentation",
  "batchIndexErrorMessage",
  "logDir",
  "totalBytes",
  "usableBytes",
];

/** Times of which only counts whether there is one. */
const TIMES = ["transactionStartTimeMs", "lastTimestamp"];
/** More than a coordinator takes to load, or to write its markers. */
const PATIENCE_MS = 20_000;

function byPartition(a: unknown, b: unknown): number {
  const numberOf = (one: unknown): number => (one as { partitionIndex?: number } | null)?.partitionIndex ?? 0;
  return numberOf(a) - numberOf(b);
}

class Side {
  readonly #address: string;
  #client: RawClient;
  readonly known: Known;
  /** Producer ids in the order in which they came: each side gives its own. */
  readonly #producers: bigint[] = [];

  private constructor(address: string, client: RawClient, known: Known) {
    this.#address = address;
    this.#client = client;
    this.known = known;
  }

  static async open(address: string, topic: string): Promise<Side> {
    const client = await RawClient.connect(platform, address);
    const { topics } = await client.ask(CreateTopicsRequest, CreateTopicsResponse, 7, {
      timeoutMs: 10_000,
      topics: [{ name: topic, numPartitions: 1, replicationFactor: 1 }],
    });
    const { topicId = "" } = topics[0] ?? {};
    return new Side(address, client, {
      topic,
      topicId,
      producerId: -1n,
      producerEpoch: -1,
      sessionId: 0,
      transactionTopicId: "",
    });
  }

  /** The answer, or that the broker hung up. */
  async ask({ request, response, version, body, learn, until }: Step): Promise<unknown> {
    try {
      const deadlineMs = performance.now() + PATIENCE_MS;
      for (;;) {
        const answer = await this.#client.ask(request, response, version, body(this.known));
        if (until?.(answer as never) === false && performance.now() < deadlineMs) continue;
        learn?.(this.known, answer as never);
        const { producerId } = this.known;
        if (producerId >= 0n && !this.#producers.includes(producerId)) this.#producers.push(producerId);
        return this.#plain(answer);
      }
    } catch (error) {
      if (!(error instanceof Error && error.message === "the broker hung up")) throw error;
      this.#client = await RawClient.connect(platform, this.#address);
      return "hung up";
    }
  }

  /** Without what is of its own. */
  #plain(value: unknown, key = ""): unknown {
    if (value instanceof Uint8Array) {
      const isOfTransactions =
        value.byteLength > 0 &&
        [...readRecordBatches(value, { checkCrc: false })].some((batch) => batch.isTransactional);
      return isOfTransactions ? transactional(value) : Buffer.from(value).toString("hex");
    }
    // Kafka answers partitions in the order of its hash tables.
    if (Array.isArray(value)) return value.map((one) => this.#plain(one)).sort(byPartition);
    if (key === "producerId") return this.#numberOf(value as bigint);
    if (TIMES.includes(key)) return (value as bigint) > 0n;
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).filter(([name]) => !OF_ITS_OWN.includes(name));
    return Object.fromEntries(entries.map(([name, inner]) => [name, this.#plain(inner, name)]));
  }

  /** Which of those that were given it is; else what it is. */
  #numberOf(producerId: bigint): string | bigint {
    const index = this.#producers.indexOf(producerId);
    return index < 0 ? producerId : `producer ${index}`;
  }

  close(): void {
    this.#client[Symbol.dispose]();
  }
}

/** What stands in batches of transactions, which hold times and ids of the side. */
function transactional(bytes: Uint8Array): unknown[] {
  return [...readRecordBatches(bytes)].map((batch) => ({
    baseOffset: batch.baseOffset,
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
    isTransactional: batch.isTransactional,
    records: [...batch.records()].map(({ key, value }) =>
      batch.isControl ? decodeControlRecord(key, value) : Buffer.from(value ?? []).toString(),
    ),
  }));
}

describeKafka("the embedded broker and Kafka 4.4.0", "broker", () => {
  let cluster: TestCluster;
  let embedded: Side;
  let real: Side;

  beforeAll(async () => {
    const topic = `differential-${randomUUID()}`;
    // As many as the shared broker has.
    const configs = { "offsets.topic.num.partitions": "5" };
    cluster = await TestCluster.start({ autoCreateTopics: false, configs });
    embedded = await Side.open(cluster.bootstrapServers[0] as string, topic);
    real = await Side.open(sharedBroker().bootstrapServers[0] as string, topic);
    // A topic is there for its broker a moment after it was made.
    const metadata = script.find(({ name }) => name.startsWith("topics by name")) as Step;
    for (let attempt = 0; JSON.stringify(await real.ask(metadata)).includes('"errorCode":3'); attempt++) {
      if (attempt === 1000) throw new Error("The topic does not come about");
    }
  });
  afterAll(async () => {
    embedded?.close();
    real?.close();
    await cluster?.close();
    expect(cluster?.failures).toEqual([]);
  });

  it.each(script)("answer alike: $name", async (step) => {
    const alike = async (): Promise<void> => {
      expect(await embedded.ask(step)).toEqual(await real.ask(step));
    };
    await (step.isEventual === true ? vi.waitFor(alike, { timeout: 10_000, interval: 20 }) : alike());
  });
});
