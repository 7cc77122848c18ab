import type { BrokerMetrics, Kafka } from "kafkawire";
import { describe, expect, it } from "vitest";
import { Fetch, Produce } from "../../../src/client/api.ts";
import { hangUp } from "../../support/fake-broker.ts";
import { FakeCluster } from "../../support/fake-cluster.ts";
import { kafkaFor } from "../../support/fake-kafka.ts";
import { take } from "../../support/topics.ts";

function brokerOf(kafka: Kafka, nodeId: number | null): BrokerMetrics {
  const found = kafka.metrics().brokers.find((broker) => broker.nodeId === nodeId);
  return found ?? expect.fail(`no broker ${nodeId}`);
}

function sum(
  kafka: Kafka,
  of: (counters: BrokerMetrics | Omit<BrokerMetrics, "broker" | "nodeId">) => number,
): number {
  const { brokers, formerBrokers } = kafka.metrics();
  return [...brokers, formerBrokers].reduce((total, each) => total + of(each), 0);
}

describe("Kafka.metrics", () => {
  it("count what went over the wire, byte for byte and request for request", async () => {
    const cluster = new FakeCluster(2);
    cluster.createTopic("orders", 2);
    const kafka = kafkaFor(cluster);
    const producer = kafka.producer({ lingerMs: 0 });
    for (let i = 0; i < 20; i++) {
      await cluster.platform.run(producer.send({ topic: "orders", partition: i % 2, value: `value ${i}` }));
    }
    const sent = cluster.platform.peers.reduce((bytes, { received }) => bytes + received.byteLength, 0);
    const requests = cluster.brokers.flatMap((broker) => broker.requests);
    expect(sum(kafka, ({ bytesOut }) => bytesOut)).toBe(sent);
    expect(sum(kafka, ({ requestsSent }) => requestsSent)).toBe(requests.length);
    expect(brokerOf(kafka, 1).apis.find(({ api }) => api === "Produce")).toMatchObject({
      sent: 10,
      answered: 10,
      failed: 0,
      latency: { count: 10 },
    });
    expect(brokerOf(kafka, 1)).toMatchObject({ broker: "b1:9092", connectionsOpen: 1, inFlight: 0 });
    await cluster.platform.run(kafka.close());
    expect(sum(kafka, ({ connectionsOpen }) => connectionsOpen)).toBe(0);
    expect(sum(kafka, ({ connectionsLost }) => connectionsLost)).toBe(0);
    expect(sum(kafka, ({ requestsSent }) => requestsSent)).toBe(requests.length);
  });

  it("are plain data", async () => {
    const cluster = new FakeCluster(1);
    cluster.createTopic("orders");
    const kafka = kafkaFor(cluster, { clientId: "billing" });
    await cluster.platform.run(kafka.producer({ lingerMs: 0 }).send({ topic: "orders", value: "a" }));
    const metrics = kafka.metrics();
    expect(JSON.parse(JSON.stringify(metrics))).toEqual(metrics);
    expect(metrics).toMatchObject({
      clientId: "billing",
      takenAtMs: cluster.platform.clock.wallMs(),
      waits: 0,
    });
    await cluster.platform.run(kafka.close());
  });

  it("tell latencies apart by API, and add them up", async () => {
    const cluster = new FakeCluster(1);
    cluster.createTopic("orders");
    const kafka = kafkaFor(cluster);
    const producer = kafka.producer({ lingerMs: 0 });
    await cluster.platform.run(producer.send({ topic: "orders", value: "a" }));
    const { clock } = cluster.platform;
    cluster.broker(1).handle(Produce, async () => {
      await new Promise<void>((resolve) => clock.setTimer(100, resolve));
      return undefined;
    });
    await cluster.platform.run(producer.send({ topic: "orders", value: "b" }));
    const { apis, latency } = brokerOf(kafka, 1);
    const produce = apis.find(({ api }) => api === "Produce")?.latency;
    expect(produce).toMatchObject({ count: 2, sumMs: 100, minMs: 0, maxMs: 100, p50Ms: 0 });
    expect(latency.count).toBe(apis.reduce((count, api) => count + api.latency.count, 0));
    expect(latency.maxMs).toBe(100);
    await cluster.platform.run(kafka.close());
  });

  it("count connections that are lost and opened again, and requests that failed with them", async () => {
    const cluster = new FakeCluster(1);
    cluster.createTopic("orders");
    const kafka = kafkaFor(cluster);
    const producer = kafka.producer({ lingerMs: 0 });
    await cluster.platform.run(producer.send({ topic: "orders", value: "a" }));
    let isFirst = true;
    cluster.broker(1).handle(Produce, () => {
      if (!isFirst) return undefined;
      isFirst = false;
      return hangUp();
    });
    await cluster.platform.run(producer.send({ topic: "orders", value: "b" }));
    expect(brokerOf(kafka, 1)).toMatchObject({
      connectionsOpen: 1,
      connectionsOpened: 2,
      connectionsLost: 1,
      reconnects: 1,
      requestsFailed: 1,
      inFlight: 0,
    });
    expect(kafka.metrics().producer).toMatchObject({
      batchesSent: 3,
      batchesRetried: 1,
      batchesDelivered: 2,
      batchesFailed: 0,
      recordsSent: 3,
      recordsRetried: 1,
      recordsDelivered: 2,
    });
    await cluster.platform.run(kafka.close());
  });

  it("keep the sums when a broker leaves", async () => {
    const cluster = new FakeCluster(2);
    cluster.createTopic("orders", 2);
    const kafka = kafkaFor(cluster, { metadataMaxAgeMs: 1000 });
    const producer = kafka.producer({ lingerMs: 0 });
    const send = (partition: number): Promise<unknown> =>
      cluster.platform.run(producer.send({ topic: "orders", partition, value: "a" }));
    await send(0);
    await send(1);
    const before = sum(kafka, ({ requestsSent }) => requestsSent);
    cluster.moveLeader("orders", 1, 1);
    cluster.alive.delete(2);
    await cluster.platform.clock.advance(2000);
    await send(0);
    await send(1);
    const { brokers, formerBrokers } = kafka.metrics();
    expect(brokers.map(({ nodeId }) => nodeId)).not.toContain(2);
    expect(formerBrokers).toMatchObject({ connectionsOpen: 0, connectionsOpened: 1 });
    expect(formerBrokers.apis.find(({ api }) => api === "Produce")?.sent).toBe(1);
    expect(sum(kafka, ({ requestsSent }) => requestsSent)).toBeGreaterThan(before);
    await cluster.platform.run(kafka.close());
  });

  it("tell what producers hold, and how much compression saves", async () => {
    const cluster = new FakeCluster(1);
    cluster.createTopic("orders");
    const kafka = kafkaFor(cluster);
    const producer = kafka.producer({ lingerMs: 1000, compressionType: "gzip" });
    const value = "the same again ".repeat(100);
    const sent = producer.send([
      { topic: "orders", value },
      { topic: "orders", value },
    ]);
    expect(kafka.metrics().producer).toMatchObject({ recordsQueued: 2, bytesQueued: 0, compressionRate: 1 });
    await cluster.platform.clock.advance(500);
    const queued = kafka.metrics().producer;
    expect(queued.recordsQueued).toBe(2);
    expect(queued.bytesQueued).toBeGreaterThan(2 * value.length);
    await cluster.platform.run(sent);
    const { recordsQueued, bytesQueued, recordsDelivered, compressionRate, bytesSent } =
      kafka.metrics().producer;
    expect([recordsQueued, bytesQueued, recordsDelivered]).toEqual([0, 0, 2]);
    expect(compressionRate).toBeLessThan(0.1);
    expect(bytesSent).toBe(cluster.log("orders").read(0n, 1_000_000).byteLength);
    await cluster.platform.run(kafka.close());
  });

  it("count a record once, also when its answer comes after its time", async () => {
    const cluster = new FakeCluster(1);
    cluster.createTopic("orders");
    const { clock } = cluster.platform;
    const kafka = kafkaFor(cluster, { requestTimeoutMs: 1000 });
    const producer = kafka.producer({ lingerMs: 0, deliveryTimeoutMs: 1000 });
    await cluster.platform.run(producer.send({ topic: "orders", value: "in time" }));
    let attempts = 0;
    cluster.broker(1).handle(Produce, async ({ body }) => {
      await new Promise<void>((resolve) => clock.setTimer(600, resolve));
      if (++attempts > 1) return undefined;
      const partitionResponses = [{ index: 0, errorCode: 6, baseOffset: -1n }];
      return { responses: body.topicData.map(({ topicId }) => ({ topicId, partitionResponses })) };
    });
    const late = kafka.metrics().producer;
    expect(await cluster.platform.failure(producer.send({ topic: "orders", value: "late" }))).toMatchObject({
      code: "DELIVERY_TIMED_OUT",
    });
    await clock.advance(1000);
    expect(cluster.log("orders").nextOffset).toBe(2n);
    expect(kafka.metrics().producer).toMatchObject({
      recordsDelivered: late.recordsDelivered,
      recordsFailed: 1,
      recordsRetried: 1,
      recordsQueued: 0,
    });
    await cluster.platform.run(kafka.close());
  });

  it("tell what consumers have read, what they hold and how far they are behind", async () => {
    const cluster = new FakeCluster(1);
    cluster.createTopic("orders");
    const kafka = kafkaFor(cluster);
    const producer = kafka.producer({ lingerMs: 0 });
    for (let i = 0; i < 5; i++) {
      await cluster.platform.run(producer.send({ topic: "orders", value: `value ${i}` }));
    }
    const bytes = cluster.log("orders").read(0n, 1_000_000).byteLength;
    const consumer = kafka.consumer();
    consumer.assign([{ topic: "orders", partition: 0, from: "earliest" }]);
    await cluster.platform.run(take(consumer, 2));
    expect(kafka.metrics().consumer).toMatchObject({
      recordsConsumed: 2,
      batchesFetched: 5,
      bytesFetched: bytes,
      bytesBuffered: bytes,
      lag: 3,
      lags: [{ topic: "orders", partition: 0, lag: 3 }],
    });
    await cluster.platform.run(take(consumer, 3));
    expect(kafka.metrics().consumer).toMatchObject({ recordsConsumed: 5, lag: 0 });
    await consumer.close();
    expect(kafka.metrics().consumer).toMatchObject({
      recordsConsumed: 5,
      bytesBuffered: 0,
      lag: 0,
      lags: [],
    });
    await cluster.platform.run(kafka.close());
  });

  it("count fetches that failed", async () => {
    const cluster = new FakeCluster(1);
    cluster.createTopic("orders");
    const kafka = kafkaFor(cluster);
    await cluster.platform.run(kafka.producer({ lingerMs: 0 }).send({ topic: "orders", value: "a" }));
    let isFirst = true;
    cluster.broker(1).handle(Fetch, () => {
      if (!isFirst) return undefined;
      isFirst = false;
      return hangUp();
    });
    const consumer = kafka.consumer();
    consumer.assign([{ topic: "orders", partition: 0, from: "earliest" }]);
    await cluster.platform.run(take(consumer, 1));
    const { fetches, fetchesFailed, recordsConsumed } = kafka.metrics().consumer;
    expect([fetchesFailed, recordsConsumed]).toEqual([1, 1]);
    expect(fetches).toBeGreaterThan(0);
    await cluster.platform.run(kafka.close());
  });

  it("tell the age of metadata and how often it was asked for", async () => {
    const cluster = new FakeCluster(1);
    cluster.createTopic("orders");
    const kafka = kafkaFor(cluster);
    expect(kafka.metrics().metadata).toEqual({ ageMs: null, refreshes: 0, refreshesFailed: 0 });
    await cluster.platform.run(kafka.consumer().partitionsFor("orders"));
    await cluster.platform.clock.advance(700);
    expect(kafka.metrics().metadata).toEqual({ ageMs: 700, refreshes: 1, refreshesFailed: 0 });
    cluster.platform.listeners.delete("b1:9092");
    for (const peer of cluster.platform.peers) peer.close();
    await cluster.platform.failure(kafka.consumer().partitionsFor("other", { timeoutMs: 1000 }));
    expect(kafka.metrics().metadata.refreshesFailed).toBeGreaterThan(0);
    await cluster.platform.run(kafka.close());
  });
});
