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
