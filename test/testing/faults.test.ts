/** Faults on purpose, and what the client makes of them that no real broker could be brought to do. */

import { describe, expect, it } from "vitest";
import type { KafkaConfig } from "../../src/client/config/kafka-config.ts";
import { Kafka } from "../../src/client/kafka.ts";
import { MetadataRequest, MetadataResponse } from "../../src/protocol/messages/metadata.ts";
import { TestCluster, type TestClusterOptions } from "../../src/testing/mod.ts";
import { RawClient } from "./raw-client.ts";

const started = (options: TestClusterOptions = {}): Promise<TestCluster> =>
  TestCluster.start({ network: "memory", topics: { orders: 2 }, ...options });

function clientOf({ bootstrapServers, platform }: TestCluster, config: Partial<KafkaConfig> = {}): Kafka {
  return new Kafka({ bootstrapServers, platform, retryBackoffMs: 1, ...config });
}

describe("faults of requests", () => {
  it("answers with an error as often as it is told, and the client tries again", async () => {
    await using cluster = await started();
    const fault = cluster.fault({ api: "Produce", error: "NOT_ENOUGH_REPLICAS", count: 3 });
    await using kafka = clientOf(cluster);
    await using producer = kafka.producer();
    await producer.send({ topic: "orders", value: "a" });
    expect([fault.hits, cluster.requests.of("Produce").length]).toEqual([3, 4]);
  });

  it("strikes one partition alone", async () => {
    await using cluster = await started();
    const fault = cluster.fault({
      api: "Produce",
      topic: "orders",
      partition: 1,
      error: "INVALID_RECORD",
    });
    await using kafka = clientOf(cluster);
    await using producer = kafka.producer();
    const sent = (partition: number) => producer.send({ topic: "orders", partition, value: "a" });
    const [first, second] = await Promise.allSettled([sent(0), sent(1)]);
    expect([first?.status, second?.status]).toEqual(["fulfilled", "rejected"]);
    fault.remove();
    await sent(1);
    expect(fault.hits).toBe(1);
  });

  it("loses an answer after the batch was written, and the batch is not written twice", async () => {
    await using cluster = await started();
    const fault = cluster.fault({ api: "Produce", disconnect: true, stage: "response", count: 1 });
    await using kafka = clientOf(cluster);
    await using producer = kafka.producer();
    await producer.send({ topic: "orders", partition: 0, value: "a" });
    expect(fault.hits).toBe(1);
    expect(cluster.requests.of("Produce")).toHaveLength(2);
    expect(cluster.partition("orders", 0).logEndOffset).toBe(1n);
  });

  it.each([0, 3, 4, 7, 11, 30])("breaks the connection %i bytes into an answer", async (cutAfterBytes) => {
    await using cluster = await started();
    const fault = cluster.fault({ api: "Produce", cutAfterBytes, count: 1 });
    await using kafka = clientOf(cluster);
    await using producer = kafka.producer();
    await producer.send({ topic: "orders", partition: 0, value: "a" });
    expect([fault.hits, cluster.partition("orders", 0).logEndOffset]).toEqual([1, 1n]);
  });

  it("holds an answer back for as long as the brokers' clock says", async () => {
    await using cluster = await started({ time: "manual" });
    const fault = cluster.fault({ api: "Metadata", delayMs: 60_000 });
    using client = await RawClient.to(cluster);
    let isAnswered = false;
    const answer = client.ask(MetadataRequest, MetadataResponse, 12, { topics: null }).then(() => {
      isAnswered = true;
    });
    await fault.waitFor(1);
    await cluster.clock.advance(59_999);
    expect(isAnswered).toBe(false);
    await cluster.clock.advance(1);
    await answer;
  });

  it("hangs, and the client's deadline ends that", async () => {
    await using cluster = await started();
    cluster.fault({ api: "Produce", hang: true, count: 1 });
    await using kafka = clientOf(cluster, { requestTimeoutMs: 50 });
    await using producer = kafka.producer();
    await producer.send({ topic: "orders", value: "a" });
  });

  it("throttles, and looks at nothing meanwhile", async () => {
    await using cluster = await started({ time: "manual" });
    cluster.fault({ api: "Metadata", throttleMs: 1000, count: 1 });
    using client = await RawClient.to(cluster);
    const ask = () => client.ask(MetadataRequest, MetadataResponse, 12, { topics: null });
    expect(await ask()).toMatchObject({ throttleTimeMs: 1000 });
    const second = ask();
    await cluster.clock.advance(999);
    expect(cluster.requests.count).toBe(1);
    await cluster.clock.advance(1);
    expect(await second).toMatchObject({ throttleTimeMs: 0 });
  });

  it.each([
    [{ api: "Produce" }, "exactly one of"],
    [{ error: "NO_SUCH_ERROR" }, "no error NO_SUCH_ERROR"],
    [{ error: "NONE", partition: 1 }, "of which topic"],
    [{ hang: true, disconnect: true }, "hang"],
  ])("refuses %j", async (options, message) => {
    await using cluster = await started();
    expect(() => cluster.fault(options)).toThrow(message);
  });
});

describe("faults of the network", () => {
  it("lets bytes be late, in both directions", async () => {
    await using cluster = await started({ time: "manual" });
    const fault = cluster.networkFault({ latencyMs: 100 });
    using client = await RawClient.to(cluster);
    let isAnswered = false;
    const answer = client.ask(MetadataRequest, MetadataResponse, 12, { topics: null }).then(() => {
      isAnswered = true;
    });
    await cluster.clock.advance(199);
    expect(isAnswered).toBe(false);
    await cluster.clock.advance(1);
    await answer;
    expect(fault.hits).toBeGreaterThanOrEqual(2);
  });

  it("swallows what is sent until the network is whole again", async () => {
    await using cluster = await started();
    const fault = cluster.networkFault({ blackHole: true, direction: "out" });
    await using kafka = clientOf(cluster);
    await using producer = kafka.producer();
    const sent = producer.send({ topic: "orders", value: "a" });
    await cluster.clock.advance(1000);
    expect(cluster.requests.of("Produce")).toEqual([]);
    fault.remove();
    await sent;
  });

  it.each([1, 10, 100, 150])(
    "cuts each connection after %i bytes of answers, until it is over",
    async (bytes) => {
      await using cluster = await started();
      const fault = cluster.networkFault({ cutAfterBytes: bytes, direction: "out" });
      await using kafka = clientOf(cluster);
      await using producer = kafka.producer();
      const sent = producer.send({ topic: "orders", partition: 0, value: "a" });
      while (fault.hits < 3) await cluster.clock.advance(1);
      fault.remove();
      await sent;
      expect(cluster.partition("orders", 0).logEndOffset).toBe(1n);
    },
  );

  it("breaks all connections at once, and clients come back", async () => {
    await using cluster = await started();
    await using kafka = clientOf(cluster);
    await using producer = kafka.producer();
    await producer.send({ topic: "orders", partition: 0, value: "a" });
    cluster.resetConnections();
    await producer.send({ topic: "orders", partition: 0, value: "b" });
    expect(cluster.partition("orders", 0).logEndOffset).toBe(2n);
    expect(cluster.failures).toEqual([]);
  });
});
