import Long from "long";
import { describe, expect, it } from "vitest";
import { encode } from "../../src/protocol/compile.ts";
import { toBigInt } from "../../src/protocol/int64.ts";
import { int64 } from "../../src/protocol/primitives.ts";
import { readRecordBatches } from "../../src/protocol/records/read-record-batches.ts";
import { RecordBatchBuilder } from "../../src/protocol/records/record-batch-builder.ts";
import { field, request } from "../../src/protocol/schema.ts";
import { toHex } from "./records/support.ts";

const values = [
  0n,
  1n,
  -1n,
  42n,
  2n ** 31n,
  -(2n ** 31n),
  2n ** 32n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const longOf = (value: bigint): Long => Long.fromString(`${value}`);

const Offsets = request({
  apiKey: 99,
  name: "OffsetsRequest",
  validVersions: "0-2",
  flexibleVersions: "2+",
  fields: {
    offset: field("0+", int64),
    later: field("1+", int64, { default: -1n }),
    tagged: field("2+", int64, { tag: 0, default: 7n }),
  },
});

describe("an int64", () => {
  it.each(values)("of %s is the same from a Long", (value) => {
    expect(toBigInt(longOf(value))).toBe(value);
    expect(toBigInt(value)).toBe(value);
    expect(toHex(encode(Offsets, 0, { offset: longOf(value) }))).toBe(
      toHex(encode(Offsets, 0, { offset: value })),
    );
  });

  it("takes an unsigned Long for what it says, and refuses it past 2^63 - 1", () => {
    expect(toBigInt(Long.fromString("18446744073709551615", true))).toBe(2n ** 64n - 1n);
    expect(() => encode(Offsets, 0, { offset: Long.fromString("9223372036854775808", true) })).toThrow(
      /OffsetsRequest\.offset: .* is not int64/,
    );
  });

  it.each([5, "5", null, {}, [], true])("is not made of %s", (value) => {
    expect(toBigInt(value)).toBeNull();
    expect(() => encode(Offsets, 0, { offset: value as never })).toThrow(/is not int64/);
  });

  it("from a Long is the default wherever the same bigint is", () => {
    expect(() => encode(Offsets, 0, { later: longOf(-1n) })).not.toThrow();
    expect(() => encode(Offsets, 0, { later: longOf(0n) })).toThrow(/version 0 has no such field/);
    expect(toHex(encode(Offsets, 2, { tagged: longOf(7n) }))).toBe(toHex(encode(Offsets, 2, {})));
    expect(toHex(encode(Offsets, 2, { tagged: longOf(8n) }))).toBe(toHex(encode(Offsets, 2, { tagged: 8n })));
  });

  it("from a Long goes into the header of a record batch", () => {
    const builder = new RecordBatchBuilder();
    builder.append(0, null, null);
    const bytes = builder.build({
      producerId: longOf(2n ** 62n + 1n),
      producerEpoch: 0,
      baseSequence: 0,
      baseOffset: longOf(2n ** 53n + 1n),
    });
    const [batch] = readRecordBatches(bytes);
    expect(batch).toMatchObject({ producerId: 2n ** 62n + 1n, baseOffset: 2n ** 53n + 1n });
    const again = new RecordBatchBuilder();
    again.append(0, null, null);
    expect(() => again.build({ baseOffset: longOf(-2n) })).toThrow(
      /baseOffset: .* is not a bigint or a Long from -1/,
    );
  });
});
