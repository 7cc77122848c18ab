import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, it } from "vitest";
import { runJava } from "../../scripts/kafka/java.ts";
import { platform } from "../../src/platform/node.ts";
import { compressionTypes } from "../../src/protocol/records/compression-type.ts";
import { readRecordBatches } from "../../src/protocol/records/read-record-batches.ts";
import type { RecordBatch } from "../../src/protocol/records/record-batch.ts";
import { RecordBatchBuilder } from "../../src/protocol/records/record-batch-builder.ts";
import { anyRecord } from "../protocol/records/arbitraries.ts";
import {
  fromHex,
  joined,
  type PlainRecord,
  recordsOf,
  toHex,
  writable,
} from "../protocol/records/support.ts";
import { seed } from "../support/seed.ts";
import { describeWithJava } from "./describe-java.ts";

/** Fetches of one to three batches, so 5,000 batches and more. KAFKAWIRE_GOLDEN_FETCHES=100000 makes a long run. */
const FETCHES = Number(process.env["KAFKAWIRE_GOLDEN_FETCHES"] ?? 2_600);
/** In one run of the Java program: its output is held as text. */
const FETCHES_AT_ONCE = 1_000;
const TIMEOUT_MS = 30_000 + 40 * FETCHES;

const program = fileURLToPath(new URL("./java/RecordBatches.java", import.meta.url));

async function askKafka(args: readonly string[], input = ""): Promise<string[][]> {
  const { stdout } = await runJava({ program, args, input });
  return stdout
    .toString("utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));
}

/** Sizes of the runs that make up `count` fetches, each with a seed of its own. */
function* runs(count: number): Generator<{ readonly size: number; readonly runSeed: number }, void> {
  for (let i = 0; i * FETCHES_AT_ONCE < count; i++) {
    yield { size: Math.min(FETCHES_AT_ONCE, count - i * FETCHES_AT_ONCE), runSeed: (seed + i) % 0x7fff_ffff };
  }
}

/** Has Kafka write fetches, and holds what it reads in them against what we do. */
async function readKafkas(command: "write" | "legacy", count: number, sights: readonly string[]) {
  const missing = new Set(sights);
  const differences: string[] = [];
  let batches = 0;
  let messages = 0;
  for (const { size, runSeed } of runs(count)) {
    const rows = await askKafka([command, `${runSeed}`, `${size}`]);
    expect(rows).toHaveLength(size);
    for (const [hex = "", kafkas = ""] of rows) {
      const difference = firstDifference(describeFetch(fromHex(hex)), kafkas);
      if (difference !== null) differences.push(`${difference} in ${hex.slice(0, 400)}`);
      for (const sight of missing) if (kafkas.includes(sight)) missing.delete(sight);
      batches += kafkas.split("batch baseOffset").length - 1;
      messages += kafkas.split("message lastOffset").length - 1;
    }
  }
  // The generator is worth something only if it comes by all of these.
  expect([...missing]).toEqual([]);
  return { batches, messages, differences };
}

const BATCH_FIELDS = [
  "baseOffset",
  "lastOffset",
  "partitionLeaderEpoch",
  "compressionType",
  "timestampType",
  "isTransactional",
  "isControl",
  "hasDeleteHorizon",
  "baseTimestamp",
  "maxTimestamp",
  "producerId",
  "producerEpoch",
  "baseSequence",
  "recordCount",
  "sizeInBytes",
  "crc",
] as const;

const MESSAGE_FIELDS = [
  "lastOffset",
  "magic",
  "compressionType",
  "timestampType",
  "maxTimestamp",
  "producerId",
  "producerEpoch",
  "baseSequence",
  "isTransactional",
  "isControl",
  "partitionLeaderEpoch",
  "sizeInBytes",
  "crc",
] as const;

/** In the words of RecordBatches.java. */
function describeBatch(batch: RecordBatch): string {
  const [kind, fields] =
    batch.magic === 2 ? (["batch", BATCH_FIELDS] as const) : (["message", MESSAGE_FIELDS] as const);
  const header = fields.map((field) => `${field}=${batch[field]}`).join(" ");
  return [kind, header, ...recordsOf(batch).map(describeRecord)].join(" ");
}

function describeRecord({ offset, timestamp, key, value, headers }: PlainRecord): string {
  const pairs = headers.map(([name, content]) => `,${Buffer.from(name).toString("hex")}=${content}`);
  return `record ${offset},${timestamp},${key},${value}${pairs.join("")}`;
}

function describeFetch(bytes: Uint8Array): string {
  return Array.from(readRecordBatches(bytes, { crc32: platform.zlib.crc32 }), describeBatch).join(" ");
}

/** The first place where two texts differ, with what stands around it: whole batches are hard to read. */
function firstDifference(ours: string, kafkas: string): string | null {
  if (ours === kafkas) return null;
  let at = 0;
  while (ours[at] === kafkas[at]) at++;
  const around = (text: string) => text.slice(Math.max(0, at - 60), at + 60);
  return `ours …${around(ours)}… Kafka's …${around(kafkas)}…`;
}

/** A random batch with a random header, as our builder writes it. */
const anyBatch = fc
  .record({
    records: fc.array(anyRecord, { minLength: 1, maxLength: 6 }),
    codec: fc.constantFrom(null, ...writable),
    baseOffset: fc.bigInt({ min: 0n, max: 2n ** 62n }),
    partitionLeaderEpoch: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
    producer: fc.option(
      fc.record({
        producerId: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
        producerEpoch: fc.nat({ max: 32767 }),
        baseSequence: fc.nat({ max: 2 ** 31 - 1 }),
        isTransactional: fc.boolean(),
      }),
      { nil: {} },
    ),
  })
  .map(({ records, codec, baseOffset, partitionLeaderEpoch, producer }) => {
    const builder = new RecordBatchBuilder();
    for (const { timestamp, key, value, headers } of records) builder.append(timestamp, key, value, headers);
    const options = { ...producer, baseOffset, partitionLeaderEpoch, compression: codec };
    return { bytes: builder.build(options) as Uint8Array, type: codec?.type ?? "none" };
  });

describeWithJava(`record batches against Kafka's own classes, seed ${seed}`, () => {
  it(
    "reads what Kafka writes: every codec and attribute, gaps, markers, empty batches, delete horizons",
    async () => {
      const { batches, differences } = await readKafkas("write", FETCHES, [
        ...compressionTypes.map((type) => `compressionType=${type}`),
        "=LOG_APPEND_TIME",
        "isTransactional=true",
        "isControl=true",
        "hasDeleteHorizon=true",
        "recordCount=0",
        "producerId=-1",
        ",null,",
        ",-1,",
        "=null",
      ]);
      console.log(`Kafka wrote, we read: ${batches} batches, ${differences.length} differences`);
      expect(differences).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    "reads the message sets that Kafka wrote until 0.11, with batches among them",
    async () => {
      const { batches, messages, differences } = await readKafkas("legacy", Math.ceil(FETCHES / 2), [
        ...["none", "gzip", "snappy", "lz4"].flatMap((type) => [
          `magic=0 compressionType=${type}`,
          `magic=1 compressionType=${type} timestampType=CREATE_TIME`,
          `magic=1 compressionType=${type} timestampType=LOG_APPEND_TIME`,
        ]),
        "batch baseOffset",
        ",null,",
      ]);
      console.log(
        `Kafka wrote, we read: ${messages} messages of magic 0 and 1 and ${batches} batches among them, ` +
          `${differences.length} differences`,
      );
      expect(differences).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    "writes what Kafka reads, and byte for byte what it would write itself",
    async () => {
      const differences: string[] = [];
      const counts = new Map<string, number>();
      let identical = 0;
      for (const { size, runSeed } of runs(FETCHES)) {
        const fetches = fc.sample(fc.array(anyBatch, { minLength: 1, maxLength: 3 }), {
          seed: runSeed,
          numRuns: size,
        });
        const inputs = fetches.map((batches) => joined(...batches.map(({ bytes }) => bytes)));
        const rows = await askKafka(["read"], inputs.map((bytes) => `${toHex(bytes)}\n`).join(""));
        expect(rows).toHaveLength(size);
        for (const [i, batches] of fetches.entries()) {
          const bytes = inputs[i] as Uint8Array;
          const [outcome, rewritten = "", kafkas = ""] = rows[i] as string[];
          for (const { type } of batches) counts.set(type, (counts.get(type) ?? 0) + 1);
          const difference =
            outcome === "ok"
              ? firstDifference(describeFetch(bytes), kafkas)
              : `Kafka refuses ${toHex(bytes).slice(0, 400)}: ${rewritten}`;
          if (difference !== null) differences.push(difference);
          // Two implementations of a compression need not agree on bytes.
          if (difference !== null || batches.some(({ type }) => type !== "none")) continue;
          identical++;
          if (rewritten !== toHex(bytes))
            differences.push(`bytes: ${firstDifference(toHex(bytes), rewritten)}`);
        }
      }
      const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
      console.log(
        `We wrote, Kafka read: ${total} batches (${[...counts].map((pair) => pair.join(" ")).join(", ")}), ` +
          `${differences.length} differences; ${identical} uncompressed fetches byte for byte`,
      );
      expect(differences).toEqual([]);
      expect(counts.size).toBe(1 + writable.length);
      expect(identical).toBeGreaterThan(FETCHES / 50);
    },
    TIMEOUT_MS,
  );
});
