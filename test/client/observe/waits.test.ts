import type { ClientEvent, Kafka } from "kafkawire";
import { beforeEach, describe, expect, it } from "vitest";
import { ApiVersions, CreateTopics, Fetch, ListOffsets, Metadata, Produce } from "../../../src/client/api.ts";
import { type StalledWait, Waits } from "../../../src/client/observe/waits.ts";
import { silence } from "../../support/fake-broker.ts";
import { FakeClock, settle } from "../../support/fake-clock.ts";
import { FakeCluster } from "../../support/fake-cluster.ts";
import { FakeLogger, kafkaFor } from "../../support/fake-kafka.ts";

/** What the broker answers otherwise, but later. */
async function late(clock: FakeClock, ms: number): Promise<undefined> {
  await new Promise<void>((resolve) => clock.setTimer(ms, resolve));
  return undefined;
}

function waitingFor(kafka: Kafka): string[] {
  return kafka.waits().map((wait) => wait.waitingFor);
}

describe("Kafka.waits", () => {
  let cluster: FakeCluster;
  let kafka: Kafka;

  beforeEach(() => {
    cluster = new FakeCluster(1);
    cluster.createTopic("orders");
    kafka = kafkaFor(cluster);
  });

  /** Leaves nothing behind that could reject later. */
  async function end(...promises: readonly Promise<unknown>[]): Promise<void> {
    const closed = kafka.close();
    await cluster.platform.clock.run(Promise.allSettled([closed, ...promises]));
    expect(kafka.waits()).toEqual([]);
  }

  it("is empty while nothing is asked for, and once all has its answer", async () => {
    expect(kafka.waits()).toEqual([]);
    await cluster.platform.run(kafka.producer().send({ topic: "orders", value: "a" }));
    expect(kafka.waits()).toEqual([]);
    await end();
  });

  it("says of a topic that is looked up that the cluster has none of that name", async () => {
    const sent = kafka.producer({ maxBlockMs: 4000 }).send({ topic: "nowhere", value: "a" });
    await cluster.platform.clock.advance(300);
    expect(kafka.waits()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          waitingFor: 'topic "nowhere" to be described',
          inTheWay: expect.stringContaining("the cluster has no such topic"),
        }),
      ]),
    );
    await end(sent);
  });

  it("names a topic that is looked up, the metadata, and the connection that this takes", async () => {
    cluster.platform.listeners.set("b1:9092", "blackhole");
    const sent = kafka.producer({ maxBlockMs: 4000 }).send({ topic: "orders", value: "a" });
    await cluster.platform.clock.advance(300);
    const inTheWay =
      "b1:9092 has not completed the handshake for 300 ms: is it a Kafka broker with the configured security protocol?";
    const common = { ageMs: 300, inTheWay };
    const nothing = { broker: null, nodeId: null, api: null };
    const waits = kafka.waits();
    expect(waits).toHaveLength(3);
    expect(waits).toEqual(
      expect.arrayContaining([
        { ...common, ...nothing, waitingFor: 'topic "orders" to be described', deadlineInMs: 3700 },
        { ...common, ...nothing, waitingFor: "metadata of the cluster", deadlineInMs: null },
        {
          ...common,
          ...nothing,
          waitingFor: "a connection to b1:9092 (main)",
          broker: "b1:9092",
          deadlineInMs: null,
        },
      ]),
    );
    await end(sent);
  });

  it("names an answer that is owed, by whom, and until when", async () => {
    cluster.broker(1).handle(Metadata, () => silence);
    const created = kafka.admin().createTopics([{ topic: "new" }], { timeoutMs: 20_000 });
    await cluster.platform.clock.advance(400);
    const owed = kafka.waits().find(({ api }) => api === "Metadata");
    expect(owed).toMatchObject({
      waitingFor: expect.stringMatching(/^the answer of b1:9092 to Metadata v\d+$/),
      broker: "b1:9092",
      nodeId: null,
      ageMs: 400,
      deadlineInMs: 29_600,
      inTheWay: "it was sent 400 ms ago; 1 requests of the connection are in flight",
    });
    expect(waitingFor(kafka)).toContain("the admin client to create topics");
    await end(created);
  });

  it("says of a request why it was not sent", async () => {
    let throttleTimeMs = 2000;
    cluster.broker(1).handle(CreateTopics, ({ body }) => {
      const answer = { throttleTimeMs, topics: body.topics.map(({ name }) => ({ name })) };
      throttleTimeMs = 0;
      return answer;
    });
    const admin = kafka.admin();
    await cluster.platform.run(admin.createTopics([{ topic: "first" }]));
    const second = admin.createTopics([{ topic: "second" }]);
    await cluster.platform.clock.advance(500);
    expect(kafka.waits().find(({ api }) => api === "CreateTopics")?.inTheWay).toBe(
      "it was not sent yet: a quota is used up, and the broker wants 1500 ms more of silence",
    );
    await end(second);
  });

  it("names records that are to be acknowledged, one line for each partition, and the flush and the close", async () => {
    cluster.createTopic("two", 2);
    const producer = kafka.producer({ lingerMs: 60_000, deliveryTimeoutMs: 100_000 });
    const sent = [0, 0, 1].map((partition) => producer.send({ topic: "two", partition, value: "a" }));
    await settle();
    cluster.broker(1).handle(Produce, () => late(cluster.platform.clock, 3000));
    await cluster.platform.clock.advance(100);
    expect(kafka.waits()).toMatchObject([
      {
        waitingFor: '2 records for topic "two", partition 0 to be acknowledged',
        ageMs: 100,
        deadlineInMs: 99_900,
        nodeId: null,
      },
      { waitingFor: '1 records for topic "two", partition 1 to be acknowledged' },
    ]);
    const flushed = producer.flush();
    const closed = kafka.close();
    await cluster.platform.clock.advance(100);
    expect(kafka.waits()[0]).toMatchObject({ nodeId: 1 });
    expect(waitingFor(kafka)).toEqual(
      expect.arrayContaining([
        "a producer to be flushed",
        "a producer to be closed",
        "the client's producers and consumers to be closed",
        expect.stringMatching(/^the answer of b1:9092 to Produce v\d+$/),
      ]),
    );
    await end(...sent, flushed, closed);
  });

  it("names a start offset that is looked up, and records that are read", async () => {
    cluster.broker(1).handle(ListOffsets, () => late(cluster.platform.clock, 1000));
    const consumer = kafka.consumer();
    consumer.assign([{ topic: "orders", partition: 0, from: "earliest" }]);
    const next = consumer[Symbol.asyncIterator]().next();
    await cluster.platform.clock.advance(100);
    expect(waitingFor(kafka)).toEqual(
      expect.arrayContaining(["the start offset of orders-0", "records of 1 partitions that are read"]),
    );
    await cluster.platform.clock.advance(1000);
    expect(waitingFor(kafka)).toEqual([
      "records of 1 partitions that are read",
      expect.stringMatching(/^the answer of b1:9092 to Fetch v\d+$/),
    ]);
    await end(next);
  });
});

describe("the watchdog", () => {
  it("speaks once of each wait that is longer than 10 s, and never of one that may last", async () => {
    const cluster = new FakeCluster(1);
    cluster.createTopic("orders");
    const logger = new FakeLogger();
    const kafka = kafkaFor(cluster, { logger });
    const stalled: ClientEvent<"stalled">[] = [];
    kafka.on("stalled", (event) => stalled.push(event));
    const consumer = kafka.consumer({ fetchMaxWaitMs: 20_000 });
    consumer.assign([{ topic: "orders", partition: 0, from: "latest" }]);
    const next = consumer[Symbol.asyncIterator]().next();
    await cluster.platform.clock.advance(60_000);
    expect(stalled).toEqual([]);
    expect(logger.lines.filter((line) => line.startsWith("warn"))).toEqual([]);

    const sent = kafka.producer({ maxBlockMs: 30_000 }).send({ topic: "missing", value: "a" });
    const failed = cluster.platform.failure(sent);
    await failed;
    expect(stalled).toMatchObject([
      {
        waitingFor: 'topic "missing" to be described',
        isOverdue: false,
        deadlineInMs: expect.any(Number),
        broker: null,
      },
    ]);
    expect(stalled[0]?.ageMs).toBeGreaterThanOrEqual(10_000);
    expect(stalled[0]?.ageMs).toBeLessThan(11_001);
    expect(logger.lines.filter((line) => line.startsWith("warn"))).toEqual([
      expect.stringMatching(
        /^warn Still waiting for topic "missing" to be described \(1[01] s, of 30 s; the cluster has no such topic\. /,
      ),
    ]);
    await cluster.platform.clock.run(Promise.all([kafka.close(), next]));
  });

  it("says what stands in the way", async () => {
    const cluster = new FakeCluster(1);
    const logger = new FakeLogger();
    const kafka = kafkaFor(cluster, { logger });
    cluster.broker(1).handle(ApiVersions, () => silence);
    await cluster.platform.failure(
      kafka.producer({ maxBlockMs: 15_000 }).send({ topic: "orders", value: "a" }),
    );
    const [warning] = logger.lines.filter((line) => line.includes("Still waiting"));
    expect(warning).toContain('topic "orders" to be described (1');
    expect(warning).toContain("b1:9092");
    await cluster.platform.run(kafka.close());
  });

  it("calls a wait that outlives its deadline a fault, but not before it has looked twice", async () => {
    const clock = new FakeClock();
    const waits = new Waits(clock);
    const told: StalledWait[] = [];
    waits.watch(
      () => "the moon",
      (stalled) => told.push(...stalled),
    );
    waits.begin("the end of time", { broker: "b1:9092", nodeId: 1, api: "Fetch", timeoutMs: 2500 });
    const ended = waits.begin("what ends late", { timeoutMs: 2500 });
    await clock.advance(3100);
    expect(told).toEqual([]);
    ended.end();
    await clock.advance(60_000);
    expect(told).toEqual([
      {
        waitingFor: "the end of time",
        broker: "b1:9092",
        nodeId: 1,
        api: "Fetch",
        ageMs: 4000,
        deadlineInMs: -1500,
        inTheWay: "the moon",
        isOverdue: true,
      },
    ]);
  });

  it("names three waits in a line, and counts the rest", async () => {
    const cluster = new FakeCluster(1);
    const logger = new FakeLogger();
    const kafka = kafkaFor(cluster, { logger });
    const producer = kafka.producer({ maxBlockMs: 12_000 });
    const sent = ["a", "b", "c", "d", "e"].map((topic) => producer.send({ topic, value: "x" }));
    await cluster.platform.clock.run(Promise.allSettled(sent));
    const warnings = logger.lines.filter((line) => line.includes("Still waiting"));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(
      /topic "a" .* topic "b" .* topic "c" .*, and 2 more \(Kafka\.waits\(\) lists them\)$/,
    );
    await cluster.platform.run(kafka.close());
  });

  it("has no timer while there is nothing to wait for, and never one that keeps the process alive", async () => {
    const clock = new FakeClock();
    const waits = new Waits(clock);
    waits.watch(
      () => "",
      () => {},
    );
    expect(clock.timers).toBe(0);
    const wait = waits.begin("something");
    expect([clock.timers, clock.foregroundTimers]).toEqual([1, 0]);
    await clock.advance(5000);
    expect(clock.timers).toBe(1);
    wait.end();
    await clock.advance(1000);
    expect(clock.timers).toBe(0);
    waits.begin("something else");
    waits.stop();
    expect(clock.timers).toBe(0);
  });

  it("lets a fetch take as long as it asked for", async () => {
    const cluster = new FakeCluster(1);
    cluster.createTopic("orders");
    const kafka = kafkaFor(cluster);
    const stalled: unknown[] = [];
    kafka.on("stalled", (event) => stalled.push(event));
    cluster.broker(1).handle(Fetch, () => late(cluster.platform.clock, 25_000));
    const consumer = kafka.consumer({ fetchMaxWaitMs: 20_000 });
    consumer.assign([{ topic: "orders", partition: 0, from: 0n }]);
    const next = consumer[Symbol.asyncIterator]().next();
    await cluster.platform.clock.advance(24_000);
    expect(stalled).toEqual([]);
    await cluster.platform.clock.run(Promise.all([kafka.close(), next]));
  });
});
