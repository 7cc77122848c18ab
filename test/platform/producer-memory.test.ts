import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Metadata, Produce } from "../../src/client/api.ts";
import { noAnswer } from "../support/fake-broker.ts";
import { FakeCluster } from "../support/fake-cluster.ts";
import { bridge } from "./bridge.ts";
import { serve } from "./support.ts";

const MIB = 1 << 20;
const BUFFER_MEMORY = 32 * MIB;
const VALUE_SIZE = 500;
const SCRIPT = fileURLToPath(new URL("./fixtures/endless-enqueue.ts", import.meta.url));

interface Outcome {
  readonly enqueued: number;
  readonly refused: number;
  readonly failed: number;
  readonly delivered: number;
  readonly codes: readonly string[];
  readonly rss: number;
  readonly heapAndExternal: number;
}

async function enqueueEndlessly(bootstrap: string, manner: "heeding" | "ignoring"): Promise<Outcome> {
  // A heap that would not hold the backlog of a producer that keeps everything.
  const args = ["--max-old-space-size=96", "--import", "tsx", SCRIPT, bootstrap, manner];
  const child = spawn(process.execPath, args);
  let output = "";
  let complaints = "";
  child.stdout.on("data", (chunk: Uint8Array) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk: Uint8Array) => {
    complaints += chunk;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect(code, complaints).toBe(0);
  return JSON.parse(output);
}

function expectBounded({ enqueued, failed, delivered, rss, heapAndExternal }: Outcome): void {
  // The buffer was full, and was filled again after its records had failed.
  expect(enqueued * VALUE_SIZE).toBeGreaterThan(2 * BUFFER_MEMORY);
  expect(delivered).toBe(0);
  expect(failed).toBe(enqueued);
  expect(heapAndExternal).toBeLessThan(BUFFER_MEMORY + 64 * MIB);
  expect(rss).toBeLessThan(BUFFER_MEMORY + 64 * MIB);
}

describe.concurrent("an endless loop of enqueue, with a broker that answers no Produce", () => {
  async function atDeafBroker(manner: "heeding" | "ignoring"): Promise<Outcome> {
    const cluster = new FakeCluster();
    const topic = cluster.createTopic("t", 6);
    await using server = await serve({ onConnection: (socket) => bridge(cluster, socket) });
    cluster.broker(1).handle(Metadata, () => ({
      brokers: [{ nodeId: 1, host: "127.0.0.1", port: server.port }],
      topics: [
        {
          name: "t",
          topicId: topic.topicId,
          partitions: topic.partitions.map((_, partitionIndex) => ({ partitionIndex, leaderId: 1 })),
        },
      ],
    }));
    cluster.broker(1).handle(Produce, () => noAnswer);
    return await enqueueEndlessly(`127.0.0.1:${server.port}`, manner);
  }

  it("stays within bufferMemory and 64 MiB where it waits for ready()", async () => {
    const outcome = await atDeafBroker("heeding");
    expectBounded(outcome);
    expect(outcome.codes).toContain("DELIVERY_TIMED_OUT");
  }, 30_000);

  it("gets errors, and stays within the same, where it does not wait", async () => {
    const outcome = await atDeafBroker("ignoring");
    expectBounded(outcome);
    expect(outcome.refused).toBeGreaterThan(0);
    expect(outcome.codes).toContain("BUFFER_EXHAUSTED");
  }, 30_000);
});

describe.concurrent("an endless loop of enqueue, with nobody at the broker's address", () => {
  async function atNobody(manner: "heeding" | "ignoring"): Promise<Outcome> {
    const { port } = await (async () => {
      await using server = await serve();
      return server;
    })();
    return enqueueEndlessly(`127.0.0.1:${port}`, manner);
  }

  it("stays within bufferMemory and 64 MiB where it waits for ready()", async () => {
    expectBounded(await atNobody("heeding"));
  }, 30_000);

  it("gets errors, and stays within the same, where it does not wait", async () => {
    const outcome = await atNobody("ignoring");
    expectBounded(outcome);
    expect(outcome.refused).toBeGreaterThan(0);
  }, 30_000);
});
