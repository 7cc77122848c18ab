/**
 * Record batches of magic 2 and their CRC. A figure is for one batch, or one run over the bytes: divide by the
 * number of records for the time of one.
 *
 * The built package is measured, so build it first. It is loaded past vitest, which would turn every import
 * into a getter: that alone doubles these times.
 */

import { createRequire } from "node:module";
import { gunzipSync, gzipSync } from "node:zlib";
import { bench, describe } from "vitest";
import type { RecordHeaderInput } from "../../src/protocol/records/record-encoding.ts";

const load = createRequire(new URL("../../dist/protocol/records/", import.meta.url));
const { crc32c }: typeof import("../../src/protocol/records/crc32c.ts") = load("./crc32c.js");
const { readRecordBatches }: typeof import("../../src/protocol/records/read-record-batches.ts") =
  load("./read-record-batches.js");
const { RecordBatchBuilder }: typeof import("../../src/protocol/records/record-batch-builder.ts") =
  load("./record-batch-builder.js");
const { gzipCodec }: typeof import("../../src/compression/gzip.ts") = load("../../compression/gzip.js");

type Field = string | Uint8Array | null;

const gzip = gzipCodec({
  gzip: (bytes) => gzipSync(bytes),
  gunzip: (bytes, maxSize) => gunzipSync(bytes, { maxOutputLength: maxSize }),
});

const options = { time: 500, warmupTime: 200 };
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

/** Everything that a benchmark makes goes here, so that no compiler can leave it out. */
const sink: { value: unknown } = { value: null };

/** Touches every part of every record. */
function readAll(bytes: Uint8Array): number {
  let sum = 0;
  for (const batch of readRecordBatches(bytes)) {
    const payload = batch.decompress(gzip, 1 << 30) as Uint8Array;
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
  describe(`${count} records of 100 bytes: append and build`, () => {
    const run = (name: string, make: () => unknown) =>
      bench(
        name,
        () => {
          sink.value = make();
        },
        options,
      );
    run("value of bytes", () => filled(count, null, valueBytes).build());
    run("key and value of bytes", () => filled(count, keyBytes, valueBytes).build());
    run("key and value of text", () => filled(count, keyText, valueText).build());
    run("key, value and two headers", () => filled(count, keyBytes, valueBytes, headers).build());
    run("key and value of text, gzip", () => filled(count, keyText, valueText).build({ compression: gzip }));
  });

  describe(`${count} records of 100 bytes: read`, () => {
    const plain = filled(count, keyBytes, valueBytes).build().slice();
    const withHeaders = filled(count, keyBytes, valueBytes, headers).build().slice();
    const compressed = (filled(count, keyText, valueText).build({ compression: gzip }) as Uint8Array).slice();
    const run = (name: string, read: () => unknown) =>
      bench(
        name,
        () => {
          sink.value = read();
        },
        options,
      );
    run("walk without CRC", () => walk(plain, false));
    run("walk", () => walk(plain, true));
    run("all parts", () => readAll(plain));
    run("all parts and two headers", () => readAll(withHeaders));
    run("all parts, gzip", () => readAll(compressed));
  });
}

describe("crc32c", () => {
  for (const size of [16, 64, 110, 256, 512, 640, 1024, 4096, 16_384, 1 << 20]) {
    bench(
      `${size} bytes`,
      () => {
        sink.value = crc32c(memory, 3, 3 + size);
      },
      options,
    );
  }
});
