/** Records without a key while one of three brokers is slow, or stands still. */

import { randomUUID } from "node:crypto";
import { Kafka, type Producer, type ProducerConfig } from "kafkawire";
import { expect, it } from "vitest";
import { leavesNothingBehind } from "../../support/aftermath.ts";
import { describeKafka } from "../../support/kafka.ts";
import { proxiedClusterFor } from "../../support/proxied-cluster.ts";

const PARTITIONS = 6;
const SLOW = 2;
const TICK_MS = 5;
const PER_TICK = 10;
const value = "x".repeat(1000);

describeKafka("records without a key", "cluster", () => {
  const proxied = proxiedClusterFor({ brokers: 3 });
  leavesNothingBehind(proxied);

  async function setUp(kafka: Kafka, config: ProducerConfig) {
    const topic = `test-${randomUUID()}`;
    // A replica each: a broker that stands still is to hold up nobody else's.
    await kafka.admin().createTopics([{ topic, numPartitions: PARTITIONS, replicationFactor: 1 }]);
    const partitions = await kafka.consumer().partitionsFor(topic);
    const ofSlow = new Set(
      partitions.filter(({ leader }) => leader === SLOW).map(({ partition }) => partition),
    );
    expect(ofSlow.size).toBe(PARTITIONS / 3);
    const producer = kafka.producer(config);
    // Every partition has had a record, so that connections are there.
    await producer.send(partitions.map(({ partition }) => ({ topic, partition, value })));
    return { topic, ofSlow, producer };
  }

  /** Sends records at a pace, and gives the partitions of those that have been acknowledged, as they come. */
  async function send(producer: Producer, topic: string, count: number): Promise<number[]> {
    const partitions: number[] = [];
    for (let sent = 0; sent < count; ) {
      for (let i = 0; i < PER_TICK; i++, sent++) {
        void producer.send({ topic, value }).then(
          ({ partition }) => partitions.push(partition),
          () => {},
        );
      }
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    return partitions;
  }

  const shareOf = (partitions: readonly number[], chosen: ReadonlySet<number>): number =>
    partitions.filter((partition) => chosen.has(partition)).length / partitions.length;

  it("are spread alike while all are as fast", async () => {
    await using kafka = new Kafka({ bootstrapServers: proxied().bootstrapServers });
    // Small batches: a partition is drawn often enough for chance to even out.
    const { topic, producer } = await setUp(kafka, { batchSize: 2000 });
    const partitions = await send(producer, topic, 4000);
    await producer.flush();
    const counts = new Array<number>(PARTITIONS).fill(0);
    for (const partition of partitions) counts[partition] = (counts[partition] ?? 0) + 1;
    console.log(`records by partition, all brokers fast: ${counts.join(", ")}`);
    for (const count of counts) {
      expect(count / partitions.length).toBeGreaterThan(0.5 / PARTITIONS);
      expect(count / partitions.length).toBeLessThan(2 / PARTITIONS);
    }
  });

  it("mostly go past a slow one, unless adaptive partitioning is off", async () => {
    const shares: number[] = [];
    for (const partitionerAdaptivePartitioningEnable of [true, false]) {
      await using kafka = new Kafka({ bootstrapServers: proxied().bootstrapServers });
      const config = { partitionerAdaptivePartitioningEnable, batchSize: 4000 };
      const { topic, ofSlow, producer } = await setUp(kafka, config);
      proxied().proxyOf(SLOW).toBroker.bytesPerSecond = 30_000;
      const partitions = await send(producer, topic, 4000);
      proxied().heal();
      await producer.flush();
      shares.push(shareOf(partitions, ofSlow));
    }
    const [adaptive = 1, uniform = 0] = shares;
    console.log(`share of the slow broker: adaptive ${adaptive.toFixed(3)}, otherwise ${uniform.toFixed(3)}`);
    expect(uniform).toBeGreaterThan(0.2);
    expect(adaptive).toBeLessThan(uniform / 2);
    expect(adaptive).toBeGreaterThan(0);
  });

  it("all go past one that stands still for longer than partitionerAvailabilityTimeoutMs", async () => {
    await using kafka = new Kafka({ bootstrapServers: proxied().bootstrapServers });
    const { topic, ofSlow, producer } = await setUp(kafka, { partitionerAvailabilityTimeoutMs: 300 });
    proxied().cluster.pauseBroker(SLOW);
    try {
      // Some are for the broker, which has not been found out yet.
      const before = await send(producer, topic, 3000);
      expect(before.length).toBeLessThan(3000);
      const after = await send(producer, topic, 2000);
      await expect.poll(() => after.length, { timeout: 2000 }).toBe(2000);
      expect(before.length).toBeLessThan(3000);
    } finally {
      proxied().cluster.resumeBroker(SLOW);
    }
    await producer.flush();
    const again = await send(producer, topic, 2000);
    await producer.flush();
    expect(shareOf(again, ofSlow)).toBeGreaterThan(0.1);
  });
});
