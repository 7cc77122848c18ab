/** What the application sees of a coordinator that is silent for longer than its consumer's session. */

import { expect, it } from "vitest";
import type { Consumer } from "../../../../src/client/consumer/consumer.ts";
import { Kafka } from "../../../../src/client/kafka.ts";
import { TestCluster } from "../../../../src/testing/mod.ts";

const SESSION_TIMEOUT_MS = 1200;
const FETCH_MAX_WAIT_MS = 100;
const SUSPENDED = 'the coordinator of group "g" to be heard, before records are handed out';
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const WITHIN = { timeout: 10_000, interval: 20 };

async function read(consumer: Consumer, count: number): Promise<string[]> {
  const values: string[] = [];
  while (values.length < count) {
    for (const { value } of await consumer.poll({ timeoutMs: 200 }))
      values.push(String(Buffer.from(value ?? [])));
  }
  return values;
}

it.each(["known to it still", "unknown to it by then"])(
  "nothing is handed out until it answers, to a member that is %s",
  async (which) => {
    // The brokers' time stands still, and so no session ends but as the test wants it.
    await using cluster = await TestCluster.start({
      network: "memory",
      time: "manual",
      topics: { t: 1 },
      configs: { "group.min.session.timeout.ms": "1000", "group.initial.rebalance.delay.ms": "0" },
    });
    const { bootstrapServers, platform } = cluster;
    await using kafka = new Kafka({ bootstrapServers, platform, retryBackoffMs: 10, logger: silent });
    await using producer = kafka.producer();
    const send = (...values: string[]) =>
      Promise.all(values.map((value) => producer.send({ topic: "t", value })));
    const told: string[] = [];
    const consumer = kafka.consumer({
      groupId: "g",
      topics: ["t"],
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      heartbeatIntervalMs: 300,
      enableAutoCommit: false,
      fetchMaxWaitMs: FETCH_MAX_WAIT_MS,
      autoOffsetReset: "earliest",
      rebalanceListener: {
        onPartitionsAssigned: (partitions) => void told.push(`assigned ${partitions.length}`),
        onPartitionsRevoked: (partitions) => void told.push(`revoked ${partitions.length}`),
        onPartitionsLost: (partitions) => void told.push(`lost ${partitions.length}`),
      },
    });
    await send("a", "b");
    expect(await read(consumer, 2)).toEqual(["a", "b"]);
    const waiting = (): string[] => kafka.waits().map(({ waitingFor }) => waitingFor);
    const silence = cluster.fault({ api: "Heartbeat", hang: true });
    await expect.poll(waiting, WITHIN).toContain(SUSPENDED);
    await send("c");
    expect(await consumer.poll({ timeoutMs: 300 })).toEqual([]);
    expect(consumer.assignment()).toEqual([{ topic: "t", partition: 0 }]);
    if (which === "known to it still") {
      silence.remove();
      // Nothing was committed, and nothing is read again.
      expect(await read(consumer, 1)).toEqual(["c"]);
      expect(told).toEqual(["assigned 1"]);
    } else {
      await cluster.clock.advance(SESSION_TIMEOUT_MS);
      silence.remove();
      await expect.poll(() => told, WITHIN).toContain("lost 1");
      // A fetch that waits for records, in the time of brokers.
      await cluster.clock.advance(FETCH_MAX_WAIT_MS);
      expect(await read(consumer, 3)).toEqual(["a", "b", "c"]);
      expect(told).toEqual(["assigned 1", "lost 1", "assigned 1"]);
    }
    expect(waiting()).not.toContain(SUSPENDED);
    await consumer.close();
  },
);
