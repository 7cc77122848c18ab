import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { Metadata } from "../../src/client/api.ts";
import { FakeCluster } from "../support/fake-cluster.ts";
import { bridge } from "./bridge.ts";
import { serve } from "./support.ts";

it("a process that sends, reads and closes ends by itself, at once", async () => {
  const cluster = new FakeCluster();
  const topic = cluster.createTopic("t");
  await using server = await serve({ onConnection: (socket) => bridge(cluster, socket) });
  cluster.broker(1).handle(Metadata, ({ body }) => ({
    brokers: [{ nodeId: 1, host: "127.0.0.1", port: server.port }],
    topics: (body.topics ?? []).map(({ name }) =>
      name === "t"
        ? { name, topicId: topic.topicId, partitions: [{ partitionIndex: 0, leaderId: 1 }] }
        : { name, errorCode: 3 },
    ),
  }));
  const script = fileURLToPath(new URL("./fixtures/send-and-close.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", script, `127.0.0.1:${server.port}`]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Uint8Array) => {
      output += chunk;
    });
  }
  const code = await new Promise((resolve) => child.on("exit", resolve));
  const endedAtMs = Date.now();
  expect(output).toMatch(/^offset 0, read 0\nClosedError\nclosed at \d+\n$/);
  expect(code).toBe(0);
  expect(endedAtMs - Number(/closed at (\d+)/.exec(output)?.[1])).toBeLessThan(1000);
  expect(cluster.log("t").values()).toEqual(["a"]);
}, 20_000);
