import { describe, expect, it } from "vitest";
import { Metadata, Produce } from "../../../src/client/api.ts";
import type { ProducerConfig } from "../../../src/client/config/producer-config.ts";
import { partitionForKey } from "../../../src/client/producer/partitioners/partition-for-key.ts";
import { silence } from "../../support/fake-broker.ts";
import { FakeCluster } from "../../support/fake-cluster.ts";
import { kafkaFor } from "../../support/fake-kafka.ts";
import { FakeLog } from "../../support/fake-log.ts";
import { counted, seeded } from "./partitioners/support.ts";

const VALUE = "x".repeat(300);

/** Two brokers, of which the first leads partitions 0, 2 and 4, and the other one 1, 3 and 5. */
async function setUp(config: ProducerConfig = {}, partitionCount = 6) {
  const cluster = new FakeCluster(2);
  cluster.createTopic("t", partitionCount);
  const { platform } = cluster;
  platform.clock.nextRandom = seeded(7);
  const kafka = kafkaFor(cluster);
  const producer = kafka.producer({ batchSize: 1000, ...config });
  await platform.run(producer.send({ topic: "t", partition: 0, value: "first" }));
  const partitions: number[] = [];
  /** Sends records without a key at a pace, and keeps where they land. */
  const send = async (count: number, everyMs = 1): Promise<void> => {
    for (let i = 0; i < count; i++) {
      producer.send({ topic: "t", value: VALUE }).then(
        ({ partition }) => partitions.push(partition),
        () => {},
      );
      await platform.clock.advance(everyMs);
    }
  };
  /** Records in the log of each partition. */
  const landed = (): number[] =>
    Array.from({ length: cluster.topics.get("t")?.partitions.length ?? 0 }, (_, partition) => {
      const { length } = cluster.log("t", partition).values();
      return partition === 0 ? length - 1 : length;
    });
  return { cluster, platform, kafka, producer, partitions, send, landed };
}

/** Answers what it is asked to write one request after another, each so much later. */
function slow(cluster: FakeCluster, nodeId: number, delayMs: number): void {
  const { clock } = cluster.platform;
  cluster.broker(nodeId).handle(Produce, async () => {
    await new Promise<void>((resolve) => clock.setTimer(delayMs, resolve, { background: true }));
    return undefined;
  });
}

describe("records without a key", () => {
  it("go to all partitions alike while all brokers are as fast", async () => {
    const { platform, producer, send, landed } = await setUp();
    await send(1200);
    await platform.run(producer.flush());
    for (const count of landed()) {
      expect(count).toBeGreaterThan(100);
      expect(count).toBeLessThan(300);
    }
  });

  it("mostly go past a broker that is slow", async () => {
    const { cluster, platform, producer, send, partitions } = await setUp();
    slow(cluster, 2, 500);
    await send(1200);
    await platform.run(producer.flush());
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = counted(6, partitions);
    expect(a + b + c + d + e + f).toBe(1200);
    expect((b + d + f) / 1200).toBeLessThan(0.2);
    // It is not given up.
    expect(b + d + f).toBeGreaterThan(0);
  });

  it("go to a slow broker as to any without adaptive partitioning", async () => {
    const { cluster, platform, producer, send, partitions } = await setUp({
      partitionerAdaptivePartitioningEnable: false,
    });
    slow(cluster, 2, 500);
    await send(1200);
    await platform.run(producer.flush());
    const [, b = 0, , d = 0, , f = 0] = counted(6, partitions);
    expect((b + d + f) / 1200).toBeGreaterThan(0.3);
  });

  it("all go past a broker that has taken nothing for partitionerAvailabilityTimeoutMs", async () => {
    const { cluster, platform, producer, send, partitions } = await setUp({
      partitionerAvailabilityTimeoutMs: 200,
    });
    cluster.broker(2).handle(Produce, () => silence);
    await send(1000);
    await platform.clock.advance(20);
    const delivered = partitions.length;
    await send(300);
    await platform.clock.advance(20);
    expect(partitions.length - delivered).toBe(300);
    expect(new Set(partitions.slice(delivered))).toEqual(new Set([0, 2, 4]));
    await platform.run(producer.close({ timeoutMs: 1 }));
  });
});

describe("partitions that are added", () => {
  it("are used from the next look at the topic on, by key and without", async () => {
    const { cluster, platform, producer, send, landed } = await setUp({}, 2);
    cluster.topics
      .get("t")
      ?.partitions.push(
        { leader: 1, leaderEpoch: 0, log: new FakeLog() },
        { leader: 2, leaderEpoch: 0, log: new FakeLog() },
      );
    const keys = Array.from({ length: 50 }, (_, i) => `key-${i}`);
    const place = async (): Promise<number[]> => {
      const sent = await platform.run(producer.send(keys.map((key) => ({ topic: "t", key }))));
      return sent.map(({ partition }) => partition);
    };
    expect(await place()).toEqual(keys.map((key) => partitionForKey(key, 2)));
    // metadataMaxAgeMs; the first record after it has the topic described again.
    await platform.clock.advance(300_001);
    await platform.run(producer.send({ topic: "t", partition: 0 }));
    await platform.clock.advance(100);
    expect(cluster.brokers.some((broker) => broker.of(Metadata).length > 1)).toBe(true);
    expect(await place()).toEqual(keys.map((key) => partitionForKey(key, 4)));
    await send(400);
    await platform.run(producer.flush());
    expect(Math.min(...landed())).toBeGreaterThan(40);
  });
});

describe("a partitioner of the user's", () => {
  it("decides, and what it gets wrong fails the record alone", async () => {
    const { platform, producer } = await setUp({
      partitioner: ({ key }, { partitionCount }) => (key === "wrong" ? partitionCount : 4),
    });
    const [good, wrong, named] = ["good", "wrong", "wrong"].map((key, i) =>
      producer.send({ topic: "t", key, ...(i === 2 ? { partition: 1 } : {}) }),
    );
    await expect(wrong).rejects.toThrow("The partitioner returned 6 for a record of topic");
    expect((await platform.run(good as Promise<{ partition: number }>)).partition).toBe(4);
    expect((await platform.run(named as Promise<{ partition: number }>)).partition).toBe(1);
  });

  it("sees keys and values as they are sent, and headers", async () => {
    const seen: unknown[] = [];
    const { platform, producer } = await setUp({
      partitioner: (record) => {
        seen.push(record);
        return 0;
      },
    });
    const value = Uint8Array.of(1, 2);
    await platform.run(
      producer.send({ topic: "t", key: "k", value: value.buffer, headers: { a: "b" }, timestamp: 5 }),
    );
    expect(seen).toEqual([
      { topic: "t", key: "k", value, headers: [{ key: "a", value: "b" }], timestamp: 5 },
    ]);
  });
});
