import { describe, expect, it } from "vitest";
import { ApiVersions, Produce } from "../../src/client/api.ts";
import { Kafka } from "../../src/client/kafka.ts";
import { silence } from "../support/fake-broker.ts";
import { settle } from "../support/fake-clock.ts";
import { FakeCluster } from "../support/fake-cluster.ts";
import { kafkaFor } from "../support/fake-kafka.ts";

function setUp() {
  const cluster = new FakeCluster(2);
  cluster.createTopic("t", 2);
  return { cluster, platform: cluster.platform, kafka: kafkaFor(cluster) };
}

it("goes on with a logger that throws", async () => {
  const fail = (): never => {
    throw new Error("the disk is full");
  };
  const cluster = new FakeCluster(1);
  cluster.createTopic("orders");
  const kafka = kafkaFor(cluster, { logger: { debug: fail, info: fail, warn: fail, error: fail } });
  cluster.broker(1).stop();
  const sent = kafka.producer({ lingerMs: 0 }).send({ topic: "orders", value: "a" });
  await cluster.platform.clock.advance(1000);
  cluster.broker(1).start();
  await cluster.platform.run(sent);
  await cluster.platform.run(kafka.close());
});

describe("Kafka", () => {
  it("connects to nothing before something is asked for", async () => {
    const { platform, kafka } = setUp();
    kafka.producer();
    kafka.consumer().assign([{ topic: "t", partition: 0 }]);
    kafka.admin();
    await platform.clock.advance(10_000);
    expect(platform.attempts).toEqual([]);
    await kafka.close();
    expect(platform.keepsAlive).toBe(false);
  });

  it("lets all that it makes share connections and metadata", async () => {
    const { cluster, platform, kafka } = setUp();
    const producers = [kafka.producer(), kafka.producer()];
    await platform.run(
      Promise.all(producers.map((producer) => producer.send({ topic: "t", partition: 0, value: "a" }))),
    );
    // One to a bootstrap server, one to the leader.
    expect(platform.attempts.length).toBe(2);
    expect(cluster.broker(1).of(ApiVersions)[0]?.clientId).toBe("kafkawire");
  });

  it("checks settings when something is made", () => {
    const { kafka } = setUp();
    expect(() => new Kafka({} as never)).toThrow("bootstrapServers is missing");
    expect(() => kafka.producer({ acks: 5 as never })).toThrow("acks must be");
    expect(() => kafka.consumer({ autoOffsetReset: "x" as never })).toThrow("autoOffsetReset must be");
    expect(() => kafka.producer({ compressionType: "zstd" })).toThrow(
      expect.objectContaining({ code: "UNSUPPORTED_COMPRESSION_TYPE" }),
    );
  });

  it("closes all that it made, and nothing can be made any more", async () => {
    const { cluster, platform, kafka } = setUp();
    const producer = kafka.producer({ lingerMs: 10_000 });
    const consumer = kafka.consumer();
    const admin = kafka.admin();
    const sent = producer.send({ topic: "t", partition: 0, value: "a" });
    consumer.assign([{ topic: "t", partition: 1, from: 0n }]);
    const reading = (async () => {
      for await (const _ of consumer);
    })();
    await platform.clock.advance(100);
    await platform.run(Promise.all([kafka.close(), kafka.close(), kafka[Symbol.asyncDispose]()]), 1000);
    expect(await sent).toMatchObject({ offset: 0n });
    await platform.run(reading, 0);
    await settle();
    expect(platform.keepsAlive).toBe(false);
    expect(cluster.log("t").values()).toEqual(["a"]);
    const closed = expect.objectContaining({ code: "CLOSED" });
    for (const make of [() => kafka.producer(), () => kafka.consumer(), () => kafka.admin()]) {
      expect(make).toThrow(closed);
    }
    await expect(producer.send({ topic: "t" })).rejects.toEqual(closed);
    expect(() => consumer.assign([])).toThrow(closed);
    await expect(admin.createTopics([{ topic: "x" }])).rejects.toEqual(closed);
  });

  it("closes within the producers' delivery timeout when nobody answers", async () => {
    const { cluster, platform, kafka } = setUp();
    for (const broker of cluster.brokers) broker.handle(Produce, () => silence);
    const producer = kafka.producer({ deliveryTimeoutMs: 40_000 });
    const outcome = producer.send({ topic: "t", partition: 0, value: "a" }).catch((error: unknown) => error);
    await platform.clock.advance(100);
    await platform.run(kafka.close(), 40_000);
    expect(await outcome).toMatchObject({ code: expect.stringMatching(/CLOSED|DELIVERY_TIMED_OUT/) });
    await settle();
    expect(platform.keepsAlive).toBe(false);
  });

  it("forgets what was closed", async () => {
    const { platform, kafka } = setUp();
    const producer = kafka.producer();
    await producer.close();
    const { close } = producer;
    let again = 0;
    producer.close = (options) => {
      again++;
      return close.call(producer, options);
    };
    await platform.run(kafka.close());
    expect(again).toBe(0);
  });
});
