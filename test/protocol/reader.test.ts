import { describe, expect, it } from "vitest";
import { DecodeError } from "../../src/protocol/errors.ts";
import { Reader } from "../../src/protocol/reader.ts";

const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));

const CASES: readonly (readonly [name: string, hex: string, read: (r: Reader) => unknown, value: unknown])[] =
  [
    ["false", "00", (r) => r.boolean(), false],
    ["true", "01", (r) => r.boolean(), true],
    ["any other byte as true", "ff", (r) => r.boolean(), true],
    ["int8", "80", (r) => r.int8(), -128],
    ["uint8", "80", (r) => r.uint8(), 128],
    ["int16", "8000", (r) => r.int16(), -32_768],
    ["uint16", "8001", (r) => r.uint16(), 32_769],
    ["int32", "80000000", (r) => r.int32(), -2_147_483_648],
    ["uint32", "fffffffe", (r) => r.uint32(), 4_294_967_294],
    ["int64", "8000000000000000", (r) => r.int64(), -(2n ** 63n)],
    ["int64 past 2^53", "0020000000000001", (r) => r.int64(), 2n ** 53n + 1n],
    ["float64", "3ff8000000000000", (r) => r.float64(), 1.5],
    ["negative zero", "8000000000000000", (r) => r.float64(), -0],
    ["uuid", "00000000000000000000000000000001", (r) => r.uuid(), "AAAAAAAAAAAAAAAAAAAAAQ"],
    ["text", "c3a978", (r) => r.text(3), "éx"],
    ["no text", "", (r) => r.text(0), ""],
    ["bytes", "0102", (r) => r.view(2), Uint8Array.of(1, 2)],
    ["no bytes", "", (r) => r.view(0), new Uint8Array(0)],
  ];

describe("Reader", () => {
  it.each(CASES)("reads %s", (_, hex, read, value) => {
    // Inside a larger buffer, with bytes around that are not to be touched.
    const bytes = bytesOf(`aa${hex}aa`).subarray(1, 1 + hex.length / 2);
    const reader = new Reader(bytes);
    expect(read(reader)).toEqual(value);
    expect(reader.offset).toBe(bytes.byteLength);
    expect(reader.remaining).toBe(0);
    reader.expectEnd();
  });

  it.each(CASES.filter(([, hex]) => hex.length > 0))(
    "refuses a torn %s and stays where it was",
    (_, hex, read) => {
      const bytes = bytesOf(`${hex}aa`).subarray(0, hex.length / 2 - 1);
      const reader = new Reader(bytes);
      expect(() => read(reader)).toThrow(DecodeError);
      expect(reader.offset).toBe(0);
    },
  );

  it("gives views on the same memory, not copies", () => {
    const bytes = bytesOf("010203");
    const reader = new Reader(bytes);
    reader.uint8();
    const view = reader.view(2);
    bytes[1] = 9;
    expect(view[0]).toBe(9);
    expect(view.buffer).toBe(bytes.buffer);
  });

  it("says how many bytes are missing, and where", () => {
    const reader = new Reader(bytesOf("0000000001"));
    reader.int32();
    expect(() => reader.int64()).toThrow("8 more bytes are needed and 1 are left at byte 4");
  });

  it.each([2_147_483_647, 3])("takes no memory for a length of %i that is not there", (length) => {
    const reader = new Reader(bytesOf("0102"));
    expect(() => reader.view(length)).toThrow(DecodeError);
    expect(() => reader.text(length)).toThrow(DecodeError);
  });

  it.each([-1, -2_147_483_648, Number.NaN])("refuses %d as a length", (length) => {
    const reader = new Reader(bytesOf("0102"));
    reader.uint8();
    expect(() => reader.view(length)).toThrow(DecodeError);
    expect(() => reader.text(length)).toThrow(DecodeError);
    expect(reader.offset).toBe(1);
  });

  it("refuses bytes that are left over", () => {
    const reader = new Reader(bytesOf("0102"));
    reader.uint8();
    expect(() => reader.expectEnd()).toThrow("1 bytes are left over at byte 1");
  });
});
