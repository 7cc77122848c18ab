import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../../../src/protocol/errors.ts";
import { CorruptRecordBatchError, PartialRecordBatchError } from "../../../src/protocol/records/errors.ts";
import { readRecordBatches } from "../../../src/protocol/records/read-record-batches.ts";
import type { RecordBatch } from "../../../src/protocol/records/record-batch.ts";
import { RecordBatchBuilder } from "../../../src/protocol/records/record-batch-builder.ts";
import { mutated } from "../../support/mutations.ts";
import { seed } from "../../support/seed.ts";
import {
  bitwiseCrc32,
  fromHex,
  gzip,
  joined,
  type RawMessage,
  rawBatch,
  rawMessage,
  recordsOf,
  toHex,
  writable,
} from "./support.ts";

const read = (bytes: Uint8Array): RecordBatch[] => [...readRecordBatches(bytes, { crc32: bitwiseCrc32 })];

function only(bytes: Uint8Array): RecordBatch {
  const [batch, ...rest] = read(bytes);
  expect(rest).toEqual([]);
  return batch as RecordBatch;
}

const readAll = (bytes: Uint8Array) => read(bytes).flatMap((batch) => recordsOf(batch));

/** A compressed message of gzip around others. */
function wrapped(inner: readonly Uint8Array[], fields: RawMessage = {}): Uint8Array {
  return rawMessage({ attributes: 1, value: gzip.compress(joined(...inner)) as Uint8Array, ...fields });
}

/** What a message becomes that says no more than this. */
const plain = { timestamp: -1, key: null, value: null, headers: [] };

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("a message of magic 0 or 1", () => {
  // Of a Kafka 0.11 broker, from dpkp/kafka-python and aio-libs/aiokafka (test_records.py).
  it.each([
    [
      "000000000000000000000019478628c201000000015e1867abaeffffffff00000003313233",
      { magic: 1, crc: 1199974594, attributes: 0, timestampType: "CREATE_TIME", maxTimestamp: 1503648000942 },
      { ...plain, offset: 0n, timestamp: 1503648000942, value: "313233" },
    ],
    [
      "000000000000000000000011feb01dbf0000ffffffff00000003313233",
      { magic: 0, crc: 4272954815, attributes: 0, timestampType: "NO_TIMESTAMP_TYPE", maxTimestamp: -1 },
      { ...plain, offset: 0n, value: "313233" },
    ],
    [
      "00000000000000010000000e795748e00000ffffffff00000000",
      { magic: 0, crc: 2035763424, baseOffset: 1n, lastOffset: 1n },
      { ...plain, offset: 1n, value: "" },
    ],
  ])("is read as its authors do: %s", (hex, header, record) => {
    const batch = only(fromHex(hex));
    expect(batch).toMatchObject(header);
    expect(recordsOf(batch)).toEqual([record]);
  });

  it("is a batch of one record, without what magic 2 brought", () => {
    const bytes = rawMessage({ offset: 7n, timestamp: 5n, key: "6b", value: "76" });
    const batch = only(bytes);
    expect(batch).toMatchObject({
      baseOffset: 7n,
      lastOffset: 7n,
      partitionLeaderEpoch: -1,
      compressionType: "none",
      timestampType: "CREATE_TIME",
      isTransactional: false,
      isControl: false,
      hasDeleteHorizon: false,
      baseTimestamp: 5,
      maxTimestamp: 5,
      producerId: -1n,
      producerEpoch: -1,
      baseSequence: -1,
      recordCount: 1,
      sizeInBytes: bytes.byteLength,
    });
    const [record] = batch.records();
    expect(record?.batch).toBe(batch);
    expect(toHex(batch.bytes)).toBe(toHex(bytes));
  });

  it("has its own timestamp also where the broker set it", () => {
    const batch = only(rawMessage({ attributes: 0x08, timestamp: 99n }));
    expect(batch.timestampType).toBe("LOG_APPEND_TIME");
    expect(recordsOf(batch)).toEqual([{ ...plain, offset: 0n, timestamp: 99 }]);
  });

  it("tells null from empty, and takes any negative length for null", () => {
    expect(readAll(rawMessage({ magic: 0, key: "", value: null }))).toMatchObject([{ key: "", value: null }]);
    expect(readAll(rawMessage({ key: null, value: "" }))).toMatchObject([{ key: null, value: "" }]);
    const negative = rawMessage({ magic: 0 });
    new DataView(negative.buffer).setInt32(18, -7);
    new DataView(negative.buffer).setUint32(12, bitwiseCrc32(negative.subarray(16)));
    expect(readAll(negative)).toMatchObject([{ key: null, value: null }]);
  });

  it("may have more bytes than its fields, as Kafka allows", () => {
    expect(readAll(rawMessage({ value: "61", rest: "ffff" }))).toMatchObject([{ value: "61" }]);
  });

  it("stands among batches of other magics", () => {
    const builder = new RecordBatchBuilder();
    builder.append(3, null, "two");
    builder.append(4, null, "more");
    const bytes = joined(
      rawMessage({ magic: 0, offset: 10n, value: "30" }),
      wrapped([rawMessage({ offset: 0n, value: "31" }), rawMessage({ offset: 1n, value: "32" })], {
        offset: 12n,
      }),
      builder.build({ baseOffset: 13n, compression: gzip }) as Uint8Array,
      rawMessage({ offset: 15n, value: "33" }),
    );
    expect(read(bytes).map(({ magic, lastOffset }) => [magic, lastOffset])).toEqual([
      [0, 10n],
      [1, 12n],
      [2, 14n],
      [1, 15n],
    ]);
    expect(readAll(bytes).map(({ offset, value }) => [offset, value])).toEqual([
      [10n, "30"],
      [11n, "31"],
      [12n, "32"],
      [13n, toHex(Buffer.from("two"))],
      [14n, toHex(Buffer.from("more"))],
      [15n, "33"],
    ]);
  });

  it("is left out where it is cut off at the end, and an error where it is all there is", () => {
    const whole = rawMessage({ value: "61" });
    const next = rawMessage({ offset: 1n, value: "62" });
    for (let size = 0; size < next.byteLength; size++) {
      expect(readAll(joined(whole, next.subarray(0, size)))).toHaveLength(1);
      if (size > 0) expect(() => read(next.subarray(0, size))).toThrow(PartialRecordBatchError);
    }
  });

  it.each([
    ["shorter than magic 1 allows", rawMessage({ length: 21 }), 8],
    ["shorter than magic 0 allows", rawMessage({ magic: 0, length: 13 }), 8],
    ["of a compression type that does not exist", rawMessage({ attributes: 5 }), 17],
    ["of zstd, which came later", rawMessage({ attributes: 4 }), 17],
  ])("is refused when it is %s", (_, bytes, at) => {
    const good = rawMessage({ value: "61" });
    const batches = readRecordBatches(joined(good, bytes), { crc32: bitwiseCrc32 });
    expect(batches.next().value).toMatchObject({ magic: 1 });
    expect(thrownBy(() => batches.next())).toMatchObject({
      code: "DECODE_ERROR",
      offset: good.byteLength + at,
    });
  });

  it.each([
    ["a key longer than the message", "0000000a6161616161", "a key has 10 bytes, and 5 bytes are left", 30],
    [
      "a value longer than the message",
      "ffffffff0000000a61",
      "a value has 10 bytes, and 1 bytes are left",
      34,
    ],
    [
      "a key that leaves no room for a value",
      "000000056162636465",
      "ends in front of the length of its value",
      35,
    ],
  ])("is refused when it has %s", (_, fields, problem, at) => {
    const head = rawMessage({}).slice(0, 26);
    const bytes = joined(head, fromHex(fields));
    new DataView(bytes.buffer).setInt32(8, bytes.byteLength - 12);
    new DataView(bytes.buffer).setUint32(12, bitwiseCrc32(bytes.subarray(16)));
    const walk = only(bytes).records();
    const error = thrownBy(() => walk.next()) as DecodeError;
    expect(error).toBeInstanceOf(DecodeError);
    expect(error.message).toContain(problem);
    expect(error).toMatchObject({ path: "records[0]", offset: at });
    expect(walk.next().done).toBe(true);
  });

  describe("with a CRC that is wrong", () => {
    const bytes = rawMessage({ offset: 42n, value: "61", crc: 0x1234_5678 });

    it("says so, and where", () => {
      const error = thrownBy(() => read(bytes)) as CorruptRecordBatchError;
      expect(error).toBeInstanceOf(CorruptRecordBatchError);
      expect(error).toMatchObject({ baseOffset: 42n, expectedCrc: 0x1234_5678 });
      expect(error.actualCrc).toBe(bitwiseCrc32(bytes.subarray(16)));
      expect(error.message).toMatch(/carries CRC-32 0x12345678 and its bytes give 0x/);
      expect(error.inPartition("orders", 3).message).toMatch(/offset 42 of partition orders-3 is corrupt/);
    });

    it("is read all the same when told not to check, and needs no CRC-32 then", () => {
      const [batch] = readRecordBatches(bytes, { checkCrc: false });
      expect(recordsOf(batch as RecordBatch)).toMatchObject([{ offset: 42n, value: "61" }]);
    });

    it("is told from having nothing to check it with", () => {
      expect(() => [...readRecordBatches(bytes)]).toThrow(TypeError);
      expect(() => [...readRecordBatches(bytes)]).toThrow(
        /magic 1 is checked by its CRC-32: hand in `crc32`/,
      );
    });
  });
});

describe("a compressed message", () => {
  it("of magic 0 has absolute offsets in it", () => {
    const inner = [3n, 5n, 9n].map((offset) => rawMessage({ magic: 0, offset, value: "61" }));
    const batch = only(wrapped(inner, { magic: 0, offset: 9n }));
    expect(batch).toMatchObject({ magic: 0, lastOffset: 9n, recordCount: -1, compressionType: "gzip" });
    expect(recordsOf(batch).map(({ offset }) => offset)).toEqual([3n, 5n, 9n]);
  });

  it("of magic 1 carries the last offset, from which those in it are counted", () => {
    const inner = [0n, 1n, 4n].map((offset) => rawMessage({ offset, value: "61" }));
    const batch = only(wrapped(inner, { offset: 104n }));
    expect(batch).toMatchObject({ magic: 1, lastOffset: 104n, recordCount: -1 });
    expect(recordsOf(batch).map(({ offset }) => offset)).toEqual([100n, 101n, 104n]);
  });

  it("of magic 1 at offset 0 may come from a librdkafka that set none", () => {
    const inner = [0n, 1n].map((offset) => rawMessage({ offset }));
    expect(readAll(wrapped(inner, { offset: 0n })).map(({ offset }) => offset)).toEqual([0n, 1n]);
  });

  it("gives its timestamp to all in it where the broker set that", () => {
    const inner = [
      rawMessage({ offset: 0n, timestamp: 5n }),
      rawMessage({ offset: 1n, timestamp: 6n, attributes: 0x08 }),
      rawMessage({ offset: 2n, magic: 0 }),
    ];
    const times = (fields: RawMessage) =>
      readAll(wrapped(inner, { offset: 2n, timestamp: 99n, ...fields })).map(({ timestamp }) => timestamp);
    expect(times({})).toEqual([5, 6, -1]);
    expect(times({ attributes: 0x09 })).toEqual([99, 99, -1]);
    expect(times({ magic: 0 })).toEqual([5, 6, -1]);
  });

  it.each(writable.filter(({ type }) => type !== "zstd"))("is read with $type", (codec) => {
    const inner = Array.from({ length: 50 }, (_, i) =>
      rawMessage({ offset: BigInt(i), key: "6b", value: "76" }),
    );
    const attributes = ["none", "gzip", "snappy", "lz4"].indexOf(codec.type);
    for (const magic of [0, 1]) {
      const value = codec.compress(joined(...inner)) as Uint8Array;
      const records = readAll(rawMessage({ magic, attributes, offset: 49n, value }));
      expect(records.map(({ offset }) => offset)).toEqual(inner.map((_, i) => BigInt(i)));
    }
  });

  it("tells the codec its magic, which lz4 needs to know", async () => {
    const magics: unknown[] = [];
    const codec = {
      ...gzip,
      decompress: (bytes: Uint8Array, maxSize: number, magic?: number) => {
        magics.push(magic);
        return gzip.decompress(bytes, maxSize);
      },
    };
    for (const magic of [0, 1]) await only(wrapped([rawMessage({})], { magic })).decompress(codec, 1000);
    const builder = new RecordBatchBuilder();
    builder.append(0, null, null);
    await only(builder.build({ compression: gzip }) as Uint8Array).decompress(codec, 1000);
    expect(magics).toEqual([0, 1, 2]);
  });

  it("wants to be decompressed first, with the right codec and within the limit", () => {
    const batch = only(wrapped([rawMessage({ value: "61" })]));
    expect(() => batch.records()).toThrow(/compressed with gzip: decompress them first/);
    expect(() => batch.decompress(null, 1000)).toThrow(TypeError);
    expect(() => batch.decompress({ ...gzip, type: "lz4" }, 1000)).toThrow(/codec is for lz4/);
    expect(thrownBy(() => batch.decompress(gzip, 34))).toMatchObject({ code: "DECOMPRESSED_SIZE_EXCEEDED" });
  });

  it("leaves out a message that is cut off at its end, as Kafka does", () => {
    const last = rawMessage({ offset: 1n, value: "62" });
    for (let size = 0; size < last.byteLength; size++) {
      const records = readAll(wrapped([rawMessage({ value: "61" }), last.subarray(0, size)], { offset: 6n }));
      expect(records).toMatchObject([{ offset: 6n, value: "61" }]);
    }
  });

  it("can be walked as often as one likes", () => {
    const batch = only(wrapped([rawMessage({}), rawMessage({ offset: 1n })], { offset: 1n }));
    const payload = batch.decompress(gzip, 1000) as Uint8Array;
    expect([...batch.records(payload)]).toHaveLength(2);
    const records = batch.records(payload);
    expect(records.nextRecord()?.offset).toBe(0n);
    expect(records.nextRecord()?.offset).toBe(1n);
    expect(records.nextRecord()).toBeNull();
    expect(records.nextRecord()).toBeNull();
  });

  it("checks every message in it when that is reached", () => {
    const bytes = wrapped([rawMessage({ value: "61" }), rawMessage({ offset: 1n, crc: 5 })], { offset: 8n });
    const batch = only(bytes);
    const walk = batch.records(batch.decompress(gzip, 1000) as Uint8Array);
    expect(walk.next().value).toMatchObject({ offset: 7n });
    expect(thrownBy(() => walk.next())).toMatchObject({
      code: "CORRUPT_MESSAGE",
      baseOffset: 8n,
      expectedCrc: 5,
    });
    expect(walk.next().done).toBe(true);
    const [unchecked] = readRecordBatches(bytes, { checkCrc: false, crc32: bitwiseCrc32 });
    expect(recordsOf(unchecked as RecordBatch)).toHaveLength(2);
  });

  it.each([
    ["no value", rawMessage({ attributes: 1, value: null }), "a compressed message has no value", ""],
    ["no messages", wrapped([]), "a compressed message has no messages in it", "records[0]"],
    ["only part of one", wrapped([rawMessage({}).subarray(0, 30)]), "has no messages in it", "records[0]"],
    [
      "an offset below those in it",
      wrapped([rawMessage({ offset: 9n })], { offset: 8n }),
      "at offset 8 has a message at 9 in it",
      "records[0]",
    ],
    [
      "a compressed message",
      wrapped([wrapped([rawMessage({})])]),
      "a message inside a compressed one is compressed too",
      "records[0]",
    ],
    [
      "a batch of magic 2",
      wrapped([rawBatch({})]),
      "a message inside a compressed one has magic 2",
      "records[0]",
    ],
    [
      "a message that is too short",
      wrapped([rawMessage({ length: 21 })]),
      "a message of length 21 is shorter than magic 1",
      "records[0]",
    ],
    [
      "a message of negative length",
      wrapped([rawMessage({}), rawMessage({ magic: 0, length: -99 })]),
      "a message of length -99",
      "records[0]",
    ],
    ["no gzip", rawMessage({ attributes: 1, value: "616263" }), "the gzip data is damaged", ""],
  ])("is refused when there is %s in it", (_, bytes, problem, path) => {
    const error = thrownBy(() => readAll(bytes)) as DecodeError;
    expect(error).toBeInstanceOf(DecodeError);
    expect(error.message).toContain(problem);
    expect(error.path).toBe(path);
  });
});

describe("legacy message sets", () => {
  const anyMessage = fc.record({
    magic: fc.constantFrom(0, 1),
    timestamp: fc.bigInt({ min: -1n, max: 2n ** 53n - 1n }),
    key: fc.constantFrom(null, "", "6b6579"),
    value: fc.constantFrom(null, "", "76616c7565"),
  });
  const anySet = fc
    .tuple(
      fc.array(anyMessage, { minLength: 1, maxLength: 4 }),
      fc.constantFrom("none", "gzip"),
      fc.constantFrom(0, 1),
    )
    .map(([messages, type, magic]) => {
      const inner = messages.map((message, i) => rawMessage({ ...message, offset: BigInt(i) }));
      return type === "none" ? joined(...inner) : wrapped(inner, { magic, offset: 50n });
    });

  it("give records or a proper error, whatever is done to their bytes", () => {
    const outcomes = { read: 0, refused: 0 };
    fc.assert(
      fc.property(anySet.chain(mutated), fc.boolean(), (bytes, checkCrc) => {
        try {
          for (const batch of readRecordBatches(bytes, { checkCrc, crc32: bitwiseCrc32 }))
            recordsOf(batch, 1 << 20);
          outcomes.read++;
        } catch (error) {
          const isProper =
            error instanceof DecodeError ||
            error instanceof CorruptRecordBatchError ||
            error instanceof PartialRecordBatchError ||
            (error as { code?: unknown }).code === "DECOMPRESSED_SIZE_EXCEEDED";
          if (!isProper) throw error;
          outcomes.refused++;
        }
      }),
      { seed, numRuns: 3_000 },
    );
    expect(outcomes.read).toBeGreaterThan(100);
    expect(outcomes.refused).toBeGreaterThan(1_000);
  });
});
