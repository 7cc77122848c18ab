import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EncodeError } from "../../../src/protocol/errors.ts";
import type { CompressionCodec } from "../../../src/protocol/records/compression-type.ts";
import { readRecordBatches } from "../../../src/protocol/records/read-record-batches.ts";
import type { RecordBatch } from "../../../src/protocol/records/record-batch.ts";
import {
  RecordBatchBuilder,
  recordFitsWithin,
  recordSizeUpperBound,
} from "../../../src/protocol/records/record-batch-builder.ts";
import { seed } from "../../support/seed.ts";
import { anyRecord } from "./arbitraries.ts";
import { fromHex, gzip, recordsOf, toHex } from "./support.ts";

function only(bytes: Uint8Array): RecordBatch {
  const [batch, ...rest] = readRecordBatches(bytes);
  expect(rest).toEqual([]);
  return batch as RecordBatch;
}

/** A codec whose result comes later, as that of a web CompressionStream does. */
const later: CompressionCodec = {
  type: "gzip",
  compress: async (bytes) => gzip.compress(bytes),
  decompress: async (bytes, maxSize) => gzip.decompress(bytes, maxSize),
};

describe("RecordBatchBuilder", () => {
  it("writes into memory that is handed in, whatever was in it, and asks for what it needs", () => {
    const sizes: number[] = [];
    const allocate = (size: number): Uint8Array => {
      sizes.push(size);
      return Buffer.alloc(size, 0xee);
    };
    const [own, given] = [new RecordBatchBuilder(), new RecordBatchBuilder({ allocate })];
    for (let i = 0; i < 200; i++) {
      for (const builder of [own, given]) builder.append(i, `key ${i}`, "värde", [{ key: "h", value: null }]);
      // A batch of one record has no byte more than it needs.
      if (i === 0) expect(sizes).toEqual([given.size]);
    }
    expect(sizes.length).toBeLessThan(8);
    expect(toHex(given.build())).toBe(toHex(own.build()));
  });

  it("writes the bytes that a Kafka 0.11 broker handed out", () => {
    const builder = new RecordBatchBuilder();
    expect(builder.append(1503229959532, null, "")).toBe(0);
    expect(builder.append(1503229959700, null, "")).toBe(1);
    expect(toHex(builder.build({ baseOffset: 1n, partitionLeaderEpoch: 2 }))).toBe(
      "0000000000000001000000400000000202c85cbd230000000000010000015dff7cdd6c0000015dff7cde14ffffffffffff" +
        "ffffffffffffffff000000020c0000000100000e00d00202010000",
    );
    const withHeader = new RecordBatchBuilder();
    withHeader.append(1535546684353, null, "hdr", [{ key: "hkey", value: "hval" }]);
    expect(toHex(withHeader.build({ partitionLeaderEpoch: 0 }))).toBe(
      "00000000000000000000004500000000025cd8ef520000000000000000016585b6f3c10000016585b6f3c1ffffffffffff" +
        "ffffffffffffffff000000012600000001066864720208686b6579086876616c",
    );
  });

  it("puts the producer's state and the kind of batch into the header", () => {
    const builder = new RecordBatchBuilder();
    builder.append(5, "k", "v");
    const batch = only(
      builder.build({
        producerId: 2n ** 63n - 1n,
        producerEpoch: 32767,
        baseSequence: 2 ** 31 - 1,
        isTransactional: true,
        isControl: true,
        baseOffset: 2n ** 62n,
        partitionLeaderEpoch: 9,
      }),
    );
    expect(batch).toMatchObject({
      producerId: 2n ** 63n - 1n,
      producerEpoch: 32767,
      baseSequence: 2 ** 31 - 1,
      isTransactional: true,
      isControl: true,
      baseOffset: 2n ** 62n,
      partitionLeaderEpoch: 9,
      attributes: 0x30,
    });
  });

  it("says nothing about a producer unless told to", () => {
    const builder = new RecordBatchBuilder();
    builder.append(5, "k", "v");
    expect(only(builder.build())).toMatchObject({
      baseOffset: 0n,
      partitionLeaderEpoch: -1,
      producerId: -1n,
      producerEpoch: -1,
      baseSequence: -1,
      attributes: 0,
    });
  });

  it("counts timestamps from the first record's and keeps the largest", () => {
    const timestamps = [1_700_000_000_000, 1_699_999_999_999, -1, 0, Number.MAX_SAFE_INTEGER, 1];
    const builder = new RecordBatchBuilder();
    for (const timestamp of timestamps) builder.append(timestamp, null, null);
    expect(builder.maxTimestamp).toBe(Number.MAX_SAFE_INTEGER);
    const batch = only(builder.build());
    expect(batch.baseTimestamp).toBe(1_700_000_000_000);
    expect(batch.maxTimestamp).toBe(Number.MAX_SAFE_INTEGER);
    expect(recordsOf(batch).map(({ timestamp }) => timestamp)).toEqual(timestamps);
  });

  it("has no largest timestamp where no record has one", () => {
    const builder = new RecordBatchBuilder();
    builder.append(-1, null, null);
    expect(only(builder.build())).toMatchObject({ baseTimestamp: -1, maxTimestamp: -1 });
  });

  // Short texts go through a loop and long ones through the runtime's encoder, whose U+FFFD Kafka does not write.
  it.each([3, 31, 32, 200])("writes lone surrogates as ? in a text of %i units", (length) => {
    const text = `${"é".repeat(length - 3)}\ud800x\udc00`;
    const builder = new RecordBatchBuilder();
    builder.append(0, text, `${text}😀`, [{ key: text, value: text }]);
    const expected = toHex(Buffer.from(`${"é".repeat(length - 3)}?x?`));
    expect(recordsOf(only(builder.build()))).toMatchObject([
      {
        key: expected,
        value: `${expected}${toHex(Buffer.from("😀"))}`,
        headers: [[`${"é".repeat(length - 3)}?x?`, expected]],
      },
    ]);
  });

  // The length in front of a text is guessed before the text is encoded; these are where guesses go wrong.
  it.each([21, 31, 32, 62, 63, 64, 2730, 2731, 4095, 8190, 8191, 8192])(
    "writes %i units of text that takes one, two or three bytes each",
    (length) => {
      for (const unit of ["a", "é", "世"]) {
        const text = unit.repeat(length);
        const builder = new RecordBatchBuilder();
        const size = builder.sizeOf(7, text, text, [{ key: text, value: text }]);
        builder.append(7, text, text, [{ key: text, value: text }]);
        expect(builder.size).toBe(61 + size);
        builder.append(8, "next", null);
        const hex = toHex(Buffer.from(text));
        expect(recordsOf(only(builder.build()))).toEqual([
          { offset: 0n, timestamp: 7, key: hex, value: hex, headers: [[text, hex]] },
          { offset: 1n, timestamp: 8, key: "6e657874", value: null, headers: [] },
        ]);
      }
    },
  );

  it("knows beforehand how much a record takes", () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 5 }), fc.nat({ max: 80 }), (records, room) => {
        const builder = new RecordBatchBuilder();
        for (const { timestamp, key, value, headers } of records) {
          const before = builder.size;
          const size = builder.sizeOf(timestamp, key, value, headers);
          const limit = before + size;
          for (const delta of [-room - 1, -1]) {
            expect(builder.hasRoomFor(limit + delta, timestamp, key, value, headers)).toBe(false);
          }
          for (const delta of [0, room]) {
            expect(builder.hasRoomFor(limit + delta, timestamp, key, value, headers)).toBe(true);
          }
          expect(recordSizeUpperBound(key, value, headers)).toBeGreaterThanOrEqual(size);
          // At most what length and deltas of ten, five and five bytes would take.
          expect(recordSizeUpperBound(key, value, headers) - size).toBeLessThanOrEqual(17);
          const bound = recordSizeUpperBound(key, value, headers);
          for (const delta of [-room - 1, -1, 0, room]) {
            expect(recordFitsWithin(bound + delta, key, value, headers)).toBe(delta >= 0);
          }
          if (builder.recordCount > 0) {
            expect(builder.appendWithin(limit - 1, timestamp, key, value, headers)).toBe(false);
            expect(builder.size).toBe(before);
          }
          if (room % 2 === 0) builder.append(timestamp, key, value, headers);
          else expect(builder.appendWithin(limit, timestamp, key, value, headers)).toBe(true);
          expect(builder.size - before).toBe(size);
        }
        expect(builder.recordCount).toBe(records.length);
      }),
      { seed, numRuns: 300 },
    );
  });

  it("takes records as long as they stay within a limit, and the first one always", () => {
    fc.assert(
      fc.property(
        fc.array(anyRecord, { minLength: 1, maxLength: 30 }),
        fc.nat({ max: 600 }),
        (records, limit) => {
          const [builder, plain] = [new RecordBatchBuilder(), new RecordBatchBuilder()];
          for (const { timestamp, key, value, headers } of records) {
            const fits = plain.recordCount === 0 || plain.hasRoomFor(limit, timestamp, key, value, headers);
            if (fits) plain.append(timestamp, key, value, headers);
            const { buffer } = builder;
            expect(builder.appendWithin(limit, timestamp, key, value, headers)).toBe(fits);
            if (!fits) expect(builder.buffer).toBe(buffer);
            else if (builder.recordCount > 1)
              expect(builder.buffer.byteLength).toBeLessThanOrEqual(Math.max(limit, buffer.byteLength));
          }
          expect(builder.recordCount).toBe(plain.recordCount);
          expect(builder.maxTimestamp).toBe(plain.maxTimestamp);
          expect(toHex(builder.build())).toBe(toHex(plain.build()));
        },
      ),
      { seed, numRuns: 300 },
    );
  });

  it("does not take a record beyond maxSize, whatever the limit", () => {
    const builder = new RecordBatchBuilder({ maxSize: 200 });
    expect(() => builder.appendWithin(100, 1, null, new Uint8Array(140))).toThrow(/at most 200 are allowed/);
    expect(builder.appendWithin(100, 1, null, new Uint8Array(100))).toBe(true);
    expect(builder.appendWithin(100, 1, null, null)).toBe(false);
    expect(() => builder.appendWithin(1000, 1, null, new Uint8Array(100))).toThrow(EncodeError);
    expect(builder.appendWithin(200, 1, null, null)).toBe(true);
    expect(recordsOf(only(builder.build()))).toHaveLength(2);
  });

  describe("its buffer", () => {
    it.each([
      ["what was asked for", { capacity: 4096 }, [4096]],
      ["what the first record needs, where that is more", { capacity: 100 }, [1070, 2140, 4280]],
      ["no more than the batch may take", { capacity: 1 << 20, maxSize: 3200 }, [3200]],
    ])("has at first %s", (_, options, expected) => {
      const sizes: number[] = [];
      const allocate = (size: number): Uint8Array => {
        sizes.push(size);
        return new Uint8Array(size);
      };
      const builder = new RecordBatchBuilder({ ...options, allocate });
      expect(builder.buffer.byteLength).toBe(0);
      for (let i = 0; i < 3; i++) builder.append(i, null, new Uint8Array(1000));
      expect(sizes).toEqual(expected);
      expect(recordsOf(only(builder.build()))).toHaveLength(3);
    });

    it("becomes as large as was asked for once what was handed in is outgrown", () => {
      const builder = new RecordBatchBuilder({ buffer: new Uint8Array(100), capacity: 5000 });
      builder.append(1, null, "short");
      builder.append(1, null, new Uint8Array(100));
      expect(builder.buffer.byteLength).toBe(5000);
      expect(recordsOf(only(builder.build()))).toHaveLength(2);
    });

    it("does not grow past the limit within which records are added", () => {
      const builder = new RecordBatchBuilder({ capacity: 1 << 20 });
      while (builder.appendWithin(3000, 1, null, "a".repeat(100)));
      expect(builder.buffer.byteLength).toBe(3000);
      expect(builder.size).toBeGreaterThan(2800);
    });

    it("is the one handed in, wherever that lies in its memory", () => {
      const memory = new Uint8Array(600).fill(0xaa);
      const buffer = memory.subarray(100, 500);
      const builder = new RecordBatchBuilder({ buffer });
      builder.append(1, "k", "v");
      const bytes = builder.build();
      expect(builder.buffer).toBe(buffer);
      expect(bytes.buffer).toBe(memory.buffer);
      expect(bytes.byteOffset).toBe(100);
      expect(recordsOf(only(bytes))).toMatchObject([{ key: "6b", value: "76" }]);
      expect([...memory.subarray(0, 100), ...memory.subarray(500)].every((byte) => byte === 0xaa)).toBe(true);
    });

    it("is not outgrown by a batch that just fits, even where its text might not have", () => {
      const text = "0123456789".repeat(4);
      const size = 61 + new RecordBatchBuilder().sizeOf(1, text, text, [{ key: text, value: text }]);
      const buffer = new Uint8Array(size);
      const builder = new RecordBatchBuilder({ buffer });
      builder.append(1, text, text, [{ key: text, value: text }]);
      expect(builder.buffer).toBe(buffer);
      expect(builder.build().byteLength).toBe(size);
    });

    it("is replaced when it is outgrown, and what was written moves along", () => {
      const buffer = new Uint8Array(10);
      const builder = new RecordBatchBuilder({ buffer });
      for (let i = 0; i < 1000; i++) builder.append(i, `${i}`, "v".repeat(i % 100));
      expect(builder.buffer).not.toBe(buffer);
      const records = recordsOf(only(builder.build()));
      expect(records.map(({ key }) => Buffer.from(key ?? "", "hex").toString())).toEqual(
        Array.from({ length: 1000 }, (_, i) => `${i}`),
      );
    });

    it("never grows past maxSize, and a record that would make it leaves the batch as it was", () => {
      const builder = new RecordBatchBuilder({ maxSize: 200 });
      builder.append(1, null, new Uint8Array(100));
      const before = builder.size;
      expect(() => builder.append(1, null, new Uint8Array(100))).toThrow(/at most 200 are allowed/);
      expect(() => builder.append(1, null, "é".repeat(60))).toThrow(EncodeError);
      expect(builder.size).toBe(before);
      expect(builder.append(1, null, "a".repeat(23))).toBe(1); // which makes it 200 bytes
      expect(builder.buffer.byteLength).toBeLessThanOrEqual(1024);
      expect(recordsOf(only(builder.build()))).toHaveLength(2);
    });

    it("does not share memory with what was appended", () => {
      const value = fromHex("010203");
      const builder = new RecordBatchBuilder();
      builder.append(1, value, value);
      value.fill(9);
      expect(recordsOf(only(builder.build()))).toMatchObject([{ key: "010203", value: "010203" }]);
    });
  });

  describe("with compression", () => {
    it("gives the batch at once where the codec does", () => {
      const builder = new RecordBatchBuilder();
      for (let i = 0; i < 100; i++) builder.append(i, "key", "the same value again and again");
      const plainSize = builder.size;
      const bytes = builder.build({ compression: gzip }) as Uint8Array;
      expect(bytes.byteLength).toBeLessThan(plainSize / 4);
      expect(builder.size).toBe(bytes.byteLength);
      const batch = only(bytes);
      expect(batch.compressionType).toBe("gzip");
      expect(recordsOf(batch)).toHaveLength(100);
    });

    it("gives a promise where the codec does, and takes no records meanwhile", async () => {
      const builder = new RecordBatchBuilder();
      builder.append(1, "k", "v");
      const building = builder.build({ compression: later });
      expect(building).toBeInstanceOf(Promise);
      expect(() => builder.append(2, "k", "v")).toThrow(EncodeError);
      expect(recordsOf(only(await building))).toMatchObject([{ key: "6b", value: "76" }]);
    });

    it("takes more room where compressing makes the records larger", () => {
      const buffer = new Uint8Array(80);
      const builder = new RecordBatchBuilder({ buffer });
      builder.append(1, null, fromHex("00ff17"));
      const bytes = builder.build({ compression: gzip }) as Uint8Array;
      expect(bytes.byteLength).toBeGreaterThan(80);
      expect(builder.buffer).not.toBe(buffer);
      expect(recordsOf(only(bytes))).toMatchObject([{ value: "00ff17" }]);
    });

    it("passes on why the codec failed", async () => {
      const failure = new Error("out of memory");
      const failing = (compress: CompressionCodec["compress"]): CompressionCodec => ({ ...gzip, compress });
      const build = (codec: CompressionCodec) => {
        const builder = new RecordBatchBuilder();
        builder.append(1, "k", "v");
        return builder.build({ compression: codec });
      };
      expect(() =>
        build(
          failing(() => {
            throw failure;
          }),
        ),
      ).toThrow(failure);
      await expect(build(failing(() => Promise.reject(failure)))).rejects.toBe(failure);
    });
  });

  describe("refuses", () => {
    it.each([-2, 0.5, Number.NaN, 2 ** 53, "5" as unknown as number, 5n as unknown as number])(
      "the timestamp %s, as Kafka's builder does",
      (timestamp) => {
        const builder = new RecordBatchBuilder();
        expect(() => builder.append(timestamp, null, null)).toThrow(EncodeError);
        expect(() => builder.append(timestamp, null, null)).toThrow(/^timestamp: .* is not a timestamp/);
        expect(() => builder.appendWithin(1000, timestamp, null, null)).toThrow(/^timestamp: /);
        expect(builder.recordCount).toBe(0);
        expect(builder.size).toBe(61);
      },
    );

    it.each([
      ["key", [undefined, "v", undefined]],
      ["key", [5, "v", undefined]],
      ["value", ["k", { toString: () => "v" }, undefined]],
      ["value", ["k", [1, 2], undefined]],
      [
        "headers[1].key",
        [
          "k",
          "v",
          [
            { key: "a", value: null },
            { key: null, value: "b" },
          ],
        ],
      ],
      ["headers[0].value", ["k", "v", [{ key: "a", value: 1 }]]],
      ["headers[0].value", ["k", "v", [{ key: "a" }]]],
    ])("what is neither text nor bytes nor null, and names it: %s", (path, parts) => {
      const builder = new RecordBatchBuilder();
      builder.append(1, "first", "record");
      const [key, value, headers] = parts as [string, string, undefined];
      for (const call of [
        () => builder.append(1, key, value, headers),
        () => builder.appendWithin(1000, 1, key, value, headers),
        () => builder.sizeOf(1, key, value, headers),
        () => builder.hasRoomFor(1000, 1, key, value, headers),
        () => recordSizeUpperBound(key, value, headers),
        () => recordFitsWithin(1000, key, value, headers),
      ]) {
        let thrown: unknown;
        try {
          call();
        } catch (error) {
          thrown = error;
        }
        expect(thrown).toBeInstanceOf(EncodeError);
        expect((thrown as EncodeError).path).toBe(path);
      }
      expect(recordsOf(only(builder.build()))).toHaveLength(1);
    });

    it("a batch without records, a second build, and records after it", () => {
      const builder = new RecordBatchBuilder();
      expect(() => builder.build()).toThrow(/without records/);
      builder.append(1, "k", "v");
      builder.build();
      expect(() => builder.build()).toThrow(/already built/);
      expect(() => builder.append(1, "k", "v")).toThrow(/takes no more records/);
      expect(() => builder.appendWithin(1000, 1, "k", "v")).toThrow(/takes no more records/);
    });

    it.each([
      ["producerId", { isTransactional: true }],
      ["producerEpoch", { producerId: 1n, baseSequence: 0 }],
      ["baseSequence", { producerId: 1n, producerEpoch: 0 }],
      ["producerId", { producerId: 2n ** 63n }],
      ["producerId", { producerId: 1 as unknown as bigint }],
      ["producerEpoch", { producerId: 1n, producerEpoch: 32768, baseSequence: 0 }],
      ["baseSequence", { producerId: 1n, producerEpoch: 0, baseSequence: 2 ** 31 }],
      ["baseOffset", { baseOffset: -2n }],
      ["partitionLeaderEpoch", { partitionLeaderEpoch: -2 }],
    ])("a header that no producer may send: %s of %o", (path, options) => {
      const builder = new RecordBatchBuilder();
      builder.append(1, "k", "v");
      let thrown: unknown;
      try {
        builder.build(options);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(EncodeError);
      expect((thrown as EncodeError).path).toBe(path);
      expect(builder.build()).toHaveLength(builder.size); // and can still be built
    });

    it("no sequence in a control batch, which brokers write without", () => {
      const builder = new RecordBatchBuilder();
      builder.append(1, fromHex("00000001"), fromHex("000000000000"));
      const bytes = builder.build({
        producerId: 1n,
        producerEpoch: 0,
        isControl: true,
        isTransactional: true,
      });
      expect(only(bytes)).toMatchObject({ isControl: true, baseSequence: -1 });
    });
  });
});
