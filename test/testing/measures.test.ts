/** What a cluster costs, and that nothing of it is left. */

import { describe, expect, it } from "vitest";
import { MetadataRequest, MetadataResponse } from "../../src/protocol/messages/metadata.ts";
import { TestCluster } from "../../src/testing/mod.ts";
import { RawClient } from "./raw-client.ts";

const CLUSTERS = 200;

/** Sockets, servers and timers of this process. */
function resources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

describe("clusters one after another", () => {
  it.each(["memory", "tcp"] as const)("leave no socket and no timer behind: %s", async (network) => {
    const before = resources();
    for (let count = 0; count < CLUSTERS; count++) {
      await using cluster = await TestCluster.start({ network, topics: { orders: 3 } });
      using client = await RawClient.to(cluster);
      await client.ask(MetadataRequest, MetadataResponse, 12, { topics: null });
    }
    const left = (name: string): number => (resources()[name] ?? 0) - (before[name] ?? 0);
    for (const name of ["TCPServerWrap", "TCPSocketWrap", "TCPWrap", "Timeout"]) {
      await expect.poll(() => left(name), { message: name }).toBeLessThanOrEqual(1);
    }
  });
});
