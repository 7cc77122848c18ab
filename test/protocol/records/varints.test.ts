import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { putVarint, putVarlong, varintLength, varlongLength } from "../../../src/protocol/records/varints.ts";
import { Writer } from "../../../src/protocol/writer.ts";
import { seed } from "../../support/seed.ts";
import { toHex } from "./support.ts";

/** From Kafka's ByteUtilsTest, and the last from librdkafka. */
const varlongs: readonly (readonly [bigint, string])[] = [
  [0n, "00"],
  [-1n, "01"],
  [1n, "02"],
  [63n, "7e"],
  [-64n, "7f"],
  [64n, "8001"],
  [-65n, "8101"],
  [8191n, "fe7f"],
  [-8192n, "ff7f"],
  [8192n, "808001"],
  [-8193n, "818001"],
  [1048575n, "feff7f"],
  [-1048576n, "ffff7f"],
  [1048576n, "80808001"],
  [-1048577n, "81808001"],
  [134217727n, "feffff7f"],
  [-134217728n, "ffffff7f"],
  [134217728n, "8080808001"],
  [-134217729n, "8180808001"],
  [2147483647n, "feffffff0f"],
  [-2147483648n, "ffffffff0f"],
  [17179869183n, "feffffff7f"],
  [-17179869184n, "ffffffff7f"],
  [17179869184n, "808080808001"],
  [-17179869185n, "818080808001"],
  [281474976710655n, "feffffffffff7f"],
  [-281474976710656n, "ffffffffffff7f"],
  [36028797018963967n, "feffffffffffff7f"],
  [-36028797018963969n, "818080808080808001"],
  [4611686018427387903n, "feffffffffffffff7f"],
  [-4611686018427387904n, "ffffffffffffffff7f"],
  [4611686018427387904n, "80808080808080808001"],
  [-4611686018427387905n, "81808080808080808001"],
  [9223372036854775807n, "feffffffffffffffff01"],
  [-9223372036854775808n, "ffffffffffffffffff01"],
  [1234567890101112n, "f08dd3c8a7b5b104"],
];

const safe = varlongs.filter(([value]) => Number.isSafeInteger(Number(value)));

function written(put: (bytes: Uint8Array, at: number, value: number) => number, value: number): string {
  const bytes = new Uint8Array(12);
  return toHex(bytes.subarray(1, put(bytes, 1, value)));
}

/** What the cursor of the protocol's messages writes, which works on bigints. */
function writtenByWriter(value: bigint): string {
  const writer = new Writer();
  writer.varlong(value);
  return toHex(writer.toBytes());
}

/** Whole numbers whose bits end anywhere, and the ends of every length. */
const safeInteger = fc.oneof(
  fc.maxSafeInteger(),
  fc
    .tuple(fc.nat({ max: 53 }), fc.integer({ min: -2, max: 2 }), fc.boolean())
    .map(([bits, delta, negative]) => {
      const value = Math.min(2 ** bits + delta, Number.MAX_SAFE_INTEGER);
      return negative ? -value : value;
    }),
);

describe("varlongs as numbers", () => {
  it.each(safe)("writes %s as Kafka does", (value, hex) => {
    expect(written(putVarlong, Number(value))).toBe(hex);
    expect(varlongLength(Number(value))).toBe(hex.length / 2);
  });

  it("knows at least one value beyond 32 and beyond 48 bits", () => {
    expect(safe.some(([value]) => value > 1n << 50n)).toBe(true);
  });

  it("agrees with the bigint cursor on every safe integer", () => {
    fc.assert(
      fc.property(safeInteger, (value) => {
        const hex = written(putVarlong, value);
        expect(hex).toBe(writtenByWriter(BigInt(value)));
        expect(varlongLength(value)).toBe(hex.length / 2);
      }),
      { seed, numRuns: 2_000 },
    );
  });
});

describe("varints of 32 bits", () => {
  it("agrees with the cursor on every int32", () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        const writer = new Writer();
        writer.varint(value);
        const hex = written(putVarint, value);
        expect(hex).toBe(toHex(writer.toBytes()));
        expect(varintLength(value)).toBe(hex.length / 2);
      }),
      { seed, numRuns: 2_000 },
    );
  });
});
