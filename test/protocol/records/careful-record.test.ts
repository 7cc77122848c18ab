import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Reader } from "../../../src/protocol/reader.ts";
import { carefulRecord } from "../../../src/protocol/records/careful-record.ts";
import { DefaultRecordBatch } from "../../../src/protocol/records/default-record-batch.ts";
import { Memory } from "../../../src/protocol/records/memory.ts";
import { RecordSource } from "../../../src/protocol/records/record-source.ts";
import type { RecordView } from "../../../src/protocol/records/record-view.ts";
import { Writer } from "../../../src/protocol/writer.ts";
import { seed } from "../../support/seed.ts";
import { fromHex, rawBatch, toHex } from "./support.ts";

const HEADER = 61;

const described = ({ timestamp, offset, key, value, headers }: RecordView): string =>
  JSON.stringify([
    timestamp,
    `${offset}`,
    key && toHex(key),
    value && toHex(value),
    headers.map((header) => [header.key, header.value && toHex(header.value)]),
  ]);

const outcomeOf = (read: () => string): string => {
  try {
    return read();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
};

/** What the iterator makes of the first record, which goes the quick way where that will do. */
function iterated(records: Uint8Array): string {
  const bytes = rawBatch({ records: toHex(records), recordCount: 2 });
  const batch = new DefaultRecordBatch(new Memory(bytes), 0, bytes.byteLength);
  return outcomeOf(() => described(batch.records().nextRecord() as RecordView));
}

/** What the careful way makes of it. */
function careful(records: Uint8Array): string {
  const bytes = rawBatch({ records: toHex(records), recordCount: 2 });
  const batch = new DefaultRecordBatch(new Memory(bytes), 0, bytes.byteLength);
  const source = new RecordSource(batch, new Memory(bytes), 0, 0, batch.baseTimestamp, null);
  const outcome = outcomeOf(() => described(carefulRecord(source, HEADER, bytes.byteLength)[0]));
  return outcome.replace("DecodeError: ", "DecodeError: records[0]: ");
}

/** A varint, now and then in more bytes than it needs. */
const varint = fc
  .tuple(fc.oneof(fc.integer({ min: -3, max: 12 }), fc.integer()), fc.constantFrom(0, 0, 0, 1, 2, 3, 4))
  .map(([value, extra]) => {
    const writer = new Writer();
    writer.varint(value);
    const bytes = [...writer.toBytes()];
    for (let i = 0; i < extra && bytes.length < 5; i++) {
      bytes.push(0);
      bytes[bytes.length - 2] = (bytes.at(-2) as number) | 0x80;
    }
    return bytes;
  });

const field = fc.oneof(
  fc.uint8Array({ maxLength: 100 }).map((bytes) => [...lengthOf(bytes.byteLength), ...bytes]),
  fc.constant([1]),
  varint,
);

function lengthOf(value: number): number[] {
  const writer = new Writer();
  writer.varint(value);
  return [...writer.toBytes()];
}

/** Bytes in the form of a record, whose sizes may not be right. */
const record = fc
  .tuple(varint, varint, field, field, fc.array(fc.tuple(field, field), { maxLength: 4 }), fc.boolean())
  .map(([timestampDelta, offsetDelta, key, value, headers, right]) => {
    const body = [0, ...timestampDelta, ...offsetDelta, ...key, ...value];
    body.push(...lengthOf(headers.length), ...headers.flat(2));
    return Uint8Array.from([...lengthOf(right ? body.length : body.length + 1), ...body]);
  });

describe("the two ways through a record", () => {
  it("agree on whatever has the form of a record", () => {
    const outcomes = { read: 0, refused: 0 };
    fc.assert(
      fc.property(record, fc.uint8Array({ maxLength: 8 }), (bytes, behind) => {
        const all = Uint8Array.from([...bytes, ...behind]);
        const outcome = iterated(all);
        expect(outcome).toBe(careful(all));
        outcomes[outcome.startsWith("DecodeError") ? "refused" : "read"]++;
      }),
      { seed, numRuns: 3_000 },
    );
    expect(outcomes.read).toBeGreaterThan(100);
    expect(outcomes.refused).toBeGreaterThan(100);
  });

  it("agree on any bytes", () => {
    const byte = fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 1, 2, 0x80, 0xff));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 24 }), (bytes) => {
        expect(iterated(Uint8Array.from(bytes))).toBe(careful(Uint8Array.from(bytes)));
      }),
      { seed, numRuns: 3_000 },
    );
  });

  it("read deltas of every length as Kafka's cursor does", () => {
    for (const value of [
      0n,
      -1n,
      2n ** 27n,
      -(2n ** 28n),
      2n ** 31n - 1n,
      -(2n ** 31n),
      2n ** 48n,
      -(2n ** 52n),
    ]) {
      const writer = new Writer();
      writer.varlong(value);
      const delta = toHex(writer.toBytes());
      expect(new Reader(fromHex(delta)).varlong()).toBe(value);
      const length = 5 + delta.length / 2;
      const bytes = fromHex(`${(2 * length).toString(16).padStart(2, "0")}00${delta}00010100`);
      expect(JSON.parse(iterated(bytes))[0]).toBe(Number(value));
    }
  });
});
