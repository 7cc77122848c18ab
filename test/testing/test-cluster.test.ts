/** The client's own producer and consumer on an embedded cluster, over memory and over TCP. */

import { describe, expect, it } from "vitest";
import { Kafka } from "../../src/client/kafka.ts";
import { TestCluster, type TestClusterOptions } from "../../src/testing/mod.ts";

function clientOf(cluster: TestCluster): Kafka {
  return new Kafka({ bootstrapServers: cluster.bootstrapServers, platform: cluster.platform });
}

async function valuesOf(kafka: Kafka, topic: string, partition: number, count: number): Promise<string[]> {
  await using consumer = kafka.consumer();
  consumer.assign([{ topic, partition, from: "earliest" }]);
  const values: string[] = [];
  for await (const { value } of consumer) {
    values.push(new TextDecoder().decode(value ?? new Uint8Array(0)));
    if (values.length === count) break;
  }
  return values;
}

const everyKind: readonly TestClusterOptions[] = (["memory", "tcp"] as const).flatMap((network) =>
  (["2.1", "3.9", "4.0", "4.1", "4.4"] as const).map((as) => ({ network, as })),
);

describe("an embedded cluster", () => {
  it.each(everyKind)("gives back what was sent: $as, $network", async (options) => {
    await using cluster = await TestCluster.start({ ...options, brokers: 3, topics: { orders: 3 } });
    await using kafka = clientOf(cluster);
    await using producer = kafka.producer();
    const sent = await producer.send(
      ["a", "b", "c"].map((value) => ({ topic: "orders", partition: 1, value })),
    );
    expect(sent.map(({ offset }) => offset)).toEqual([0n, 1n, 2n]);
    expect(await valuesOf(kafka, "orders", 1, 3)).toEqual(["a", "b", "c"]);
    expect(cluster.failures).toEqual([]);
  });

  it("makes a topic that is asked for, unless it must not", async () => {
    await using cluster = await TestCluster.start({ network: "memory" });
    await using kafka = clientOf(cluster);
    await using producer = kafka.producer();
    await producer.send({ topic: "new", value: "x" });
    expect(cluster.topics).toEqual(["new"]);
  });

  it.each(["gzip", "snappy", "lz4"] as const)("keeps %s as it came", async (compressionType) => {
    await using cluster = await TestCluster.start({ network: "memory", topics: { orders: 1 } });
    await using kafka = clientOf(cluster);
    await using producer = kafka.producer({ compressionType });
    await producer.send({ topic: "orders", value: "x".repeat(1000) });
    expect(await valuesOf(kafka, "orders", 0, 1)).toEqual(["x".repeat(1000)]);
    expect(cluster.failures).toEqual([]);
  });

  it("goes on with another leader when a broker dies", async () => {
    await using cluster = await TestCluster.start({
      brokers: 3,
      network: "memory",
      topics: { orders: { partitions: 1, replicationFactor: 3 } },
    });
    await using kafka = clientOf(cluster);
    await using producer = kafka.producer();
    await producer.send({ topic: "orders", value: "before" });
    const { leader } = cluster.partition("orders", 0);
    await cluster.broker(leader).kill();
    await producer.send({ topic: "orders", value: "after" });
    expect(await valuesOf(kafka, "orders", 0, 2)).toEqual(["before", "after"]);
    expect(cluster.partition("orders", 0).leaderEpoch).toBe(1);
  });
});
