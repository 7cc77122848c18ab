import { channel } from "node:diagnostics_channel";
import { type BrokerMetrics, type ClientEvent, type ClientEventName, Kafka } from "kafkawire";
import { describe, expect, it } from "vitest";
import { Produce } from "../../../src/client/api.ts";
import { CLIENT_EVENT_NAMES } from "../../../src/client/observe/events.ts";
import type { DiagnosticsChannel } from "../../../src/platform/platform.ts";
import { hangUp } from "../../support/fake-broker.ts";
import { FakeCluster } from "../../support/fake-cluster.ts";
import { FakeLogger, kafkaFor } from "../../support/fake-kafka.ts";
import { FakePlatform, systemError } from "../../support/fake-platform.ts";
import { FakeSasl } from "../../support/fake-sasl.ts";
import { take } from "../../support/topics.ts";
// The client loads it when it is needed, which takes no time of a fake clock and still some.
import "../../../src/client/sasl/authenticator.ts";

/** Every event of the client, in order. */
function heard(kafka: Kafka): ClientEvent[] {
  const events: ClientEvent[] = [];
  for (const name of CLIENT_EVENT_NAMES) kafka.on(name, (event) => events.push(event));
  return events;
}

function named<Name extends ClientEventName>(
  events: readonly ClientEvent[],
  name: Name,
): ClientEvent<Name>[] {
  return events.filter((event): event is ClientEvent<Name> => event.type === name);
}

function brokerMetrics(kafka: Kafka, nodeId: number): BrokerMetrics | undefined {
  return kafka.metrics().brokers.find((broker) => broker.nodeId === nodeId);
}

const NOT_LEADER_OR_FOLLOWER = 6;

describe("events", () => {
  it("tell of sending and reading from beginning to end", async () => {
    const cluster = new FakeCluster(1);
    cluster.createTopic("orders");
    const kafka = kafkaFor(cluster, { clientId: "billing" });
    const events = heard(kafka);
    const { run } = cluster.platform;
    const sent = kafka.producer({ lingerMs: 0 }).send([
      { topic: "orders", value: "a" },
      { topic: "orders", value: "b" },
    ]);
    await run.call(cluster.platform, sent);
    const consumer = kafka.consumer();
    consumer.assign([{ topic: "orders", partition: 0, from: "earliest" }]);
    await cluster.platform.run(take(consumer, 2));
    await cluster.platform.run(kafka.close());

    expect(new Set(events.map(({ clientId }) => clientId))).toEqual(new Set(["billing"]));
    const [bootstrap, main, fetch] = named(events, "connection:opened");
    expect(bootstrap).toMatchObject({ broker: "b1:9092", nodeId: null, purpose: "main", setupMs: 0 });
    expect(main).toMatchObject({ broker: "b1:9092", nodeId: 1, purpose: "main" });
    expect(fetch).toMatchObject({ broker: "b1:9092", nodeId: 1, purpose: "fetch-1" });
    expect(named(events, "metadata:updated")[0]).toMatchObject({
      clusterId: "fake",
      controllerId: 1,
      brokers: [{ nodeId: 1, host: "b1", port: 9092 }],
      topics: ["orders"],
      changedTopics: ["orders"],
    });
    const batch = { topic: "orders", partition: 0, nodeId: 1, records: 2, attempt: 1 };
    expect(named(events, "batch:sent")).toMatchObject([batch]);
    expect(named(events, "records:delivered")).toMatchObject([{ ...batch, baseOffset: 0n, deliveryMs: 0 }]);
    const delivered = named(events, "records:delivered")[0]?.bytes ?? 0;
    expect(named(events, "fetch:done")[0]).toMatchObject({
      broker: "b1:9092",
      nodeId: 1,
      partitions: 1,
      partitionsWithRecords: 1,
      batches: 1,
      bytes: delivered,
    });
    expect(named(events, "request:done").map(({ api }) => api)).toEqual([
      "ApiVersions",
      "Metadata",
      "ApiVersions",
      "InitProducerId",
      "Produce",
      "ListOffsets",
      "ApiVersions",
      "Fetch",
      ...named(events, "request:done")
        .slice(8)
        .map(() => "Fetch"),
    ]);
    const closed = named(events, "connection:closed");
    expect(closed).toHaveLength(named(events, "connection:opened").length);
    for (const { closedHere } of closed) expect(closedHere).toBe(true);
  });

  it("of requests carry sizes, times and what became of them", async () => {
    const cluster = new FakeCluster(1);
    cluster.createTopic("orders");
    const kafka = kafkaFor(cluster);
    const events = heard(kafka);
    cluster.broker(1).handle(Produce, () => hangUp());
    const producer = kafka.producer({ lingerMs: 0, retries: 0 });
    await cluster.platform.failure(producer.send({ topic: "orders", value: "a" }));
    const requests = named(events, "request:done");
    for (const { requestBytes, responseBytes, error, api, apiVersion } of requests) {
      expect(requestBytes).toBeGreaterThan(10);
      expect(apiVersion).toBeGreaterThan(0);
      expect(responseBytes > 0).toBe(api !== "Produce");
      if (api === "Produce") expect(error).toMatchObject({ code: "CONNECTION_CLOSED" });
      else expect(error).toBeNull();
    }
    expect(named(events, "connection:closed")).toMatchObject([
      { nodeId: 1, closedHere: false, cause: { code: "CONNECTION_CLOSED" } },
    ]);
    expect(named(events, "batch:failed")).toMatchObject([
      { topic: "orders", records: 1, attempt: 1, willRetry: false, error: { code: "CONNECTION_CLOSED" } },
    ]);
    expect(named(events, "records:delivered")).toEqual([]);
    await cluster.platform.run(kafka.close());
  });

  it("tell of throttling, of retries and of new leaders", async () => {
    const cluster = new FakeCluster(2);
    cluster.createTopic("orders");
    const kafka = kafkaFor(cluster);
    const events = heard(kafka);
    const producer = kafka.producer({ lingerMs: 0 });
    await cluster.platform.run(producer.send({ topic: "orders", value: "a" }));
    let isFirst = true;
    cluster.broker(1).handle(Produce, ({ body }) => {
      if (!isFirst) return undefined;
      isFirst = false;
      cluster.moveLeader("orders", 0, 2);
      const partitionResponses = [{ index: 0, errorCode: NOT_LEADER_OR_FOLLOWER, baseOffset: -1n }];
      return {
        throttleTimeMs: 70,
        responses: body.topicData.map(({ topicId }) => ({ topicId, partitionResponses })),
      };
    });
    await cluster.platform.run(producer.send({ topic: "orders", value: "b" }));
    expect(named(events, "request:throttled")).toMatchObject([
      { broker: "b1:9092", nodeId: 1, api: "Produce", throttleTimeMs: 70 },
    ]);
    expect(named(events, "batch:failed")).toMatchObject([
      { attempt: 1, nodeId: 1, willRetry: true, error: { code: "NOT_LEADER_OR_FOLLOWER" } },
    ]);
    expect(named(events, "leader:changed")).toMatchObject([
      { topic: "orders", partition: 0, from: 1, to: 2, leaderEpoch: 1 },
    ]);
    expect(named(events, "records:delivered")).toMatchObject([
      { nodeId: 1, attempt: 1 },
      { nodeId: 2, attempt: 2 },
    ]);
    expect(named(events, "metadata:updated").map(({ changedTopics }) => changedTopics)).toEqual([
      ["orders"],
      ["orders"],
    ]);
    await cluster.platform.run(kafka.close());
  });

  it("tell of connections that come to nothing", async () => {
    const platform = new FakePlatform();
    platform.listeners.set("b1:9092", { refuse: systemError("ECONNREFUSED") });
    const kafka = new Kafka({ bootstrapServers: "b1:9092", platform, logger: new FakeLogger() });
    const events = heard(kafka);
    await platform.failure(kafka.producer({ maxBlockMs: 500 }).send({ topic: "orders", value: "a" }));
    const failed = named(events, "connection:failed");
    expect(failed.length).toBeGreaterThan(1);
    for (const event of failed) {
      expect(event).toMatchObject({ broker: "b1:9092", nodeId: null, error: { code: "CONNECTION_FAILED" } });
    }
    expect(kafka.metrics().brokers).toMatchObject([
      { connectionsFailed: failed.length, connectionsOpened: 0 },
    ]);
    await platform.run(kafka.close());
  });
});

it("events of authentication say how, for how long, and whether it was done before; and no secret", async () => {
  // It is loaded when it is wanted, which takes time that the clock of this test does not know of.
  await import("../../../src/client/sasl/authenticator.ts");
  const cluster = new FakeCluster(1);
  cluster.createTopic("orders");
  new FakeSasl(cluster.broker(1), cluster.platform, { sessionLifetimeMs: 60_000 });
  const kafka = kafkaFor(cluster, {
    securityProtocol: "SASL_PLAINTEXT",
    saslMechanism: "PLAIN",
    saslUsername: "user",
    saslPassword: "pencil",
  });
  const events = heard(kafka);
  const producer = kafka.producer({ lingerMs: 0 });
  await cluster.platform.run(producer.send({ topic: "orders", value: "a" }));
  await cluster.platform.clock.advance(59_000);
  await cluster.platform.run(producer.send({ topic: "orders", value: "b" }));
  const how = { broker: "b1:9092", purpose: "main", mechanism: "PLAIN", sessionLifetimeMs: 60_000 };
  expect(named(events, "connection:authenticated")).toMatchObject([
    { ...how, nodeId: null, again: false, durationMs: 0 },
    { ...how, nodeId: 1, again: false },
    { ...how, nodeId: 1, again: true },
  ]);
  expect(brokerMetrics(kafka, 1)?.authentications).toBe(2);
  await cluster.platform.run(kafka.close());
  const text = JSON.stringify([events, kafka.metrics()], (_, value) =>
    typeof value === "bigint" ? String(value) : value,
  );
  expect(text).not.toContain("pencil");
});

describe("listeners", () => {
  async function withOneRequest(listen: (kafka: Kafka) => void, logger = new FakeLogger()): Promise<void> {
    const cluster = new FakeCluster(1);
    cluster.createTopic("orders");
    const kafka = kafkaFor(cluster, { logger });
    listen(kafka);
    await cluster.platform.run(kafka.producer({ lingerMs: 0 }).send({ topic: "orders", value: "a" }));
    await cluster.platform.run(kafka.close());
  }

  it("that throw or reject are told to the logger, and change nothing", async () => {
    const logger = new FakeLogger();
    const seen: string[] = [];
    await withOneRequest((kafka) => {
      kafka.on("batch:sent", () => {
        throw new Error("first is broken");
      });
      kafka.on("batch:sent", async () => {
        throw new Error("second is broken");
      });
      kafka.on("batch:sent", ({ type }) => seen.push(type));
    }, logger);
    expect(seen).toEqual(["batch:sent"]);
    expect(logger.lines.filter((line) => line.startsWith("error"))).toEqual([
      'error A listener of "batch:sent" threw: first is broken',
      'error A listener of "batch:sent" threw: second is broken',
    ]);
  });

  it("are called once with once, and not after off or after their own unsubscribing", async () => {
    const seen: string[] = [];
    await withOneRequest((kafka) => {
      const gone = (): void => void seen.push("gone");
      kafka.on("request:done", gone);
      kafka.once("request:done", gone);
      kafka.off("request:done", gone);
      kafka.on("request:done", () => seen.push("unsubscribed"))();
      kafka.once("request:done", () => seen.push("once"));
      const leave = kafka.on("request:done", () => {
        seen.push("leaves");
        leave();
      });
    });
    expect(seen).toEqual(["once", "leaves"]);
  });

  it("are refused for events that there are none of", async () => {
    await withOneRequest((kafka) => {
      expect(() => kafka.on("conection:opened" as "connection:opened", () => {})).toThrowError(
        /no event "conection:opened": the events are connection:opened, /,
      );
    });
  });
});

describe("diagnostics channels", () => {
  it("carry the same events", async () => {
    const platform = new FakePlatform();
    Object.assign(platform, { diagnostics: (name: string): DiagnosticsChannel => channel(name) });
    const cluster = new FakeCluster(1, platform);
    cluster.createTopic("orders");
    const kafka = kafkaFor(cluster, { clientId: "on-channels" });
    const events = heard(kafka);
    const published: unknown[] = [];
    const subscriber = (event: unknown): void => void published.push(event);
    for (const name of CLIENT_EVENT_NAMES) channel(`kafkawire:${name}`).subscribe(subscriber);
    try {
      await platform.run(kafka.producer({ lingerMs: 0 }).send({ topic: "orders", value: "a" }));
      await platform.run(kafka.close());
    } finally {
      for (const name of CLIENT_EVENT_NAMES) channel(`kafkawire:${name}`).unsubscribe(subscriber);
    }
    expect(published.length).toBeGreaterThan(8);
    expect(published).toEqual(events);
  });

  it("get nothing made for them while nobody has subscribed", async () => {
    const platform = new FakePlatform();
    const published: unknown[] = [];
    const names: string[] = [];
    const diagnostics = (name: string): DiagnosticsChannel => {
      names.push(name);
      return { hasSubscribers: false, publish: (event) => void published.push(event) };
    };
    Object.assign(platform, { diagnostics });
    const cluster = new FakeCluster(1, platform);
    cluster.createTopic("orders");
    const kafka = kafkaFor(cluster);
    await platform.run(kafka.producer({ lingerMs: 0 }).send({ topic: "orders", value: "a" }));
    await platform.run(kafka.close());
    expect(published).toEqual([]);
    expect(names).toEqual(CLIENT_EVENT_NAMES.map((name) => `kafkawire:${name}`));
  });
});
