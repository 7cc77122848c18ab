/** What is deleted because it is too old or too much. */

import { expect, it } from "vitest";
import { ProduceRequest, ProduceResponse } from "../../../src/protocol/messages/produce.ts";
import { TestCluster } from "../../../src/testing/mod.ts";
import { batchOf, RawClient } from "../raw-client.ts";

const MINUTE_MS = 60_000;

async function startOf(configs: Readonly<Record<string, string>>, waitMs: number): Promise<bigint> {
  await using cluster = await TestCluster.start({
    network: "memory",
    time: "manual",
    // Each batch is a segment of its own.
    topics: { orders: { configs: { "segment.bytes": "1500", ...configs } } },
  });
  using client = await RawClient.to(cluster);
  for (let batch = 0; batch < 4; batch++) {
    const records = batchOf(["x".repeat(1000)], { key: "k", timestamp: cluster.clock.wallMs() });
    const topicData = [{ name: "orders", partitionData: [{ index: 0, records }] }];
    await client.ask(ProduceRequest, ProduceResponse, 12, { acks: -1, timeoutMs: 1000, topicData });
    await cluster.clock.advance(MINUTE_MS);
  }
  await cluster.clock.advance(waitMs);
  expect(cluster.failures).toEqual([]);
  return cluster.partition("orders", 0).logStartOffset;
}

it.each([
  ["nothing while it is young", {}, 5 * MINUTE_MS, 0n],
  ["all that is old", { "retention.ms": "60000" }, 5 * MINUTE_MS, 4n],
  [
    "nothing of a segment of which some is young",
    { "retention.ms": "240000", "segment.bytes": "9999" },
    MINUTE_MS,
    0n,
  ],
  ["only what is too old", { "retention.ms": "240000" }, MINUTE_MS, 1n],
  ["what is too much", { "retention.bytes": "2500" }, 5 * MINUTE_MS, 1n],
  [
    "nothing of a compacted topic",
    { "retention.ms": "60000", "cleanup.policy": "compact" },
    5 * MINUTE_MS,
    0n,
  ],
] as const)("deletes %s", async (_what, configs, waitMs, start) => {
  expect(await startOf(configs, waitMs)).toBe(start);
});
