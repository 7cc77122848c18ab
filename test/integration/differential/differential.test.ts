/** The same requests to the embedded broker and to a real one, whose answers have to be the same. */

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { platform } from "../../../src/platform/node.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../../src/protocol/messages/create-topics.ts";
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

class Side {
  readonly #address: string;
  #client: RawClient;
  readonly known: Known;

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
    return new Side(address, client, { topic, topicId, producerId: -1n, sessionId: 0 });
  }

  /** The answer, or that the broker hung up. */
  async ask({ request, response, version, body }: Step): Promise<unknown> {
    try {
      return plain(await this.#client.ask(request, response, version, body(this.known)));
    } catch (error) {
      if (!(error instanceof Error && error.message === "the broker hung up")) throw error;
      this.#client = await RawClient.connect(platform, this.#address);
      return "hung up";
    }
  }

  close(): void {
    this.#client[Symbol.dispose]();
  }
}

/** Without what is of its own; names of topics of this run as one. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => !OF_ITS_OWN.includes(key));
  return Object.fromEntries(entries.map(([key, inner]) => [key, plain(inner)]));
}

describeKafka("the embedded broker and Kafka 4.4.0", "broker", () => {
  let cluster: TestCluster;
  let embedded: Side;
  let real: Side;

  beforeAll(async () => {
    const topic = `differential-${randomUUID()}`;
    cluster = await TestCluster.start({ autoCreateTopics: false });
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
    expect(await embedded.ask(step)).toEqual(await real.ask(step));
  });
});
