import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, it } from "vitest";
import { runJava } from "../../scripts/kafka/java.ts";
import { readRecordBatches } from "../../src/protocol/records/read-record-batches.ts";
import type { RecordBatch } from "../../src/protocol/records/record-batch.ts";
import { RecordBatchBuilder } from "../../src/protocol/records/record-batch-builder.ts";
import { anyRecord } from "../protocol/records/arbitraries.ts";
import { fromHex, gzip, joined, type PlainRecord, recordsOf, toHex } from "../protocol/records/support.ts";
import { seed } from "../support/seed.ts";
import { describeWithJava } from "./describe-java.ts";

const KAFKAS_FETCHES = 1_000;
/** Fewer, since ours hold longer texts and take longer to make. */
const OUR_FETCHES = 400;

const program = fileURLToPath(new URL("./java/RecordBatches.java", import.meta.url));

async function askKafka(args: readonly string[], input = ""): Promise<string[][]> {
  const { stdout } = await runJava({ program, args, input });
  return stdout
    .toString("utf8")
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));
}

/** In the words of RecordBatches.java. */
function describeBatch(batch: RecordBatch): string {
  const fields = [
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
  const header = fields.map((field) => `${field}=${batch[field]}`).join(" ");
  return ["batch", header, ...recordsOf(batch).map(describeRecord)].join(" ");
}

function describeRecord({ offset, timestamp, key, value, headers }: PlainRecord): string {
  const pairs = headers.map(([name, content]) => `,${Buffer.from(name).toString("hex")}=${content}`);
  return `record ${offset},${timestamp},${key},${value}${pairs.join("")}`;
}

function describeFetch(bytes: Uint8Array): string {
  return Array.from(readRecordBatches(bytes), describeBatch).join(" ");
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
    compressed: fc.boolean(),
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
  .map(({ records, compressed, baseOffset, partitionLeaderEpoch, producer }) => {
    const builder = new RecordBatchBuilder();
    for (const { timestamp, key, value, headers } of records) builder.append(timestamp, key, value, headers);
    const compression = compressed ? gzip : null;
    const bytes = builder.build({ ...producer, baseOffset, partitionLeaderEpoch, compression }) as Uint8Array;
    return { bytes, compressed };
  });

describeWithJava(`record batches against Kafka's own classes, seed ${seed}`, () => {
  it("reads what Kafka writes: every attribute, gaps, markers, empty batches, delete horizons", async () => {
    const rows = await askKafka(["write", `${seed}`, `${KAFKAS_FETCHES}`]);
    expect(rows).toHaveLength(KAFKAS_FETCHES);
    const differences = rows.flatMap(([hex = "", kafkas = ""]) => {
      const difference = firstDifference(describeFetch(fromHex(hex)), kafkas);
      return difference === null ? [] : [`${difference} in ${hex.slice(0, 400)}`];
    });
    const all = rows.map(([, kafkas]) => kafkas).join(" ");
    console.log(
      `Kafka wrote, we read: ${all.split("batch ").length - 1} batches, ${differences.length} differences`,
    );
    expect(differences).toEqual([]);
    // The generator is worth something only if it comes by all of these.
    for (const sight of ["=gzip", "=none", "=LOG_APPEND_TIME", "isTransactional=true", "isControl=true"]) {
      expect(all).toContain(sight);
    }
    for (const sight of [
      "hasDeleteHorizon=true",
      "recordCount=0",
      "producerId=-1",
      ",null,",
      ",-1,",
      "=null",
    ]) {
      expect(all).toContain(sight);
    }
  });

  it("writes what Kafka reads, and byte for byte what it would write itself", async () => {
    const fetches = fc.sample(fc.array(anyBatch, { minLength: 1, maxLength: 3 }), {
      seed,
      numRuns: OUR_FETCHES,
    });
    const inputs = fetches.map((batches) => joined(...batches.map(({ bytes }) => bytes)));
    const rows = await askKafka(["read"], inputs.map((bytes) => `${toHex(bytes)}\n`).join(""));
    expect(rows).toHaveLength(OUR_FETCHES);
    let identical = 0;
    const differences = fetches.flatMap((batches, i) => {
      const bytes = inputs[i] as Uint8Array;
      const [outcome, rewritten = "", kafkas = ""] = rows[i] as string[];
      if (outcome !== "ok") return [`Kafka refuses ${toHex(bytes).slice(0, 400)}: ${rewritten}`];
      const difference = firstDifference(describeFetch(bytes), kafkas);
      if (difference !== null) return [difference];
      // Two implementations of gzip need not agree on bytes.
      if (batches.some(({ compressed }) => compressed)) return [];
      identical++;
      return rewritten === toHex(bytes) ? [] : [`bytes: ${firstDifference(toHex(bytes), rewritten)}`];
    });
    const count = fetches.flat().length;
    console.log(
      `We wrote, Kafka read: ${count} batches, ${differences.length} differences; ${identical} uncompressed fetches ` +
        "byte for byte",
    );
    expect(differences).toEqual([]);
    expect(identical).toBeGreaterThan(40);
  });
});
