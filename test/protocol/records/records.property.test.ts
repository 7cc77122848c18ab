import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../../../src/protocol/errors.ts";
import type { CompressionCodec } from "../../../src/protocol/records/compression-type.ts";
import { CorruptRecordBatchError, PartialRecordBatchError } from "../../../src/protocol/records/errors.ts";
import { readRecordBatches } from "../../../src/protocol/records/read-record-batches.ts";
import { RecordBatchBuilder } from "../../../src/protocol/records/record-batch-builder.ts";
import { mutated } from "../../support/mutations.ts";
import { seed } from "../../support/seed.ts";
import { anyRecord, type InputRecord } from "./arbitraries.ts";
import { bitwiseCrc32, type PlainRecord, recordsOf, toHex, withCrc, writable } from "./support.ts";

/** The text that Java's String.getBytes(UTF_8) gives the bytes of. */
const asWritten = (text: string): string => text.replaceAll(/\p{Surrogate}/gu, "?");

function hexOf(field: string | Uint8Array | null): string | null {
  if (field === null) return null;
  return toHex(typeof field === "string" ? Buffer.from(asWritten(field)) : field);
}

function expected(records: readonly InputRecord[], baseOffset: bigint): PlainRecord[] {
  return records.map(({ timestamp, key, value, headers = [] }, index) => ({
    offset: baseOffset + BigInt(index),
    timestamp,
    key: hexOf(key),
    value: hexOf(value),
    headers: headers.map((header) => [asWritten(header.key), hexOf(header.value)] as const),
  }));
}

function built(
  records: readonly InputRecord[],
  compression: CompressionCodec | null,
  baseOffset = 0n,
): Uint8Array {
  const builder = new RecordBatchBuilder();
  for (const { timestamp, key, value, headers } of records) builder.append(timestamp, key, value, headers);
  return builder.build({ baseOffset, compression }) as Uint8Array;
}

const anyCodec = fc.constantFrom(null, ...writable);

const someRecords = fc.array(anyRecord, { minLength: 1, maxLength: 8 });

/** Small ones, so that a mutation hits structure more often than content. */
const smallRecords = fc.array(
  fc.record({
    timestamp: fc.nat(),
    key: fc.constantFrom(null, "", "key"),
    value: fc.constantFrom(null, "", "value"),
    headers: fc.constantFrom(undefined, [
      { key: "h", value: "x" },
      { key: "h", value: null },
    ]),
  }),
  { minLength: 1, maxLength: 4 },
);

const LIMIT = 1 << 20;

/**
 * Reads all that can be read, and touches every part. It may end in the errors that damaged bytes are meant to
 * give; anything else is thrown on.
 */
function readTolerantly(bytes: Uint8Array, checkCrc: boolean): "read" | "refused" {
  try {
    for (const batch of readRecordBatches(bytes, { checkCrc, crc32: bitwiseCrc32 })) {
      expect(batch.recordCount).toBeGreaterThanOrEqual(batch.magic === 2 ? 0 : -1);
      expect(batch.lastOffset).toBeGreaterThanOrEqual(batch.baseOffset);
      const records = recordsOf(batch, LIMIT);
      if (batch.recordCount >= 0) expect(records).toHaveLength(batch.recordCount);
      if (batch.compressionType === "none") {
        for (const { key, value } of batch.records()) {
          for (const part of [key, value]) {
            if (part === null) continue;
            expect(part.byteOffset).toBeGreaterThanOrEqual(
              batch.bytes.byteOffset + (batch.magic === 2 ? 61 : 26),
            );
            expect(part.byteOffset + part.byteLength).toBeLessThanOrEqual(
              batch.bytes.byteOffset + batch.sizeInBytes,
            );
          }
        }
      }
    }
    return "read";
  } catch (error) {
    if (
      error instanceof DecodeError ||
      error instanceof CorruptRecordBatchError ||
      error instanceof PartialRecordBatchError ||
      (error as { code?: unknown }).code === "DECOMPRESSED_SIZE_EXCEEDED"
    ) {
      expect((error as Error).message.length).toBeGreaterThan(10);
      return "refused";
    }
    throw error;
  }
}

describe("record batches", () => {
  it("come back as they were appended", () => {
    fc.assert(
      fc.property(someRecords, anyCodec, fc.bigInt({ min: 0n, max: 2n ** 62n }), (records, codec, base) => {
        const [batch, ...rest] = readRecordBatches(built(records, codec, base));
        expect(rest).toEqual([]);
        expect(batch?.recordCount).toBe(records.length);
        expect(batch?.lastOffset).toBe(base + BigInt(records.length - 1));
        expect(batch?.baseTimestamp).toBe(records[0]?.timestamp);
        expect(batch?.maxTimestamp).toBe(Math.max(...records.map(({ timestamp }) => timestamp)));
        if (batch !== undefined) expect(recordsOf(batch)).toEqual(expected(records, base));
      }),
      { seed, numRuns: 300 },
    );
  });

  it("come back one after the other from one fetch", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(smallRecords, anyCodec), { maxLength: 5 }), (batches) => {
        const bytes = Buffer.concat(batches.map(([records, codec]) => built(records, codec)));
        expect(Array.from(readRecordBatches(bytes), (batch) => recordsOf(batch))).toEqual(
          batches.map(([records]) => expected(records, 0n)),
        );
      }),
      { seed, numRuns: 100 },
    );
  });

  it("are refused, or come back whole, wherever they are cut off", () => {
    fc.assert(
      fc.property(smallRecords, anyCodec, (records, codec) => {
        const bytes = built(records, codec);
        for (let size = 1; size < bytes.byteLength; size++) {
          expect(() => [...readRecordBatches(bytes.subarray(0, size))]).toThrow(PartialRecordBatchError);
          // Cut, and the length and the CRC made to fit, so that the cut goes through the records.
          const shorter = bytes.slice(0, size);
          if (size >= 61) new DataView(shorter.buffer).setInt32(8, size - 12);
          expect(readTolerantly(withCrc(shorter), true)).toBe("refused");
        }
      }),
      { seed, numRuns: 40 },
    );
  });

  it("give records or a proper error, whatever is done to their bytes", () => {
    const outcomes = { read: 0, refused: 0 };
    fc.assert(
      fc.property(
        fc.tuple(smallRecords, anyCodec).chain(([records, codec]) => mutated(built(records, codec))),
        (bytes) => {
          readTolerantly(bytes, true);
          outcomes[readTolerantly(bytes, false)]++;
          outcomes[readTolerantly(withCrc(bytes), true)]++;
        },
      ),
      { seed, numRuns: 3_000 },
    );
    // Both happen a lot, or this would prove nothing.
    expect(outcomes.read).toBeGreaterThan(300);
    expect(outcomes.refused).toBeGreaterThan(1_000);
  });

  it("give records or a proper error, whatever is done to what was compressed", () => {
    const payloadOf = (records: readonly InputRecord[]): Uint8Array => built(records, null).slice(61);
    fc.assert(
      fc.property(
        fc
          .tuple(smallRecords, fc.constantFrom(...writable))
          .chain(([records, codec]) =>
            fc.tuple(fc.constant(built(records, codec)), mutated(payloadOf(records)), fc.constant(codec)),
          ),
        ([bytes, payload, codec]) => {
          const compressed = codec.compress(payload) as Uint8Array;
          const batch = Uint8Array.from(Buffer.concat([bytes.subarray(0, 61), compressed]));
          new DataView(batch.buffer).setInt32(8, batch.byteLength - 12);
          readTolerantly(withCrc(batch), true);
        },
      ),
      { seed, numRuns: 1_000 },
    );
  });

  it("give records or a proper error, where there is nothing but noise", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, asBatch) => {
        if (asBatch && bytes.byteLength >= 61) {
          // Noise that gets past the first checks.
          const view = new DataView(bytes.buffer);
          view.setInt32(8, bytes.byteLength - 12);
          view.setInt8(16, 2);
          view.setInt16(21, 0);
          view.setInt32(57, (bytes[57] as number) % 8);
        }
        readTolerantly(withCrc(bytes), true);
      }),
      { seed, numRuns: 3_000 },
    );
  });
});
