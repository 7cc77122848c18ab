import { describe, expect, it } from "vitest";
import { Produce } from "../../../src/client/api.ts";
import type { ProducerConfig } from "../../../src/client/config/producer-config.ts";
import { later, silence } from "../../support/fake-broker.ts";
import { settle } from "../../support/fake-clock.ts";
import { FakeCluster } from "../../support/fake-cluster.ts";
import { FakeLogger, kafkaFor } from "../../support/fake-kafka.ts";

async function setUp(config: ProducerConfig = {}) {
  const cluster = new FakeCluster();
  cluster.createTopic("t");
  const { platform } = cluster;
  const logger = new FakeLogger();
  const kafka = kafkaFor(cluster, { requestTimeoutMs: 1000, logger });
  const producer = kafka.producer({ bufferMemory: 20_000, batchSize: 4096, maxBlockMs: 5000, ...config });
  await platform.run(producer.send({ topic: "t", value: "first" }));
  return { cluster, platform, broker: cluster.broker(1), kafka, producer, logger };
}

const RECORD = { topic: "t", value: "x".repeat(1000) };

describe("enqueue", () => {
  it("takes records, and tells of each once what became of it", async () => {
    const { cluster, platform, producer } = await setUp();
    const told: unknown[] = [];
    for (const value of ["a", "b"]) {
      producer.enqueue({ topic: "t", value }, (error, metadata) => told.push([error, metadata?.offset]));
    }
    await platform.run(producer.flush());
    expect(told).toEqual([
      [null, 1n],
      [null, 2n],
    ]);
    expect(cluster.log("t").values()).toEqual(["first", "a", "b"]);
  });

  it("says when the buffer is full, refuses what comes then, and is ready when half of it is free", async () => {
    const { cluster, platform, broker, producer } = await setUp();
    broker.script(Produce, later(300, undefined));
    let taken = 1;
    while (producer.enqueue(RECORD)) taken++;
    expect(taken).toBeLessThan(20);
    expect(() => producer.enqueue(RECORD)).toThrow(
      expect.objectContaining({
        code: "BUFFER_EXHAUSTED",
        message: expect.stringContaining("buffer of 20000 bytes (bufferMemory) is full"),
      }),
    );
    await platform.run(producer.ready());
    expect(producer.enqueue(RECORD)).toBe(true);
    await platform.run(producer.flush());
    expect(cluster.log("t").values()).toHaveLength(1 + taken + 1);
  });

  it("does not linger once the buffer is full", async () => {
    const { platform, producer } = await setUp({ lingerMs: 900, batchSize: 100_000 });
    while (producer.enqueue(RECORD));
    const startMs = platform.clock.monotonicMs();
    await platform.run(producer.ready());
    expect(platform.clock.monotonicMs() - startMs).toBeLessThan(100);
  });

  it("gives up waiting for room after maxBlockMs, and says what stood in the way", async () => {
    const { platform, broker, producer } = await setUp({ deliveryTimeoutMs: 60_000 });
    broker.handle(Produce, () => silence);
    while (producer.enqueue(RECORD, () => {}));
    const startMs = platform.clock.monotonicMs();
    expect(await platform.failure(producer.ready())).toMatchObject({
      code: "BUFFER_EXHAUSTED",
      message: expect.stringContaining("had no room for 5000 ms"),
    });
    expect(platform.clock.monotonicMs() - startMs).toBe(5000);
  });

  it("lingers again after somebody gave up waiting for room", async () => {
    const { platform, broker, producer } = await setUp({
      lingerMs: 900,
      batchSize: 32_768,
      bufferMemory: 200_000,
    });
    // Two of six batches are answered at once, so that there is room, and not half of all.
    let requests = 0;
    broker.handle(Produce, () => (++requests === 3 ? later(950, undefined) : undefined));
    while (producer.enqueue(RECORD));
    expect(await platform.failure(producer.ready({ timeoutMs: 100 }))).toMatchObject({
      code: "BUFFER_EXHAUSTED",
    });
    const sentBefore = broker.of(Produce).length;
    expect(producer.enqueue(RECORD)).toBe(true);
    await platform.clock.advance(700);
    expect(broker.of(Produce)).toHaveLength(sentBefore);
    await platform.clock.advance(300);
    expect(broker.of(Produce)).toHaveLength(sentBefore + 1);
  });

  it("throws what is wrong with a record, and what a closed producer says", async () => {
    const { platform, producer } = await setUp();
    expect(() => producer.enqueue({ topic: "" })).toThrow("needs a topic");
    await platform.run(producer.close());
    expect(() => producer.enqueue(RECORD)).toThrow("closed");
    await expect(producer.ready()).rejects.toThrow("closed");
  });

  it("tells the logger of a failure that nobody waits for, and of a callback that throws", async () => {
    const { platform, broker, producer, logger } = await setUp({ deliveryTimeoutMs: 2000 });
    producer.enqueue(RECORD, () => {
      throw new Error("my own");
    });
    await platform.run(producer.flush());
    expect(logger.lines.filter((line) => line.startsWith("error"))).toEqual([
      "error A delivery callback threw, which changes nothing: my own",
    ]);
    broker.handle(Produce, () => silence);
    producer.enqueue(RECORD);
    await platform.run(producer.flush());
    expect(logger.lines.at(-1)).toContain("that nobody waits for were not delivered");
  });

  it("tells of records whose topic is never found", async () => {
    const { platform, producer, logger } = await setUp();
    const told: unknown[] = [];
    producer.enqueue({ topic: "nowhere" }, (error) => told.push(error?.code));
    producer.enqueue({ topic: "nowhere" });
    await platform.run(producer.flush());
    expect(told).toEqual(["TIMEOUT"]);
    expect(logger.lines.at(-1)).toContain('topic "nowhere" that nobody waits for was not sent');
  });
});

describe("send with a full buffer", () => {
  it("waits for room in the order of calls, whatever their kind", async () => {
    const { cluster, platform, broker, producer } = await setUp();
    broker.script(Produce, later(300, undefined));
    const value = (i: number): string => `${String(i).padStart(3, "0")}${"x".repeat(997)}`;
    const sent: Promise<unknown>[] = [];
    for (let i = 0; i < 30; i++) {
      sent.push(
        i % 3 === 0
          ? producer.send([{ topic: "t", value: value(i) }])
          : producer.send({ topic: "t", value: value(i) }),
      );
    }
    await platform.run(Promise.all(sent));
    expect(cluster.log("t").values().slice(1)).toEqual(Array.from({ length: 30 }, (_, i) => value(i)));
  });

  it("takes a list that is larger than the buffer", async () => {
    const { cluster, platform, producer } = await setUp();
    const metadata = await platform.run(producer.send(Array.from({ length: 200 }, () => RECORD)));
    expect(metadata.map(({ offset }) => offset)).toEqual(
      Array.from({ length: 200 }, (_, i) => BigInt(i + 1)),
    );
    expect(cluster.log("t").values()).toHaveLength(201);
  });

  it("fails after maxBlockMs, and at once when as much again waits already", async () => {
    const { platform, broker, producer } = await setUp({ deliveryTimeoutMs: 60_000 });
    broker.handle(Produce, () => silence);
    const outcomes: unknown[] = [];
    const startMs = platform.clock.monotonicMs();
    for (let i = 0; i < 100; i++) {
      producer
        .send(RECORD)
        .catch((error) => outcomes.push([error.code, platform.clock.monotonicMs() - startMs]));
    }
    await settle();
    const atOnce = outcomes.length;
    expect(atOnce).toBeGreaterThan(50);
    expect(new Set(outcomes.map((each) => JSON.stringify(each)))).toEqual(
      new Set(['["BUFFER_EXHAUSTED",0]']),
    );
    await platform.clock.advance(5000);
    const later = outcomes.slice(atOnce);
    expect(later.length).toBeGreaterThan(5);
    expect(new Set(later.map((each) => JSON.stringify(each)))).toEqual(
      new Set(['["BUFFER_EXHAUSTED",5000]']),
    );
  });

  it("is given up by the signal while it waits for room", async () => {
    const { platform, broker, producer } = await setUp();
    broker.script(Produce, later(500, undefined));
    const abort = new AbortController();
    const reason = new Error("enough");
    while (producer.enqueue(RECORD));
    const given = producer
      .send({ topic: "t", value: "given up" }, { signal: abort.signal })
      .catch((error) => error);
    const other = producer.send({ topic: "t", value: "other" });
    abort.abort(reason);
    expect(await given).toBe(reason);
    expect(await platform.run(other)).toMatchObject({ topic: "t" });
  });

  it("is flushed, and ends when the producer is closed", async () => {
    const { cluster, platform, broker, producer } = await setUp();
    broker.script(Produce, later(300, undefined));
    const sent = Array.from({ length: 20 }, () => producer.send(RECORD));
    await platform.run(producer.flush());
    expect(cluster.log("t").values()).toHaveLength(21);
    await Promise.all(sent);
    broker.handle(Produce, () => silence);
    const lost = Promise.allSettled(Array.from({ length: 20 }, () => producer.send(RECORD)));
    await platform.run(producer.close({ timeoutMs: 500 }));
    expect(new Set((await lost).map((each) => (each as PromiseRejectedResult).reason.code))).toEqual(
      new Set(["CLOSED"]),
    );
  });
});

describe("send of several records", () => {
  it("tells of each what became of it", async () => {
    const { platform, producer } = await setUp();
    const sent = producer.send([
      { topic: "t", value: "a" },
      { topic: "t", partition: 5 },
    ]);
    expect(await platform.failure(sent)).toMatchObject({
      name: "SendError",
      code: "INVALID_CONFIG",
      message: expect.stringContaining(
        '1 of 2 records were not delivered; the first: Topic "t" has 1 partitions',
      ),
      results: [{ offset: 1n }, { code: "INVALID_CONFIG" }],
    });
  });
});
