import { gunzipSync, gzipSync, crc32 as zlibCrc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compressionCodecs } from "../../../src/compression/codecs.ts";
import { xxh32 } from "../../../src/compression/xxh32.ts";
import { platform } from "../../../src/platform/node.ts";
import { EncodeError } from "../../../src/protocol/errors.ts";
import { inspect } from "../../../src/protocol/inspect/inspect.ts";
import type { InspectOptions } from "../../../src/protocol/inspect/options.ts";
import { settleCodecs } from "../../../src/protocol/inspect/settle-codecs.ts";
import type { Inspection, Span } from "../../../src/protocol/inspect/span.ts";
import { records } from "../../../src/protocol/primitives.ts";
import {
  type CompressionCodec,
  type CompressionType,
  compressionTypes,
  type Decompressor,
} from "../../../src/protocol/records/compression-type.ts";
import { readRecordBatches } from "../../../src/protocol/records/read-record-batches.ts";
import { RecordBatchBuilder } from "../../../src/protocol/records/record-batch-builder.ts";
import { data, field } from "../../../src/protocol/schema.ts";
import { words } from "../../compression/support.ts";
import { vectors as vectorRecords } from "../../compression/zstd-vectors.ts";
import { mutated } from "../../support/mutations.ts";
import { seed } from "../../support/seed.ts";
import { anyRecord, type InputRecord } from "../records/arbitraries.ts";
import {
  decompressorFor,
  fromHex,
  gzip,
  joined,
  rawBatch,
  recordsOf,
  toHex,
  writable,
} from "../records/support.ts";
import { vectors } from "../records/vectors.ts";
import { allSpans, expectPartition, spanAt } from "./support.ts";

const codecs = compressionCodecs(platform.zlib);
/** Every codec but none. */
const readable = compressionTypes.flatMap((type) => decompressorFor(type) ?? []);
/** Null for none. */
const anyCodec = fc.constantFrom(null, ...writable);

/** A message with nothing but records in it. */
const Fetched = data({ name: "Fetched", validVersions: "0", fields: { records: field("0+", records) } });

function inspectRecords(bytes: Uint8Array, options: InspectOptions = {}): Inspection {
  const message = joined(new Uint8Array(4), bytes);
  new DataView(message.buffer).setInt32(0, bytes.byteLength);
  const inspection = inspect(Fetched, 0, message, options);
  expectPartition(inspection);
  return inspection;
}

function built(
  given: readonly Partial<InputRecord>[],
  compression: CompressionCodec | null = null,
  baseOffset = 0n,
): Uint8Array {
  const builder = new RecordBatchBuilder();
  for (const { timestamp = 0, key = null, value = null, headers } of given) {
    builder.append(timestamp, key, value, headers);
  }
  return builder.build({ baseOffset, compression }) as Uint8Array;
}

const hexOrNull = (value: unknown): string | null => (value === null ? null : toHex(value as Uint8Array));

/** The records that the spans of a batch show, in the form of `recordsOf`. */
function recordsIn(inspection: Inspection, batchPath: string): unknown[] {
  const spans = allSpans(inspection.root);
  const noteOf = (path: string): string => spans.find((span) => span.path === path)?.note ?? "";
  const valueAt = (path: string): unknown => spans.find((span) => span.path === path)?.value;
  const baseTimestamp = valueAt(`${batchPath}.baseTimestamp`) as bigint;
  const found = spans.filter(
    ({ path, type }) => type === "record" && path.startsWith(`${batchPath}.records[`),
  );
  return found.map(({ path }) => ({
    offset: BigInt(noteOf(`${path}.offsetDelta`).replace("offset ", "")),
    timestamp: Number(baseTimestamp + (valueAt(`${path}.timestampDelta`) as bigint)),
    key: hexOrNull(valueAt(`${path}.key`)),
    value: hexOrNull(valueAt(`${path}.value`)),
    headers: spans
      .filter((span) => span.type === "header" && span.path.startsWith(`${path}.headers[`))
      .map((header) => [valueAt(`${header.path}.key`), hexOrNull(valueAt(`${header.path}.value`))]),
  }));
}

describe("record batches", () => {
  it(`show the records that reading gives, compressed or not, seed ${seed}`, () => {
    const some = fc.array(anyRecord, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(some, anyCodec, fc.bigInt({ min: 0n, max: 2n ** 53n }), (given, codec, offset) => {
        const bytes = built(given, codec, offset);
        const inspection = inspectRecords(bytes, { codecs: readable });
        expect(inspection.errors).toEqual([]);
        const [batch] = readRecordBatches(bytes);
        if (batch === undefined) throw new Error("there is no batch");
        expect(recordsIn(inspection, "Fetched.records.batches[0]")).toEqual(recordsOf(batch));
      }),
      { seed, numRuns: 100 },
    );
  });

  it("that were compressed with zstd elsewhere show their records", () => {
    const content = vectorRecords.find(({ name }) => name === "its content size")?.hex ?? "";
    const inspection = inspectRecords(rawBatch({ attributes: 4, records: content, recordCount: 0 }), {
      codecs: readable,
    });
    const inner = allSpans(inspection.root).find((span) => span.inner !== undefined)?.inner;
    expect(inner?.bytes).toEqual(words(200));
  });

  it("fail where reading fails, damaged as they may be", () => {
    const damaged = fc
      .array(fc.record({ timestamp: fc.nat(), key: fc.constantFrom(null, "", "key") }), {
        minLength: 1,
        maxLength: 3,
      })
      .chain((given) =>
        anyCodec.chain((codec) => mutated(joined(built(given), built(given, codec), built(given, gzip)))),
      );
    fc.assert(
      fc.property(damaged, (bytes) => {
        const inspection = inspectRecords(bytes, { codecs: readable });
        const all = allSpans(inspection.root);
        if (all.some(({ type }) => type === "legacy record")) return;
        const problems = all.flatMap(({ inner }) => inner?.errors ?? []).concat(inspection.errors);
        // Reading does not check a CRC here, so that it gets to see the damage.
        const failed = problems.some(({ path }) => !path.endsWith(".crc"));
        expect(failed).toBe(readingFails(bytes));
      }),
      { seed, numRuns: 600 },
    );
  });

  it.each(vectors)("of other clients: $name", ({ hex, header }) => {
    const inspection = inspectRecords(fromHex(hex));
    for (const [name, value] of Object.entries(header)) {
      const span = allSpans(inspection.root).find(({ path }) => path.endsWith(`.batches[0].${name}`));
      if (span !== undefined) expect(String(span.value), name).toBe(String(value));
    }
    const crc = spanAt(inspection, "Fetched.records.batches[0].crc");
    expect(crc.note).toMatch(/matches$/);
  });

  it("say that a CRC is wrong, and are read all the same", () => {
    const bytes = built([{ value: "paid" }]);
    bytes[bytes.byteLength - 2] = 0x21;
    const inspection = inspectRecords(bytes);
    expect(inspection.errors).toHaveLength(1);
    expect(inspection.errors[0]).toMatchObject({ path: "Fetched.records.batches[0].crc", offset: 4 + 17 });
    expect(inspection.errors[0]?.message).toMatch(/^the CRC-32C is 0x[0-9a-f]{8} and the bytes give 0x/);
    expect(spanAt(inspection, "Fetched.records.batches[0].records[0].value").value).toHaveLength(4);
  });

  it("say in words what their attributes mean", () => {
    const attributes = (value: number): string | undefined =>
      spanAt(
        inspectRecords(rawBatch({ attributes: value, recordCount: 0 })),
        "Fetched.records.batches[0].attributes",
      ).note;
    expect(attributes(0)).toBe("no compression, CREATE_TIME");
    expect(attributes(0x3c)).toBe("zstd, LOG_APPEND_TIME, transactional, control");
    expect(attributes(0x40)).toBe("no compression, CREATE_TIME, delete horizon");
    expect(attributes(0x87)).toBe("compression 7, CREATE_TIME, bit 7");
  });

  it("after a damaged one are read, and a partial one at the end is no error", () => {
    const good = built([{ value: "a" }]);
    const bad = rawBatch({ records: "ff", recordCount: 1 });
    const inspection = inspectRecords(joined(good, bad, good, good.subarray(0, 30)));
    expect(inspection.errors.map(({ path }) => path)).toEqual(["Fetched.records.batches[1].records[0]"]);
    expect(spanAt(inspection, "Fetched.records.batches[2].records[0]").type).toBe("record");
    const cut = spanAt(inspection, "Fetched.records.batches[3]", "cut off");
    expect(cut.note).toBe(`30 of ${good.byteLength} bytes are here`);
    expect(cut.error).toBeUndefined();
  });

  it("of control records show what these say", () => {
    const builder = new RecordBatchBuilder();
    builder.append(0, fromHex("00000001"), fromHex("000000000007"));
    const bytes = builder.build({ isControl: true, isTransactional: true, producerId: 3n, producerEpoch: 0 });
    const inspection = inspectRecords(bytes as Uint8Array);
    const record = "Fetched.records.batches[0].records[0]";
    expect(inspection.errors).toEqual([]);
    expect(spanAt(inspection, `${record}.key.ControlRecordTypeSchema.type`)).toMatchObject({
      value: 1,
      note: "COMMIT",
    });
    expect(spanAt(inspection, `${record}.value.EndTxnMarker.coordinatorEpoch`).value).toBe(7);
  });
});

function readingFails(bytes: Uint8Array): boolean {
  try {
    for (const batch of readRecordBatches(bytes, { checkCrc: false })) {
      recordsOf(batch);
    }
    return false;
  } catch (error) {
    // A batch that is cut off at the start has an error of its own, and is none to the inspector.
    return (error as Error).name !== "PartialRecordBatchError";
  }
}

describe("compressed records", () => {
  const bytes = built([{ value: "x".repeat(100) }], gzip);
  const path = "Fetched.records.batches[0].records";

  it("are one leaf that says which codec it needs", () => {
    const { errors, root } = inspectRecords(bytes);
    expect(errors).toEqual([]);
    const [leaf] = allSpans(root).filter((span) => span.path === path);
    expect(leaf).toMatchObject({ type: "gzip data" });
    expect(leaf?.note).toBe("to look inside, hand in a codec for gzip (options.codecs)");
  });

  it("that cannot be decompressed, or are too large, are an error and a leaf", () => {
    const inspection = inspectRecords(bytes, { codecs: [gzip], maxDecompressedSize: 10 });
    expect(inspection.errors).toHaveLength(1);
    expect(inspection.errors[0]).toMatchObject({ path, offset: 65 });
    expect(inspection.errors[0]?.message).toMatch(/^not decompressed: .*limit/);
  });

  it("are settled where the codec gives promises, and only asked for once", async () => {
    let calls = 0;
    const slow: Decompressor = {
      type: "gzip",
      decompress: async (compressed) => {
        calls++;
        return new Uint8Array(gunzipSync(compressed));
      },
    };
    const [unsettled] = allSpans(inspectRecords(bytes, { codecs: [slow] }).root).filter(
      (span) => span.path === path,
    );
    expect(unsettled?.note).toMatch(/settleCodecs/);
    calls = 0;
    const two = joined(bytes, built([{ value: "y" }], gzip));
    const settled = await settleCodecs([slow], (codecs) => inspectRecords(two, { codecs }));
    expect(calls).toBe(2);
    expect(settled).toEqual(inspectRecords(two, { codecs: [gzip] }));
    const failing: Decompressor = { type: "gzip", decompress: () => Promise.reject(new EncodeError("no")) };
    const failed = await settleCodecs([failing], (codecs) => inspectRecords(bytes, { codecs }));
    expect(failed.errors.map(({ message }) => message)).toEqual(["not decompressed: no"]);
  });
});

interface Legacy {
  readonly magic: 0 | 1;
  readonly offset: bigint;
  readonly value: Uint8Array | null;
  readonly attributes?: number;
}

function legacyRecord({ magic, offset, value, attributes = 0 }: Legacy): Uint8Array {
  const body = Buffer.alloc((magic === 0 ? 2 : 10) + 8 + (value?.byteLength ?? 0));
  body.writeInt8(magic, 0);
  body.writeInt8(attributes, 1);
  if (magic === 1) body.writeBigInt64BE(1_500_000_000_000n, 2);
  const at = magic === 0 ? 2 : 10;
  body.writeInt32BE(-1, at);
  body.writeInt32BE(value?.byteLength ?? -1, at + 4);
  if (value !== null) body.set(value, at + 8);
  const head = Buffer.alloc(16);
  head.writeBigInt64BE(offset, 0);
  head.writeInt32BE(body.byteLength + 4, 8);
  head.writeUInt32BE(zlibCrc32(body), 12);
  return joined(head, body);
}

/** lz4 as Kafka wrote it in magic 0: with a header's checksum that counts the magic number too. */
function compressedFor(magic: 0 | 1, type: CompressionType, content: Uint8Array): Uint8Array {
  const compressed = Uint8Array.from(codecs.forWriting(type)?.compress(content) as Uint8Array);
  if (type === "lz4" && magic === 0) compressed[6] = (xxh32(compressed, 0, 6) >>> 8) & 0xff;
  return compressed;
}

describe("legacy records", () => {
  const a = Uint8Array.of(0x61);

  it.each([0, 1] as const)("of magic %i, with a CRC-32", (magic) => {
    const bytes = joined(
      legacyRecord({ magic, offset: 4n, value: a }),
      legacyRecord({ magic, offset: 5n, value: null }),
    );
    const inspection = inspectRecords(bytes);
    expect(inspection.errors).toEqual([]);
    const [first, second] = ["Fetched.records.batches[0]", "Fetched.records.batches[1]"];
    expect(spanAt(inspection, `${first}.offset`).value).toBe(4n);
    expect(spanAt(inspection, `${first}.crc`).note).toMatch(/matches$/);
    expect(spanAt(inspection, `${first}.value`).value).toEqual(a);
    expect(spanAt(inspection, `${second}.value`).value).toBeNull();
    bytes[bytes.byteLength - 1] = 0xfe;
    expect(inspectRecords(bytes).errors.map(({ path }) => path)).toEqual([`${second}.crc`]);
  });

  it.each(
    (["gzip", "snappy", "lz4"] as const).flatMap((type) => [
      [0, type, [7n, 8n]] as const,
      [1, type, [0n, 1n]] as const,
    ]),
  )("of magic %i wrapped in one with %s, with their offsets", (magic, type, offsets) => {
    const inside = joined(...offsets.map((offset) => legacyRecord({ magic, offset, value: a })));
    const value = compressedFor(magic, type, inside);
    const attributes = compressionTypes.indexOf(type);
    const wrapper = legacyRecord({ magic, offset: 8n, value, attributes });
    const inspection = inspectRecords(wrapper, { codecs: readable });
    const inner = allSpans(inspection.root).find((span) => span.inner !== undefined)?.inner as Inspection;
    expect(inner.errors).toEqual([]);
    const found = allSpans(inner.root).filter(({ path }) => path.endsWith(".offset"));
    expect(found.map(({ note }: Span) => note)).toEqual(["offset 7", "offset 8"]);
  });

  it("of every length and with any damage are covered", () => {
    const bytes = joined(
      legacyRecord({ magic: 0, offset: 1n, value: a }),
      legacyRecord({ magic: 1, offset: 2n, value: new Uint8Array(gzipSync(a)), attributes: 1 }),
      built([{ value: "b" }]),
    );
    for (let length = 0; length <= bytes.byteLength; length++) inspectRecords(bytes.subarray(0, length));
    fc.assert(
      fc.property(mutated(bytes), (damaged) => {
        inspectRecords(damaged, { codecs: [gzip] });
      }),
      { seed, numRuns: 300 },
    );
  });
});
