import { spawn } from "node:child_process";
import { once } from "node:events";
import { access } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it, vi } from "vitest";
import { fetchClusterView } from "../../scripts/kafka/probe.ts";
import { clusterFor, describeKafka, QUICK_FENCING } from "../support/kafka.ts";

const HOLDER = fileURLToPath(new URL("../support/fixtures/hold-cluster.ts", import.meta.url));

describeKafka("a cluster of one's own", "cluster", () => {
  const cluster = clusterFor({ brokers: 3, properties: QUICK_FENCING });

  const alive = async (port: number) =>
    (await fetchClusterView("127.0.0.1", port, 2_000)).brokers.map(({ nodeId }) => nodeId).sort();
  const portOf = (nodeId: number) => {
    const broker = cluster().brokers.find((each) => each.nodeId === nodeId);
    if (broker === undefined) throw new Error(`no broker ${nodeId}`);
    return broker.port;
  };

  it("serves on every broker", async () => {
    for (const { port } of cluster().brokers) expect(await alive(port)).toEqual([1, 2, 3]);
  });

  it("goes on without a stopped broker, which comes back at its port", async () => {
    const before = cluster().brokers;
    await cluster().stopBroker(2);
    expect(cluster().brokers.map(({ pid }) => pid === undefined)).toEqual([false, true, false]);
    await vi.waitFor(async () => expect(await alive(portOf(1))).toEqual([1, 3]), { timeout: 10_000 });
    await cluster().startBroker(2);
    expect(await alive(portOf(2))).toEqual([1, 2, 3]);
    expect(cluster().brokers.map(({ port }) => port)).toEqual(before.map(({ port }) => port));
  });

  it("freezes a broker and thaws it", async () => {
    cluster().pauseBroker(3);
    await expect(fetchClusterView("127.0.0.1", portOf(3), 500)).rejects.toThrow("no answer within 500 ms");
    cluster().resumeBroker(3);
    expect(await alive(portOf(3))).toContain(3);
  });

  it("kills a broker", async () => {
    await cluster().killBroker(1);
    await expect(fetchClusterView("127.0.0.1", portOf(1), 500)).rejects.toThrow("ECONNREFUSED");
    await expect(cluster().stopBroker(1)).rejects.toThrow("broker 1 is not running");
  });
});

describeKafka("a cluster whose process is killed", "cluster", () => {
  it("leaves no broker and no file", async () => {
    const holder = spawn(process.execPath, ["--import", "tsx", HOLDER], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(createInterface(holder.stdout), "line")) as [string];
    const { directory, pid } = JSON.parse(line) as { directory: string; pid: number };
    process.kill(pid, 0);
    holder.kill("SIGKILL");
    await vi.waitFor(
      async () => {
        expect(() => process.kill(pid, 0)).toThrow("ESRCH");
        await expect(access(directory)).rejects.toThrow("ENOENT");
      },
      { timeout: 15_000, interval: 100 },
    );
  }, 120_000);
});
