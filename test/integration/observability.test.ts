import { randomUUID } from "node:crypto";
import { type ClientEvent, type ClientEventName, Kafka, type Metrics, type Platform } from "kafkawire";
import { AlterClientQuotasRequest, AlterClientQuotasResponse, apiName } from "kafkawire/protocol";
import { expect, it } from "vitest";
import { Connection } from "../../src/client/connection.ts";
import { parseEndpoint } from "../../src/client/endpoint.ts";
import { platform } from "../../src/platform/node.ts";
import { FrameFollower } from "../support/frame-follower.ts";
import { describeOnEachKafka } from "../support/kafka.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
import { createTopic, take } from "../support/topics.ts";

/** The network as somebody else sees it: all connections go through proxies, and requests are counted by API. */
class Witness implements AsyncDisposable {
  readonly requests = new Map<string, number>();
  readonly #proxies = new Map<string, Promise<TcpProxy>>();
  readonly platform: Platform = {
    ...platform,
    connect: async (options, handler) => {
      const address = `${options.host}:${options.port}`;
      const opened = this.#proxies.get(address) ?? TcpProxy.open({ host: options.host, port: options.port });
      this.#proxies.set(address, opened);
      const proxy = await opened;
      const follower = new FrameFollower(6, (header) => {
        const api = apiName(header.readInt16BE(4));
        this.requests.set(api, (this.requests.get(api) ?? 0) + 1);
      });
      const stream = await platform.connect({ ...options, host: "127.0.0.1", port: proxy.port }, handler);
      const write: typeof stream.write = (chunks) => {
        for (const chunk of chunks) follower.push(Buffer.from(chunk));
        return stream.write(chunks);
      };
      return { ...stream, write };
    },
  };

  async bytes(): Promise<{ readonly bytesOut: number; readonly bytesIn: number }> {
    const proxies = await Promise.all(this.#proxies.values());
    return {
      bytesOut: proxies.reduce((bytes, { counters }) => bytes + counters.toBroker, 0),
      bytesIn: proxies.reduce((bytes, { counters }) => bytes + counters.toClient, 0),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const proxy of await Promise.all(this.#proxies.values())) await proxy[Symbol.asyncDispose]();
  }
}

function heard<Name extends ClientEventName>(kafka: Kafka, name: Name): ClientEvent<Name>[] {
  const events: ClientEvent<Name>[] = [];
  kafka.on(name, (event) => events.push(event));
  return events;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

function bytesOf({ brokers }: Metrics): { readonly bytesOut: number; readonly bytesIn: number } {
  return {
    bytesOut: sum(brokers, ({ bytesOut }) => bytesOut),
    bytesIn: sum(brokers, ({ bytesIn }) => bytesIn),
  };
}

function requestsOf({ brokers }: Metrics): Map<string, number> {
  const requests = new Map<string, number>();
  for (const { api, sent } of brokers.flatMap(({ apis }) => apis)) {
    if (sent > 0) requests.set(api, (requests.get(api) ?? 0) + sent);
  }
  return requests;
}

describeOnEachKafka("events and metrics", (broker) => {
  it("add up to what went over the wire, and to what was sent and read", async () => {
    await using witness = new Witness();
    await using kafka = new Kafka({
      bootstrapServers: broker().bootstrapServers,
      platform: witness.platform,
    });
    const done = heard(kafka, "request:done");
    const delivered = heard(kafka, "records:delivered");
    const batches = heard(kafka, "batch:sent");
    const fetches = heard(kafka, "fetch:done");
    const topic = await createTopic(kafka, 3);
    const records = Array.from({ length: 5000 }, (_, i) => ({
      topic,
      key: `key ${i}`,
      value: "v".repeat(i % 300),
    }));
    const producer = kafka.producer({ compressionType: "gzip" });
    await producer.send(records);

    // Nothing is under way now, so events, metrics and the network must agree to the byte.
    const bytes = bytesOf(kafka.metrics());
    expect(bytes).toEqual({
      bytesOut: sum(done, ({ requestBytes }) => requestBytes),
      bytesIn: sum(done, ({ responseBytes }) => responseBytes),
    });
    await expect.poll(() => witness.bytes()).toEqual(bytes);
    const { producer: sent } = kafka.metrics();
    expect(sum(delivered, (event) => event.records)).toBe(records.length);
    expect(sent).toMatchObject({
      recordsDelivered: records.length,
      recordsFailed: 0,
      recordsQueued: 0,
      batchesSent: batches.length,
      bytesSent: sum(batches, ({ bytes }) => bytes),
    });
    expect(sent.compressionRate).toBeLessThan(0.5);

    const consumer = kafka.consumer();
    consumer.assign(await consumer.partitionsFor(topic, { from: "earliest" }));
    await take(consumer, records.length);
    const metrics = kafka.metrics();
    expect(requestsOf(metrics)).toEqual(witness.requests);
    expect(metrics.consumer).toMatchObject({
      recordsConsumed: records.length,
      fetches: fetches.length,
      // What was acknowledged is what the log holds. More was sent where a leader was not ready at first.
      bytesFetched: sum(delivered, ({ bytes }) => bytes),
      batchesFetched: delivered.length,
      lag: 0,
    });
    expect(sum(fetches, ({ bytes }) => bytes)).toBe(sum(delivered, ({ bytes }) => bytes));
    for (const { latencyMs, queueMs, error } of done) {
      expect(error).toBeNull();
      expect(latencyMs).toBeGreaterThan(0);
      expect(queueMs).toBeGreaterThanOrEqual(0);
    }
  });
});

describeOnEachKafka(
  "events and metrics of quotas",
  (broker) => {
    it("show that a quota is used up, and for how long", async () => {
      const clientId = `throttled-${randomUUID()}`;
      const bootstrapServers = broker().bootstrapServers;
      await using kafka = new Kafka({ bootstrapServers, clientId });
      const topic = await createTopic(kafka, 1);
      await setByteRate(bootstrapServers[0] as string, clientId, 1000);
      try {
        const throttled = heard(kafka, "request:throttled");
        const producer = kafka.producer({ lingerMs: 0 });
        // A broker looks at the last ten seconds: 10,000 bytes are free. Another than the one that was told hears later.
        const endMs = performance.now() + 15_000;
        while (throttled.length === 0 && performance.now() < endMs) {
          await producer.send({ topic, value: "x".repeat(500) });
        }
        const [event] = throttled;
        expect(event).toMatchObject({ api: "Produce", clientId, purpose: "main" });
        expect(event?.throttleTimeMs).toBeGreaterThan(0);
        const { brokers } = kafka.metrics();
        const produce = brokers.flatMap(({ apis }) => apis).find(({ api }) => api === "Produce");
        expect(produce).toMatchObject({
          throttled: throttled.length,
          throttleTimeMs: sum(throttled, ({ throttleTimeMs }) => throttleTimeMs),
        });
      } finally {
        await setByteRate(bootstrapServers[0] as string, clientId, null);
      }
    });
  },
  // Client quotas are altered by a request since then (KIP-546); old-brokers.test.ts has one that is configured.
  "2.6.0",
);

/** Null takes the quota away. */
async function setByteRate(server: string, clientId: string, rate: number | null): Promise<void> {
  const connection = await Connection.open(parseEndpoint(server), {
    platform,
    tls: null,
    clientId: "quotas",
    setupTimeoutMs: 10_000,
    maxInFlight: 1,
    maxFrameSize: 1 << 20,
  });
  const api = { apiKey: 49, request: AlterClientQuotasRequest, response: AlterClientQuotasResponse };
  const entity = [{ entityType: "client-id", entityName: clientId }];
  const ops = [{ key: "producer_byte_rate", value: rate ?? 0, remove: rate === null }];
  const { entries } = await connection.send(api, 1, { entries: [{ entity, ops }] }, { timeoutMs: 10_000 });
  connection.close();
  expect(entries.map(({ errorCode }) => errorCode)).toEqual([0]);
}
