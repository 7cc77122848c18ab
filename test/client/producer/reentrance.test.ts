import { describe, expect, it } from "vitest";
import type { ProducerConfig } from "../../../src/client/config/producer-config.ts";
import { FakeCluster } from "../../support/fake-cluster.ts";
import { FakeLogger, kafkaFor } from "../../support/fake-kafka.ts";

async function setUp(config: ProducerConfig = {}) {
  const cluster = new FakeCluster();
  cluster.createTopic("t");
  const { platform } = cluster;
  const logger = new FakeLogger();
  const kafka = kafkaFor(cluster, { requestTimeoutMs: 1000, logger });
  const producer = kafka.producer({ deliveryTimeoutMs: 2000, ...config });
  await platform.run(producer.send({ topic: "t", value: "first" }));
  // A first one finds out that there is no leader, so that batches stay open from then on.
  cluster.moveLeader("t", 0, -1);
  await platform.failure(producer.send({ topic: "t", value: "lost" }));
  const errors = (): string[] => logger.lines.filter((line) => line.startsWith("error"));
  return { cluster, platform, producer, errors };
}

describe("a callback that sends its record again where it failed", () => {
  it("has it in a batch of its own, with all its time", async () => {
    const { cluster, platform, producer, errors } = await setUp();
    let failures = 0;
    let isDelivered = false;
    const deliver = (): void => {
      producer.enqueue({ topic: "t", value: "again" }, (error) => {
        if (error === null) isDelivered = true;
        else {
          failures++;
          deliver();
        }
      });
    };
    deliver();
    await platform.clock.advance(2500);
    expect(failures).toBe(1);
    cluster.moveLeader("t", 0, 1);
    await platform.clock.advance(1000);
    expect(isDelivered).toBe(true);
    expect(cluster.log("t").values()).toEqual(["first", "again"]);
    expect(errors()).toEqual([]);
  });

  it("has the memory of the batch that failed", async () => {
    const { platform, producer, errors } = await setUp({ bufferMemory: 4000, batchSize: 2048 });
    const value = "x".repeat(1500);
    let taken = 0;
    const deliver = (): void => {
      producer.enqueue({ topic: "t", value }, (error) => {
        if (error !== null) deliver();
      });
      taken++;
    };
    deliver();
    expect(producer.enqueue({ topic: "t", value }, () => {})).toBe(false);
    await platform.clock.advance(2500);
    expect(taken).toBe(2);
    expect(errors()).toEqual([]);
  });
});

describe("a callback that hands over another record", () => {
  it("has it behind those that wait for the topic, also while they are being served", async () => {
    const cluster = new FakeCluster();
    const { platform } = cluster;
    const producer = kafkaFor(cluster).producer({ lingerMs: 0 });
    const enqueue = (value: string, partition?: number): void => {
      producer.enqueue({ topic: "t", value, partition }, (error) => {
        if (error !== null) enqueue(`${value} again`);
      });
    };
    // The topic has no such partition, which is found out before the others are placed.
    enqueue("a", 7);
    enqueue("b");
    enqueue("c");
    await platform.clock.advance(500);
    cluster.createTopic("t");
    await platform.clock.advance(5000);
    expect(cluster.log("t").values()).toEqual(["b", "c", "a again"]);
  });

  it("has the topic looked up anew where it wants a partition that was added meanwhile", async () => {
    const cluster = new FakeCluster();
    const { platform } = cluster;
    const producer = kafkaFor(cluster).producer({ lingerMs: 0 });
    const outcomes: unknown[] = [];
    producer.enqueue({ topic: "t", value: "a", partition: 7 }, () => {
      cluster.topics.delete("t");
      cluster.createTopic("t", 8);
      producer.enqueue({ topic: "t", value: "b", partition: 7 }, (error) => outcomes.push(error));
    });
    await platform.clock.advance(500);
    cluster.createTopic("t", 2);
    await platform.clock.advance(5000);
    expect(outcomes).toEqual([null]);
    expect(cluster.log("t", 7).values()).toEqual(["b"]);
  });
});
