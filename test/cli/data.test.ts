/** `kafkawire broker --data`, killed while it is written to. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Kafka } from "../../src/client/kafka.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const running: ChildProcess[] = [];
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "kafkawire-killed-"));
});
afterEach(async () => {
  for (const child of running.splice(0)) await killed(child);
  await rm(directory, { recursive: true, force: true });
});

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

/** Starts a broker in a process of its own, and gives it with its address. */
async function started(): Promise<{ readonly child: ChildProcess; readonly address: string }> {
  const args = [
    "--import",
    "tsx",
    "src/cli/main.ts",
    "broker",
    "--data",
    directory,
    "--port",
    "0",
    "--quiet",
  ];
  const child = spawn(process.execPath, [...args, "--topic", "orders"], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.push(child);
  let output = "";
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      const [, found] = /is ready at (\S+)/.exec(output) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.once("exit", () => reject(new Error(`The broker has ended: ${output}`)));
  });
  return { child, address };
}

const ROUNDS = 2;
const BEFORE_THE_KILL = 150;

it("has everything that it acknowledged, each record once and in order", { timeout: 60_000 }, async () => {
  let next = 0;
  const acknowledged: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { child, address } = await started();
    await using kafka = new Kafka({ bootstrapServers: [address], requestTimeoutMs: 500 });
    const producer = kafka.producer({ deliveryTimeoutMs: 1000 });
    const most = acknowledged.length + BEFORE_THE_KILL;
    const sends: Promise<unknown>[] = [];
    let dead: Promise<void> | null = null;
    // Many are on their way at any time, and so when the process dies.
    while (dead === null) {
      const value = next++;
      const sent = producer.send({ topic: "orders", partition: 0, value: String(value) }).then(
        () => {
          acknowledged.push(value);
          if (acknowledged.length >= most) dead ??= killed(child);
        },
        () => {},
      );
      sends.push(sent);
      if (next % 20 === 0) await sent;
    }
    await dead;
    await Promise.all(sends);
    await producer.close();
    expect(acknowledged.length).toBeGreaterThanOrEqual(most);
  }
  const { address } = await started();
  await using kafka = new Kafka({ bootstrapServers: [address] });
  const found: number[] = [];
  await using consumer = kafka.consumer({
    groupId: "reader",
    topics: ["orders"],
    autoOffsetReset: "earliest",
  });
  const [end] = await consumer.endOffsets([{ topic: "orders", partition: 0 }]);
  for await (const record of consumer) {
    found.push(Number(Buffer.from(record.value ?? []).toString()));
    if (record.offset + 1n >= (end?.offset ?? 0n)) break;
  }
  expect(found).toEqual([...new Set(found)].sort((a, b) => a - b));
  expect(acknowledged.filter((value) => !found.includes(value))).toEqual([]);
});
