/**
 * Record batches of magic 2, compressed ones too. A figure is for one batch: divide by the number of records for the
 * time of one.
 *
 *   npm run bench -- records
 */

import { createRequire } from "node:module";
import { RecordBatchBuilder, type RecordHeaderInput, readRecordBatches } from "kafkawire/protocol";
import { bench, do_not_optimize, group } from "mitata";
import type { CompressionCodec } from "../../src/protocol/records/compression-type.ts";
import { report } from "./report.ts";
import { warmWithEverySchema } from "./warm.ts";

const load = createRequire(new URL("../../dist/compression/", import.meta.url));
const { compressionCodecs }: typeof import("../../src/compression/codecs.ts") = load("./codecs.js");
const { platform }: typeof import("../../src/platform/node.ts") = load("../platform/node.js");

type Field = string | Uint8Array | null;

const codecs = compressionCodecs(platform.zlib);
const codecOf = (type: "gzip" | "lz4" | "snappy") => codecs.forWriting(type) as CompressionCodec;

const memory = new Uint8Array(4 << 20).map((_, i) => Math.imul(i, 0x9e3779b1) >>> 24);
const keyBytes = memory.slice(0, 10);
const valueBytes = memory.slice(10, 110);
const keyText = "user-12345";
const valueText = JSON.stringify({ id: 1234567, state: "paid", note: "x".repeat(60) }).padEnd(100);
const headers: readonly RecordHeaderInput[] = [
  { key: "traceparent", value: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" },
  { key: "source", value: memory.slice(0, 8) },
];

/** The buffer is reused, as an accumulator does with those of its pool. */
const buffer = new Uint8Array(4 << 20);

function filled(count: number, key: Field, value: Field, some?: readonly RecordHeaderInput[]) {
  const builder = new RecordBatchBuilder({ buffer });
  for (let i = 0; i < count; i++) builder.append(1_700_000_000_000 + (i >> 3), key, value, some);
  return builder;
}

/** Touches every part of every record. */
function readAll(bytes: Uint8Array): number {
  let sum = 0;
  for (const batch of readRecordBatches(bytes)) {
    const payload = batch.decompress(codecs.forReading(batch.compressionType), 1 << 30) as Uint8Array;
    for (const record of batch.records(payload)) {
      sum += Number(record.offset & 1n) + record.timestamp + record.headers.length;
      sum += (record.key?.byteLength ?? 0) + (record.value?.byteLength ?? 0);
    }
  }
  return sum;
}

/** What a reader pays that only walks: for a batch of which it wants the last record. */
function walk(bytes: Uint8Array, checkCrc: boolean): unknown {
  let last: unknown;
  for (const batch of readRecordBatches(bytes, { checkCrc })) {
    for (const record of batch.records()) last = record;
  }
  return last;
}

for (const count of [1, 100, 10_000]) {
  const compressed = (type: "gzip" | "lz4" | "snappy") =>
    filled(count, keyText, valueText).build({ compression: codecOf(type) }) as Uint8Array;
  group(`${count} records of 100 bytes: append and build`, () => {
    const run = (name: string, make: () => unknown) => bench(name, () => do_not_optimize(make()));
    run("value of bytes", () => filled(count, null, valueBytes).build());
    run("key and value of bytes", () => filled(count, keyBytes, valueBytes).build());
    run("key and value of text", () => filled(count, keyText, valueText).build());
    run("key, value and two headers", () => filled(count, keyBytes, valueBytes, headers).build());
    for (const type of ["gzip", "lz4", "snappy"] as const) {
      run(`key and value of text, ${type}`, () => compressed(type));
    }
  });
  group(`${count} records of 100 bytes: read`, () => {
    const plain = filled(count, keyBytes, valueBytes).build().slice();
    const withHeaders = filled(count, keyBytes, valueBytes, headers).build().slice();
    const run = (name: string, read: () => unknown) => bench(name, () => do_not_optimize(read()));
    run("walk without CRC", () => walk(plain, false));
    run("walk", () => walk(plain, true));
    run("all parts", () => readAll(plain));
    run("all parts and two headers", () => readAll(withHeaders));
    for (const type of ["gzip", "lz4", "snappy"] as const) {
      const bytes = compressed(type).slice();
      run(`all parts, ${type}`, () => readAll(bytes));
    }
  });
}

warmWithEverySchema();
await report("records");
