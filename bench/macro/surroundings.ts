/** What the benchmarks of whole clients share: a Node.js for all, an overseer, turns. */

import { createRequire } from "node:module";
import { run } from "../../scripts/kafka/process.ts";
import { ensureRuntime, type Runtime } from "../../test/support/runtimes.ts";
import type { Contender, Launch } from "./launch.ts";

/** A client that can be started. */
export interface Ready {
  readonly contender: Contender;
  readonly launch: Launch;
}

/** @platformatic/kafka wants Node.js 22.22 or later; all of them run in the same. */
export async function nodeForAll(): Promise<{ readonly node: Runtime; readonly version: string }> {
  const node = await ensureRuntime("node24");
  const { stdout } = await run(node.executable, ["--version"], { timeoutMs: 30_000 });
  return { node, version: stdout.toString("utf8").trim() };
}

/**
 * @param only names; undefined: all
 * @param missing is told who cannot be had, and why
 */
export async function launches(
  contenders: readonly Contender[],
  only: readonly string[] | undefined,
  missing: Map<string, string>,
): Promise<{ readonly ready: readonly Ready[]; readonly node: Runtime; readonly version: string }> {
  const { node, version } = await nodeForAll();
  const ready: Ready[] = [];
  for (const contender of contenders) {
    if (only !== undefined && !only.includes(contender.name)) continue;
    try {
      ready.push({ contender, launch: await contender.launch(node, version) });
    } catch (error) {
      missing.set(contender.name, `could not be installed: ${String(error)}`);
      console.log(`${contender.name} could not be installed: ${String(error)}`);
    }
  }
  return { ready, node, version };
}

// biome-ignore lint/suspicious/noExplicitAny: a client that is not installed where the type checker runs
export type Untyped = any;

/** The broker's own word on topics and offsets, by a client that is not ours. */
export async function overseer(bootstrapServers: string): Promise<Untyped> {
  const { Kafka, logLevel } = createRequire(import.meta.url)("kafkajs");
  const admin = new Kafka({ brokers: bootstrapServers.split(","), logLevel: logLevel.ERROR }).admin();
  await admin.connect();
  return admin;
}

/** All of them, each round another first: who comes after whom must not decide. */
export function inTurns<T>(all: readonly T[], round: number): readonly T[] {
  const first = round % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
}
