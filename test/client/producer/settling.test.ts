import { describe, expect, it } from "vitest";
import { Metadata, Produce } from "../../../src/client/api.ts";
import type { KafkaConfig } from "../../../src/client/config/kafka-config.ts";
import type { ProducerConfig } from "../../../src/client/config/producer-config.ts";
import { readRecordBatches } from "../../../src/protocol/records/read-record-batches.ts";
import { later, noAnswer, silence } from "../../support/fake-broker.ts";
import { settle } from "../../support/fake-clock.ts";
import { FakeCluster } from "../../support/fake-cluster.ts";
import { kafkaFor } from "../../support/fake-kafka.ts";

function setUp(config: ProducerConfig = {}, kafkaConfig: Partial<KafkaConfig> = {}) {
  const cluster = new FakeCluster();
  cluster.createTopic("t", 2);
  const kafka = kafkaFor(cluster, kafkaConfig);
  const producer = kafka.producer({ lingerMs: 0, ...config });
  return { cluster, platform: cluster.platform, broker: cluster.broker(1), kafka, producer };
}

/** Everything that a producer may be told to do, with nobody to answer. */
const QUIET = { requestTimeoutMs: 1000 };

describe("the delivery timeout", () => {
  it("fails a record that is not acknowledged in time, and says why", async () => {
    const { cluster, platform, broker, producer } = setUp({ deliveryTimeoutMs: 5000 }, QUIET);
    broker.handle(Produce, () => ({
      responses: [
        {
          name: "t",
          topicId: cluster.topics.get("t")?.topicId as string,
          partitionResponses: [{ index: 0, errorCode: 19, baseOffset: -1n }],
        },
      ],
    }));
    const startMs = platform.clock.monotonicMs();
    const error = await platform.failure(producer.send({ topic: "t", partition: 0, value: "a" }));
    expect(platform.clock.monotonicMs() - startMs).toBe(5000);
    expect(error).toMatchObject({
      name: "DeliveryError",
      code: "DELIVERY_TIMED_OUT",
      mayBeWritten: false,
      cause: { code: "NOT_ENOUGH_REPLICAS" },
      message: expect.stringMatching(/topic "t", partition 0 were not .* 5000 ms .* NOT_ENOUGH_REPLICAS/),
    });
  });

  it("fails a record on time also while its request is on the way, and what is behind it on its own time", async () => {
    const { platform, broker, producer } = setUp(
      { deliveryTimeoutMs: 3000, batchSize: 1 },
      { requestTimeoutMs: 2900 },
    );
    broker.handle(Produce, () => silence);
    broker.script(Produce, later(200, {}));
    const timesOut = async (value: string): Promise<number> => {
      const startMs = platform.clock.monotonicMs();
      const sent = producer.send({ topic: "t", partition: 0, value });
      await expect(sent).rejects.toMatchObject({ code: "DELIVERY_TIMED_OUT" });
      return platform.clock.monotonicMs() - startMs;
    };
    // The first answer lacks the partition, so the second attempt is still on its way when the time is up.
    const first = timesOut("a");
    await platform.clock.advance(500);
    const second = timesOut("b");
    await platform.clock.advance(5000);
    expect(await Promise.all([first, second])).toEqual([3000, 3000]);
  });

  it("lets no timer run hot while a batch that has timed out is still on the way", async () => {
    const { platform, broker, producer } = setUp({ deliveryTimeoutMs: 1000 }, QUIET);
    broker.script(Produce, later(300, {}), silence);
    const set = platform.clock.setTimer.bind(platform.clock);
    let timers = 0;
    platform.clock.setTimer = (...args) => {
      timers++;
      return set(...args);
    };
    await platform.failure(producer.send({ topic: "t", partition: 0, value: "a" }));
    timers = 0;
    await platform.clock.advance(300);
    expect(timers).toBeLessThan(5);
  });

  it("counts from the send, also without a leader", async () => {
    const { cluster, platform, producer } = setUp({ deliveryTimeoutMs: 2000 }, QUIET);
    cluster.moveLeader("t", 0, -1);
    const error = await platform.failure(producer.send({ topic: "t", partition: 0, value: "a" }), 2100);
    expect(error).toMatchObject({
      code: "DELIVERY_TIMED_OUT",
      cause: { code: "LEADER_NOT_AVAILABLE" },
    });
  });

  it("says that records may be written whose request may still leave", async () => {
    const { platform, broker, producer } = setUp({ deliveryTimeoutMs: 5000 }, QUIET);
    await platform.run(producer.send({ topic: "t", partition: 0, value: "a" }));
    broker.stop();
    platform.listeners.set(broker.address, "blackhole");
    await platform.clock.advance(100);
    expect(await platform.failure(producer.send({ topic: "t", partition: 0, value: "b" }))).toMatchObject({
      code: "DELIVERY_TIMED_OUT",
      mayBeWritten: true,
    });
  });

  it("gives up after `retries`, with the last error", async () => {
    const { cluster, platform, broker, producer } = setUp({ retries: 2 });
    const topicId = cluster.topics.get("t")?.topicId as string;
    const partitionResponses = [{ index: 0, errorCode: 6, baseOffset: -1n }];
    broker.handle(Produce, () => ({ responses: [{ name: "t", topicId, partitionResponses }] }));
    const error = await platform.failure(producer.send({ topic: "t", partition: 0, value: "a" }));
    expect(error).toMatchObject({ code: "NOT_LEADER_OR_FOLLOWER" });
    expect(broker.of(Produce)).toHaveLength(3);
  });

  it("survives a topic that is deleted, or reports it", async () => {
    const { cluster, platform, producer } = setUp({ deliveryTimeoutMs: 5000 }, QUIET);
    await platform.run(producer.send({ topic: "t", partition: 1, value: "a" }));
    cluster.topics.delete("t");
    const lost = platform.failure(producer.send({ topic: "t", partition: 1, value: "b" }));
    expect(await lost).toMatchObject({
      code: "DELIVERY_TIMED_OUT",
      cause: { code: "UNKNOWN_TOPIC_OR_PARTITION" },
    });
    const found = producer.send({ topic: "t", partition: 1, value: "c" });
    await platform.clock.advance(500);
    cluster.createTopic("t", 2);
    expect(await platform.run(found)).toMatchObject({ offset: 0n });
    expect(cluster.log("t", 1).values()).toEqual(["c"]);
  });
});

describe("waiting for a topic", () => {
  it("keeps the bytes that a record had when it was enqueued", async () => {
    const { cluster, platform, producer } = setUp();
    const bytes = Buffer.from("as it was");
    producer.enqueue({ topic: "t", partition: 0, key: bytes, value: bytes, headers: { h: bytes } });
    bytes.fill("x");
    await platform.run(producer.flush());
    const [batch] = readRecordBatches(cluster.log("t", 0).read(0n, 1e6));
    const [record] = batch?.records() ?? [];
    const told = [record?.key, record?.value, record?.headers[0]?.value];
    expect(told.map((each) => Buffer.from(each ?? []).toString())).toEqual(Array(3).fill("as it was"));
  });

  it("sends to a topic that appears later", async () => {
    const { cluster, platform, producer } = setUp();
    const sent = producer.send([
      { topic: "later", value: "a" },
      { topic: "later", value: "b" },
    ]);
    await platform.clock.advance(5000);
    cluster.createTopic("later");
    await platform.run(sent, 2000);
    expect(cluster.log("later").values()).toEqual(["a", "b"]);
  });

  it("gives up after maxBlockMs, and says what stood in the way", async () => {
    const { platform, producer, kafka } = setUp({ maxBlockMs: 3000 });
    const startMs = platform.clock.monotonicMs();
    expect(await platform.failure(producer.send({ topic: "no", value: "a" }))).toMatchObject({
      code: "TIMEOUT",
      message: expect.stringContaining(
        'Topic "no" was not found within 3000 ms: the cluster has no such topic',
      ),
    });
    expect(platform.clock.monotonicMs() - startMs).toBe(3000);
    await kafka.close();
    await settle();
    expect(platform.keepsAlive).toBe(false);
  });

  it("gives each record its own maxBlockMs", async () => {
    const { cluster, platform, producer } = setUp({ maxBlockMs: 3000 });
    const { clock } = platform;
    const startMs = clock.monotonicMs();
    const failedAtMs: number[] = [];
    const sent: Promise<unknown>[] = [];
    for (let i = 0; i < 3; i++) {
      const each = producer.send({ topic: "later", value: "a" });
      each.catch(() => failedAtMs.push(clock.monotonicMs() - startMs));
      sent.push(each);
      await clock.advance(1000);
    }
    const outcomes = Promise.allSettled(sent);
    await clock.advance(1100);
    expect(failedAtMs).toEqual([3000, 4000]);
    cluster.createTopic("later");
    expect(await platform.run(outcomes, 1500)).toMatchObject([
      { status: "rejected", reason: { message: expect.stringContaining("not found within 3000 ms") } },
      { status: "rejected", reason: { code: "TIMEOUT" } },
      { status: "fulfilled" },
    ]);
  });

  it("holds up no flush() with records that were handed over after it", async () => {
    const { platform, producer } = setUp({ maxBlockMs: 3000 });
    const { clock } = platform;
    producer.enqueue({ topic: "no", value: "a" }, () => {});
    let isFlushed = false;
    const flushed = producer.flush().then(() => {
      isFlushed = true;
    });
    for (let i = 0; i < 6; i++) {
      await clock.advance(499);
      producer.enqueue({ topic: "no", value: "b" }, () => {});
    }
    expect(isFlushed).toBe(false);
    await clock.advance(10);
    expect(isFlushed).toBe(true);
    await flushed;
    await clock.advance(5000);
  });

  it.each([
    [17, "INVALID_TOPIC_EXCEPTION"],
    [29, "TOPIC_AUTHORIZATION_FAILED"],
  ])("gives up at once where waiting cannot help (%i)", async (errorCode, code) => {
    const { platform, broker, producer } = setUp();
    broker.handle(Metadata, ({ body }) =>
      body.topics?.[0]?.name === "x"
        ? { brokers: [{ nodeId: 1, host: "b1", port: 9092 }], topics: [{ name: "x", errorCode }] }
        : undefined,
    );
    expect(await platform.failure(producer.send({ topic: "x", value: "a" }), 10)).toMatchObject({ code });
  });

  it("is given up by the signal, which takes no other record with it", async () => {
    const { cluster, platform, producer } = setUp();
    const abort = new AbortController();
    const reason = new Error("enough");
    const sent = ["a", "b", "c"].map((value) =>
      producer.send({ topic: "later", value }, value === "b" ? { signal: abort.signal } : {}),
    );
    const outcomes = Promise.allSettled(sent);
    await platform.clock.advance(1000);
    abort.abort(reason);
    cluster.createTopic("later");
    expect(await platform.run(outcomes)).toMatchObject([
      { status: "fulfilled" },
      { status: "rejected", reason },
      { status: "fulfilled" },
    ]);
    expect(cluster.log("later").values()).toEqual(["a", "c"]);
    expect(await producer.send({ topic: "t", value: "d" }, { signal: abort.signal }).catch((e) => e)).toBe(
      reason,
    );
  });

  it("refuses a partition that the topic does not have", async () => {
    const { cluster, platform, producer } = setUp();
    const outcomes = await platform.run(
      Promise.allSettled([
        producer.send({ topic: "t", partition: 2, value: "a" }),
        producer.send({ topic: "t", partition: 1, value: "b" }),
      ]),
    );
    expect(outcomes).toMatchObject([
      { status: "rejected", reason: { message: expect.stringContaining("2 partitions (0 to 1)") } },
      { status: "fulfilled", value: { partition: 1 } },
    ]);
    expect(cluster.log("t", 1).values()).toEqual(["b"]);
  });
});

describe("flush", () => {
  it("sends what lingers, and waits for it", async () => {
    const { cluster, platform, producer } = setUp({ lingerMs: 10_000 });
    const outcomes: unknown[] = [];
    void producer.send({ topic: "t", value: "a" }).then((metadata) => outcomes.push(metadata));
    const startMs = platform.clock.monotonicMs();
    // The topic is not known yet either.
    await platform.run(producer.flush());
    expect(outcomes).toHaveLength(1);
    expect(platform.clock.monotonicMs() - startMs).toBe(0);
    expect(cluster.log("t").values().length + cluster.log("t", 1).values().length).toBe(1);
    await producer.flush();
  });

  it("is not disturbed by records that fail", async () => {
    const { platform, producer } = setUp({ maxBlockMs: 100 });
    const failed = producer.send({ topic: "no", value: "a" }).catch((error: unknown) => error);
    await platform.run(producer.flush());
    expect(await failed).toMatchObject({ code: "TIMEOUT" });
  });
});

describe("close", () => {
  it("delivers what is pending, waits for it, and takes no more", async () => {
    const { cluster, platform, producer, kafka } = setUp({ lingerMs: 10_000 });
    const sent = producer.send({ topic: "t", partition: 0, value: "a" });
    const closing = producer.close();
    await expect(producer.send({ topic: "t", value: "b" })).rejects.toMatchObject({ code: "CLOSED" });
    await platform.run(closing, 10);
    expect(await sent).toMatchObject({ offset: 0n });
    await producer.close();
    await kafka.close();
    await settle();
    expect(cluster.log("t").values()).toEqual(["a"]);
    expect(platform.keepsAlive).toBe(false);
  });

  it("fails what cannot be delivered in time", async () => {
    const { platform, broker, producer, kafka } = setUp();
    broker.handle(Produce, () => silence);
    const outcomes = Promise.allSettled([
      producer.send({ topic: "t", partition: 0, value: "a" }),
      producer.send({ topic: "later", value: "b" }),
    ]);
    const startMs = platform.clock.monotonicMs();
    await platform.run(producer.close({ timeoutMs: 500 }));
    expect(platform.clock.monotonicMs() - startMs).toBe(500);
    const closed = { status: "rejected", reason: { code: "CLOSED" } };
    expect(await outcomes).toMatchObject([closed, closed]);
    await kafka.close();
    await settle();
    expect(platform.keepsAlive).toBe(false);
  });

  it("is the same wait for all who call it", async () => {
    const { cluster, platform, broker, producer, kafka } = setUp();
    broker.script(Produce, later(1000, undefined));
    const sent = producer.send({ topic: "t", partition: 0, value: "a" });
    await settle();
    const order: string[] = [];
    const first = producer.close().then(() => order.push("first"));
    const second = kafka.close().then(() => order.push("second"));
    expect(await platform.run(sent)).toMatchObject({ offset: 0n });
    await platform.run(Promise.all([first, second]));
    expect(order).toEqual(["first", "second"]);
    expect(cluster.log("t").values()).toEqual(["a"]);
  });
});

describe("acks: 0", () => {
  it("is done when the record is handed to the connection", async () => {
    const { platform, broker, producer } = setUp({ acks: 0 });
    broker.handle(Produce, () => noAnswer);
    const metadata = await platform.run(
      producer.send([{ topic: "t", partition: 0, value: "a", timestamp: 5 }]),
    );
    expect(metadata).toEqual([{ topic: "t", partition: 0, offset: -1n, timestamp: 5 }]);
    expect(broker.of(Produce)[0]?.body.acks).toBe(0);
    await platform.run(producer.close());
  });

  it("is tried again where the leader cannot be reached", async () => {
    const { cluster, platform, broker, producer } = setUp({ acks: 0 });
    broker.handle(Produce, () => noAnswer);
    await platform.run(producer.send({ topic: "t", partition: 0, value: "a" }));
    cluster.broker(1).stop();
    await settle();
    const sent = producer.send({ topic: "t", partition: 0, value: "b" });
    await platform.clock.advance(3000);
    cluster.broker(1).start();
    await platform.run(sent, 5000);
    expect(broker.of(Produce)).toHaveLength(2);
  });
});
