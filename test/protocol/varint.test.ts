import { describe, expect, it } from "vitest";
import { Reader } from "../../src/protocol/reader.ts";
import { unsignedVarintLength, unzigzag32, varintLength, zigzag32 } from "../../src/protocol/varint.ts";
import { Writer } from "../../src/protocol/writer.ts";

/** From Kafka's own ByteUtilsTest. */
const UNSIGNED: readonly (readonly [value: number, hex: string])[] = [
  [0, "00"],
  [-1, "ffffffff0f"],
  [1, "01"],
  [63, "3f"],
  [-64, "c0ffffff0f"],
  [64, "40"],
  [8191, "ff3f"],
  [-8192, "80c0ffff0f"],
  [8192, "8040"],
  [-8193, "ffbfffff0f"],
  [1048575, "ffff3f"],
  [1048576, "808040"],
  [2147483647, "ffffffff07"],
  [-2147483648, "8080808008"],
];

const ZIGZAG_LONG: readonly (readonly [value: bigint, hex: string])[] = [
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

function written(write: (writer: Writer) => void): string {
  const writer = new Writer(1);
  write(writer);
  return Buffer.from(writer.toBytes()).toString("hex");
}

const reader = (hex: string) => new Reader(Uint8Array.from(Buffer.from(hex, "hex")));

describe("unsigned varints", () => {
  it.each(UNSIGNED)("%i is %s", (value, hex) => {
    expect(written((writer) => writer.unsignedVarint(value))).toBe(hex);
    expect(reader(hex).unsignedVarint()).toBe(value);
    expect(unsignedVarintLength(value)).toBe(hex.length / 2);
  });

  it("counts values of 2^31 and more as their 32 bits", () => {
    expect(written((writer) => writer.unsignedVarint(0xffff_ffff))).toBe("ffffffff0f");
  });

  it.each([
    ["8000", 0],
    ["8180808000", 1],
    ["ff80808000", 127],
  ])("%s, longer than it needs to be, is %i", (hex, value) => {
    expect(reader(hex).unsignedVarint()).toBe(value);
  });

  it("drops the bits beyond 32 that a fifth byte can hold", () => {
    expect(reader("8080808070").unsignedVarint()).toBe(0);
    expect(reader("808080807f").unsignedVarint()).toBe(-0x1000_0000);
  });

  it("refuses a sixth byte", () => {
    expect(() => reader("808080808000").unsignedVarint()).toThrow("a varint has more than 5 bytes at byte 5");
  });

  it.each(["", "80", "ffffff", "80808080"])("refuses %j, which is torn", (hex) => {
    expect(() => reader(hex).unsignedVarint()).toThrow(`at byte ${hex.length / 2}`);
  });
});

describe("zigzag varints", () => {
  it.each(ZIGZAG_LONG)("%i is %s", (value, hex) => {
    expect(written((writer) => writer.varlong(value))).toBe(hex);
    expect(reader(hex).varlong()).toBe(value);
    if (BigInt.asIntN(32, value) !== value) return;
    expect(written((writer) => writer.varint(Number(value)))).toBe(hex);
    expect(reader(hex).varint()).toBe(Number(value));
    expect(varintLength(Number(value))).toBe(hex.length / 2);
  });

  it("reads a varlong that is longer than it needs to be", () => {
    expect(reader("82808080808080808000").varlong()).toBe(1n);
  });

  it("refuses an eleventh byte", () => {
    expect(() => reader("8080808080808080808000").varlong()).toThrow("more than 10 bytes at byte 10");
  });

  it.each([0, 1, -1, 2_147_483_647, -2_147_483_648])("folds and unfolds %i", (value) => {
    expect(unzigzag32(zigzag32(value))).toBe(value);
  });
});
