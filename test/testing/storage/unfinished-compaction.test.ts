/** A process that has ended in the middle of replacing segments. */

import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ProduceRequest, ProduceResponse } from "../../../src/protocol/messages/produce.ts";
import { TestCluster } from "../../../src/testing/mod.ts";
import { batchOf, RawClient } from "../raw-client.ts";

const SEGMENTS = [0, 1, 2].map((offset) => `${String(offset).padStart(20, "0")}.log`);
const [FIRST, SECOND, THIRD] = SEGMENTS as [string, string, string];

let dataDirectory: string;

beforeEach(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), "kafkawire-swap-"));
  await using cluster = await started();
  using client = await RawClient.to(cluster);
  for (const value of ["a", "b", "c"]) {
    await client.ask(ProduceRequest, ProduceResponse, 9, {
      acks: -1,
      timeoutMs: 1000,
      topicData: [{ name: "orders", partitionData: [{ index: 0, records: batchOf([value]) }] }],
    });
  }
});
afterEach(() => rm(dataDirectory, { recursive: true, force: true }));

const started = (): Promise<TestCluster> =>
  TestCluster.start({
    network: "memory",
    time: "manual",
    dataDirectory,
    topics: { orders: { configs: { "segment.bytes": "100" } } },
  });

const path = (name: string): string => join(dataDirectory, "broker-1", "orders-0", name);

async function opened() {
  await using cluster = await started();
  const { logStartOffset, logEndOffset } = cluster.partition("orders", 0);
  const names = await readdir(path("."));
  const segments = names.filter((name) => name.includes(".log")).sort();
  return { logStartOffset, logEndOffset, segments, warnings: cluster.warnings };
}

it("forgets what was not whole yet", async () => {
  await writeFile(path(`${FIRST}.cleaned`), "half of it");
  expect(await opened()).toEqual({
    logStartOffset: 0n,
    logEndOffset: 3n,
    segments: SEGMENTS,
    warnings: [],
  });
});

it.each([
  ["before the old segments had gone", []],
  ["when some of the old segments had gone", [FIRST]],
  ["when all of the old segments had gone", [FIRST, SECOND]],
] as const)("ends what was whole, %s", async (_when, gone) => {
  const both = Buffer.concat([await readFile(path(FIRST)), await readFile(path(SECOND))]);
  await writeFile(path(`${FIRST}.swap`), both);
  for (const name of gone) await rm(path(name));
  expect(await opened()).toEqual({
    logStartOffset: 0n,
    logEndOffset: 3n,
    segments: [FIRST, THIRD],
    warnings: [],
  });
  expect(await readFile(path(FIRST))).toEqual(both);
});
