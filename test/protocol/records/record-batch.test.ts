import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError, KafkaError } from "../../../src/protocol/errors.ts";
import { CorruptRecordBatchError, PartialRecordBatchError } from "../../../src/protocol/records/errors.ts";
import { readRecordBatches } from "../../../src/protocol/records/read-record-batches.ts";
import type { RecordBatch } from "../../../src/protocol/records/record-batch.ts";
import { RecordBatchBuilder } from "../../../src/protocol/records/record-batch-builder.ts";
import { Writer } from "../../../src/protocol/writer.ts";
import { seed } from "../../support/seed.ts";
import { fromHex, gzip, joined, rawBatch, recordsOf, toHex, withCrc } from "./support.ts";
import { vectors } from "./vectors.ts";

/** One record each: timestamp delta, offset delta, null key, value "v". */
const record = (timestampDelta: string, offsetDelta: string): string => {
  const body = `00${timestampDelta}${offsetDelta}01027600`;
  return `${body.length.toString(16).padStart(2, "0")}${body}`;
};

function only(bytes: Uint8Array): RecordBatch {
  const [batch, ...rest] = readRecordBatches(bytes);
  expect(rest).toEqual([]);
  return batch as RecordBatch;
}

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

function decodeErrorOf(run: () => unknown): DecodeError {
  const error = thrownBy(run);
  expect(error).toBeInstanceOf(DecodeError);
  return error as DecodeError;
}

const readAll = (bytes: Uint8Array) => Array.from(readRecordBatches(bytes), (batch) => recordsOf(batch));

describe("readRecordBatches", () => {
  it.each(vectors)("reads $name as its authors do", ({ hex, header, records }) => {
    const batch = only(fromHex(hex));
    expect(batch).toMatchObject(header);
    expect(batch.magic).toBe(2);
    expect(batch.sizeInBytes).toBe(hex.length / 2);
    expect(recordsOf(batch)).toEqual(records);
  });

  it("reads batches that follow each other, wherever they lie in their memory", () => {
    const first = rawBatch({ baseOffset: 5n, records: record("00", "00") });
    const second = rawBatch({ baseOffset: 6n, recordCount: 0, lastOffsetDelta: 3 });
    const third = rawBatch({ baseOffset: 10n, records: record("00", "00") });
    const bytes = joined(new Uint8Array(7), first, second, third, new Uint8Array(5)).subarray(7, -5);
    const batches = [...readRecordBatches(bytes)];
    expect(batches.map(({ baseOffset, lastOffset }) => [baseOffset, lastOffset])).toEqual([
      [5n, 5n],
      [6n, 9n],
      [10n, 10n],
    ]);
    expect(batches.map((batch) => recordsOf(batch).map(({ offset }) => offset))).toEqual([[5n], [], [10n]]);
  });

  it("finds nothing in nothing", () => {
    expect([...readRecordBatches(new Uint8Array(0))]).toEqual([]);
  });

  it("leaves out a partial batch at the end, however much of it is there", () => {
    const whole = rawBatch({ records: record("00", "00") });
    const next = rawBatch({ baseOffset: 1n, records: record("00", "00") });
    for (let size = 0; size < next.byteLength; size++) {
      expect(readAll(joined(whole, next.subarray(0, size)))).toHaveLength(1);
    }
    expect(readAll(joined(whole, next))).toHaveLength(2);
  });

  it("says how large a batch is that does not fit the fetch at all", () => {
    const batch = rawBatch({ baseOffset: 77n, records: record("00", "00") });
    for (let size = 1; size < batch.byteLength; size++) {
      const error = thrownBy(() => readAll(batch.subarray(0, size))) as PartialRecordBatchError;
      expect(error).toBeInstanceOf(PartialRecordBatchError);
      expect(error.code).toBe("PARTIAL_RECORD_BATCH");
      const known = size >= 12;
      expect(error.sizeInBytes).toBe(known ? batch.byteLength : null);
      expect(error.baseOffset).toBe(known ? 77n : null);
    }
  });

  it.each([
    ["a negative length", { length: -1 }, 8],
    ["the least length", { length: -0x8000_0000 }, 8],
    ["a length of 0, which would never end", { length: 0 }, 8],
    ["a length that ends inside the header", { length: 48 }, 8],
    ["magic 3", { magic: 3 }, 16],
    ["magic -1", { magic: -1 }, 16],
    ["compression type 5", { attributes: 5 }, 21],
    ["compression type 7", { attributes: 7 }, 21],
    ["a last offset before the base offset", { lastOffsetDelta: -1 }, 23],
    ["a negative count of records", { recordCount: -1 }, 57],
  ])("refuses %s, and says where", (_, fields, at) => {
    const good = rawBatch({ records: record("00", "00") });
    const bad = rawBatch({ ...fields, records: record("00", "00") });
    expect(decodeErrorOf(() => readAll(bad)).offset).toBe(at);
    // What is in front of it is still given out.
    const batches = readRecordBatches(joined(good, bad));
    expect(recordsOf((batches.next().value as RecordBatch) ?? null)).toHaveLength(1);
    expect(decodeErrorOf(() => batches.next()).offset).toBe(good.byteLength + at);
    expect(batches.next().done).toBe(true);
  });

  it("takes a length of 2^31 - 1 for a partial batch", () => {
    const error = thrownBy(() => readAll(rawBatch({ length: 0x7fff_ffff })));
    expect((error as PartialRecordBatchError).sizeInBytes).toBe(0x7fff_ffff + 12);
  });

  describe("with a CRC that is wrong", () => {
    const bytes = rawBatch({ baseOffset: 42n, records: record("00", "00") });
    const crc = new DataView(bytes.buffer).getUint32(17);
    const damaged = Uint8Array.from(bytes);
    damaged[65] = (damaged[65] as number) ^ 1;

    it("throws both CRCs and the offset, and later the partition", () => {
      const error = thrownBy(() => readAll(damaged)) as CorruptRecordBatchError;
      expect(error).toBeInstanceOf(CorruptRecordBatchError);
      expect(error).toBeInstanceOf(KafkaError);
      expect(error).toMatchObject({ code: "CORRUPT_MESSAGE", retriable: true, baseOffset: 42n });
      expect(error.expectedCrc).toBe(crc);
      expect(error.actualCrc).toBe(new DataView(withCrc(damaged).buffer).getUint32(17));
      expect(error).toMatchObject({ topic: null, partition: null });
      expect(error.inPartition("orders", 3)).toBe(error);
      expect(error).toMatchObject({ topic: "orders", partition: 3 });
      expect(error.message).toMatch(/^The record batch at offset 42 of partition orders-3 is corrupt/);
      expect(error.message).toContain(crc.toString(16));
    });

    it("notices every bit that the CRC covers, and none of the others", () => {
      for (let at = 0; at < bytes.byteLength; at++) {
        // The length decides what a batch is, and magic how it is read.
        if ((at >= 8 && at < 12) || at === 16) continue;
        const flipped = Uint8Array.from(bytes);
        flipped[at] = (flipped[at] as number) ^ 0x08;
        const covered = at >= 17;
        const read = () => [...readRecordBatches(flipped)];
        if (covered) expect(read).toThrow();
        else expect(read).not.toThrow();
      }
    });

    it("reads it all the same when told not to check", () => {
      const [batch] = readRecordBatches(damaged, { checkCrc: false });
      expect(batch?.recordCount).toBe(1);
      expect(() => batch?.ensureValid()).toThrow(CorruptRecordBatchError);
    });
  });
});

describe("RecordBatch", () => {
  it("tells all attributes apart", () => {
    const of = (attributes: number) => only(rawBatch({ attributes, records: record("00", "00") }));
    const plain = {
      compressionType: "none",
      timestampType: "CREATE_TIME",
      isTransactional: false,
      isControl: false,
      hasDeleteHorizon: false,
    };
    expect(of(0)).toMatchObject(plain);
    expect(of(4)).toMatchObject({ ...plain, compressionType: "zstd" });
    expect(of(0x08)).toMatchObject({ ...plain, timestampType: "LOG_APPEND_TIME" });
    expect(of(0x10)).toMatchObject({ ...plain, isTransactional: true });
    expect(of(0x20)).toMatchObject({ ...plain, isControl: true });
    expect(of(0x40)).toMatchObject({ ...plain, hasDeleteHorizon: true });
    expect(of(-0x80)).toMatchObject({ ...plain, attributes: -0x80 }); // bits that Kafka has not given a meaning
  });

  it("gives every record the time of the append where the broker sets it", () => {
    const records = record("00", "00") + record("14", "02");
    const fields = { baseTimestamp: 1000n, maxTimestamp: 5000n, recordCount: 2, records };
    const times = (attributes: number) =>
      recordsOf(only(rawBatch({ ...fields, attributes }))).map(({ timestamp }) => timestamp);
    expect(times(0)).toEqual([1000, 1010]);
    expect(times(0x08)).toEqual([5000, 5000]);
  });

  it("counts timestamps from the delete horizon where the batch holds that", () => {
    const batch = rawBatch({ attributes: 0x40, baseTimestamp: 2000n, records: record("cf0f", "00") });
    expect(recordsOf(only(batch))).toMatchObject([{ timestamp: 1000 }]);
  });

  it("keeps gaps in the offsets, and offsets far from the base", () => {
    const records = record("00", "0e") + record("00", "feffffff0f");
    const batch = only(
      rawBatch({ baseOffset: 2n ** 53n, lastOffsetDelta: 2 ** 31 - 1, recordCount: 2, records }),
    );
    expect(recordsOf(batch).map(({ offset }) => offset)).toEqual([
      2n ** 53n + 7n,
      2n ** 53n + 2n ** 31n - 1n,
    ]);
    expect(batch.lastOffset).toBe(2n ** 53n + 2n ** 31n - 1n);
  });

  it("counts offsets in 64 bits, whatever the base and the delta", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.integer(),
        (baseOffset, delta) => {
          const writer = new Writer();
          writer.varint(delta);
          const records = record("00", toHex(writer.toBytes()));
          const [first] = recordsOf(only(rawBatch({ baseOffset, records })));
          expect(first?.offset).toBe(BigInt.asIntN(64, baseOffset + BigInt(delta)));
        },
      ),
      {
        seed,
        numRuns: 500,
        examples: [
          [2n ** 32n - 1n, 1],
          [2n ** 32n, -1],
          [-1n, 1],
          [0n, -1],
          [2n ** 63n - 1n, 1],
        ],
      },
    );
  });

  it("is empty after compaction, whatever its compression", () => {
    for (const attributes of [0, 1]) {
      const batch = only(rawBatch({ attributes, baseOffset: 8n, lastOffsetDelta: 4, recordCount: 0 }));
      expect(recordsOf(batch)).toEqual([]);
      expect(batch.lastOffset).toBe(12n);
    }
  });

  it("gives views on the batch's memory, and plain arrays even from a Buffer", () => {
    const bytes = Buffer.from(rawBatch({ records: record("00", "00") }));
    const [view] = only(bytes).records();
    const value = view?.value as Uint8Array;
    expect(value.constructor).toBe(Uint8Array);
    bytes[bytes.byteLength - 2] = 0x77;
    expect(toHex(value)).toBe("77");
  });

  it("knows the batch of a record", () => {
    const batch = only(rawBatch({ partitionLeaderEpoch: 7, records: record("00", "00") }));
    const [view] = batch.records();
    expect(view?.batch).toBe(batch);
  });

  it("takes any negative length for null, as Kafka does", () => {
    expect(recordsOf(only(rawBatch({ records: "0c000000030300" })))).toMatchObject([
      { key: null, value: null },
    ]);
  });

  it("can be walked as often as one likes, by the iterator's own method too", () => {
    const batch = only(rawBatch({ recordCount: 2, records: record("00", "00") + record("00", "02") }));
    expect([...batch.records()]).toHaveLength(2);
    const records = batch.records();
    expect(records.nextRecord()?.offset).toBe(0n);
    expect(records.nextRecord()?.offset).toBe(1n);
    expect(records.nextRecord()).toBeNull();
    expect(records.nextRecord()).toBeNull();
  });

  it("reads lengths and deltas of every number of bytes", () => {
    // Of one to five bytes, which is all there is: the last is one that few numbers need.
    const deltas = [1, 100, 10_000, 2_000_000, 1_000_000_000];
    const builder = new RecordBatchBuilder();
    builder.append(0, null, null);
    for (const [i, delta] of deltas.entries()) {
      const text = "v".repeat([10, 1_000, 20_000, 1_100_000, 3][i] as number);
      builder.append(delta, text, text, [
        { key: text, value: text },
        { key: "", value: null },
      ]);
    }
    const records = recordsOf(only(builder.build())).slice(1);
    expect(records.map(({ timestamp }) => timestamp)).toEqual(deltas);
    for (const { key, value, headers } of records) {
      expect(value).toBe(key);
      expect(headers).toEqual([
        ["v".repeat((key as string).length / 2), key],
        ["", null],
      ]);
    }
  });

  it("reads overlong varints, which other clients may write", () => {
    // Length, both deltas, and the lengths of key and value, in five bytes each.
    const records =
      "b480808000" + "00" + "8080808000" + "8080808000" + "8180808000" + "8280808000" + "76" + "80808000";
    expect(recordsOf(only(rawBatch({ records })))).toMatchObject([{ offset: 0n, key: null, value: "76" }]);
  });

  it("tells header keys of one length apart, and those of records with different headers", () => {
    const builder = new RecordBatchBuilder();
    const all = [
      ["trace", "b", "naïve"],
      ["trace", "c"],
      ["tracf", "c", "naïve", "another"],
      [],
      ["c", "trace"],
      Array.from({ length: 100 }, (_, i) => `key-${i % 10}`),
      Array.from({ length: 100 }, (_, i) => `key-${(i + 1) % 10}`),
      ["trace", "b", "naïve"],
    ];
    for (const keys of all) {
      builder.append(
        0,
        null,
        null,
        keys.map((key) => ({ key, value: key })),
      );
    }
    const batch = only(builder.build());
    for (let again = 0; again < 2; again++) {
      const read = Array.from(batch.records(), ({ headers }) => headers.map(({ key }) => key));
      expect(read).toEqual(all);
    }
  });

  describe("refuses records", () => {
    it.each([
      ["that are fewer than it says", 2, record("00", "00"), "records[1]", 69],
      ["that are more than it says", 1, record("00", "00") + record("00", "02"), "", 69],
      ["that are there though it says none", 0, record("00", "00"), "", 61],
      ["that 2^31 - 1 of would never fit", 0x7fff_ffff, record("00", "00"), "records[1]", 69],
      ["of negative length", 1, "0100000001027600", "records[0]", 62],
      ["longer than the batch", 1, "1200000001027600", "records[0]", 62],
      ["of 2^31 - 1 bytes", 1, "feffffff0f00000001027600", "records[0]", 66],
      ["with more fields than length", 1, "0c00000001027600", "records[0]", 68],
      ["with fewer fields than length", 1, "12000000010276000000", "records[0]", 69],
      ["with a key longer than the record", 1, "100000007a027600ff", "records[0]", 66],
      ["with a value longer than the record", 1, "1000000001727600ff", "records[0]", 67],
      [
        "with a value that ends in the next record",
        2,
        `0c0000000104760e${record("00", "02")}`,
        "records[0]",
        67,
      ],
      ["with a negative number of headers", 1, "0e00000001027601", "records[0]", 69],
      ["with 2^31 - 1 headers", 1, "160000000102feffffff0f", "records[0]", -1],
      ["with a null header key", 1, "120000000102760201 01", "records[0]", -1],
      ["with a header key longer than the record", 1, "1400000001027602787801", "records[0]", -1],
      ["with a header value longer than the record", 1, "1400000001027602027878", "records[0]", -1],
      ["with a varint of six bytes", 1, "1c0000808080808080000102760000", "records[0]", 69],
      ["with a varint that the bytes end in", 1, "02008080", "records[0]", -1],
    ])("%s", (_, recordCount, records, path, at) => {
      const batch = only(rawBatch({ recordCount, records: records.replaceAll(" ", "") }));
      const walk = batch.records();
      const error = decodeErrorOf(() => [...walk]);
      expect(error.path).toBe(path);
      if (at >= 0) expect(error.offset).toBe(at);
      else expect(error.offset).toBeGreaterThan(61);
      expect(walk.next().done).toBe(true); // and then it is over
    });

    it("saying what is wrong with them", () => {
      const problem = (records: string) =>
        decodeErrorOf(() => [...only(rawBatch({ records })).records()]).message;
      expect(problem("12000000010276020101")).toBe("records[0]: the key of a header is null at byte 70");
      expect(problem("100000007a027600ff")).toBe(
        "records[0]: a key has 61 bytes, and 4 bytes are left at byte 66",
      );
    });

    it("that end in the batch behind them", () => {
      const cut = ["0c", "0c00", "0c0000000102", "8080", "0c00000001"];
      for (const records of cut) {
        const bad = rawBatch({ records });
        const [batch] = readRecordBatches(joined(bad, rawBatch({ records: record("00", "00") })));
        const walk = (batch as RecordBatch).records();
        expect(decodeErrorOf(() => walk.next()).path).toBe("records[0]");
        expect(walk.next().done).toBe(true);
      }
    });

    it("counting bytes from the start of what was fetched", () => {
      const good = rawBatch({ records: record("00", "00") });
      const bad = rawBatch({ recordCount: 2, records: record("00", "00") });
      const error = decodeErrorOf(() => readAll(joined(good, bad)));
      expect(error.offset).toBe(good.byteLength + bad.byteLength);
    });
  });

  describe("with gzip", () => {
    const builder = new RecordBatchBuilder();
    for (let i = 0; i < 1000; i++) builder.append(i, null, "the same again");
    const bytes = builder.build({ compression: gzip }) as Uint8Array;

    it("wants to be decompressed first, with the right codec", () => {
      const batch = only(bytes);
      expect(() => batch.records()).toThrow(TypeError);
      expect(() => batch.decompress(null, 1 << 20)).toThrow(/compressed with gzip/);
      expect(() => batch.decompress({ ...gzip, type: "zstd" }, 1 << 20)).toThrow(/codec is for zstd/);
    });

    it("gives the payload itself where there is no compression", () => {
      const batch = only(rawBatch({ records: record("00", "00") }));
      expect(toHex(batch.decompress(null, 0) as Uint8Array)).toBe(record("00", "00"));
    });

    it("is never larger than allowed", () => {
      const batch = only(bytes);
      const size = (batch.decompress(gzip, 1 << 20) as Uint8Array).byteLength;
      expect(batch.decompress(gzip, size)).toHaveLength(size);
      expect(thrownBy(() => batch.decompress(gzip, size - 1))).toMatchObject({
        code: "DECOMPRESSED_SIZE_EXCEEDED",
      });
    });

    it("counts an error's bytes from the start of the decompressed ones", () => {
      const damaged = withCrc(bytes);
      new DataView(damaged.buffer).setInt32(57, 1001);
      const batch = only(withCrc(damaged));
      const payload = batch.decompress(gzip, 1 << 20) as Uint8Array;
      expect(decodeErrorOf(() => [...batch.records(payload)]).offset).toBe(payload.byteLength);
    });
  });
});
