import Long from "long";
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  boolean,
  bytes,
  float32,
  float64,
  int16,
  int32,
  int64,
  json,
  nothing,
  type Serde,
  string,
  uuid,
} from "../../../src/mod.ts";

const context = { topic: "t", part: "value", headers: undefined } as const;
// biome-ignore lint/suspicious/noExplicitAny: of any type, and wrong ones above all
type AnySerde = Serde<any, any>;

const hex = (data: unknown): unknown =>
  data instanceof Uint8Array ? Buffer.from(data).toString("hex") : data;
const written = (serde: AnySerde, data: unknown): unknown => hex(serde.serialize(data, context));
const read = (serde: AnySerde, of: string): unknown =>
  serde.deserialize(Uint8Array.from(Buffer.from(of, "hex")), { ...context, headers: [] });

describe("what is written", () => {
  // Kafka's own classes say the same, in the golden tests.
  it.each<[string, AnySerde, unknown, unknown]>([
    ["int16", int16(), -2, "fffe"],
    ["int32", int32(), 258, "00000102"],
    ["int64 of a number", int64(), -258, "fffffffffffffefe"],
    ["int64 of a bigint", int64(), 2n ** 63n - 1n, "7fffffffffffffff"],
    ["int64 of a Long", int64(), Long.MIN_VALUE, "8000000000000000"],
    ["int64 of an unsigned Long", int64(), Long.fromString("7", true), "0000000000000007"],
    ["float32", float32(), Number.NaN, "7fc00000"],
    ["float64", float64(), -0, "8000000000000000"],
    ["boolean", boolean(), true, "01"],
    ["uuid", uuid(), "0F8FAD5B-D9CB-469F-A165-70867728950E", "0f8fad5b-d9cb-469f-a165-70867728950e"],
    ["string", string(), "é", "é"],
    ["bytes", bytes(), Uint8Array.of(1, 2).buffer, "0102"],
    ["json", json(), { a: [1, null] }, '{"a":[1,null]}'],
    ["json of null inside", json(), [undefined], "[null]"],
  ])("by %s", (_, serde, data, expected) => {
    expect(written(serde, data)).toBe(expected);
  });

  it("are the very bytes where bytes were given", () => {
    const data = Uint8Array.of(1, 2);
    expect(bytes().serialize(data, context)).toBe(data);
  });
});

describe("what cannot be written", () => {
  it.each<[AnySerde, unknown, string]>([
    [int16(), 32_768, "it takes a whole number from -32768 to 32767, and the number is none"],
    [int16(), 0.5, "from -32768 to 32767"],
    [int32(), 2 ** 31, "it takes a whole number from -2147483648 to 2147483647"],
    [int32(), Number.NaN, "it takes a whole number"],
    [int32(), "5", "it takes a number, not a string"],
    [int32(), 5n, "it takes a number, not a bigint"],
    [int64(), 2 ** 53, "it takes a safe integer, or a bigint"],
    [int64(), 1.5, "it takes a safe integer, or a bigint"],
    [int64(), 2n ** 63n, "it takes a whole number from -(2n ** 63n) to 2n ** 63n - 1n"],
    [int64(), Long.MAX_UNSIGNED_VALUE, "it takes a whole number from"],
    [int64(), "5", "it takes a bigint or a number, not a string"],
    [int64(), {}, "it takes a bigint or a number, not an Object"],
    [float32(), 1n, "it takes a number, not a bigint"],
    [float64(), new Date(0), "it takes a number, not a Date"],
    [boolean(), 1, "it takes a boolean, not a number"],
    [string(), Uint8Array.of(1), "it takes a string, not a Uint8Array"],
    [bytes(), "text", "it takes a Uint8Array or an ArrayBuffer, not a string"],
    [bytes(), [1], "not an Array"],
    [uuid(), "AAAAAAAAAAAAAAAAAAAAAA", "it takes a uuid as text of 36 characters"],
    [uuid(), 5, "it takes a uuid as text of 36 characters, such as crypto.randomUUID() makes, not a number"],
    [nothing(), "x", "it takes null, not a string"],
    [nothing(), Object.create(null), "it takes null, not an object"],
    [json(), () => {}, "JSON has nothing for a function"],
    [json(), Symbol("secret"), "JSON has nothing for a symbol"],
  ])("%#: says what would be", (serde, data, message) => {
    expect(() => serde.serialize(data, context)).toThrow(message);
  });

  it("is not shown: records may hold what no log should", () => {
    const refuses = (serde: AnySerde, data: unknown): void =>
      expect(() => serde.serialize(data, context)).not.toThrow(/hunter2|4\.25/);
    for (const serde of [
      int16(),
      int32(),
      int64(),
      float32(),
      float64(),
      boolean(),
      bytes(),
      uuid(),
      nothing(),
    ]) {
      expect(() => serde.serialize("hunter2" as never, context)).toThrow();
      refuses(serde, "hunter2");
      refuses(serde, { password: "hunter2" });
    }
    for (const serde of [int16(), int32(), int64(), string()]) refuses(serde, 4.25);
    expect(() => json().deserialize(Buffer.from("hunter2"), { ...context, headers: [] })).toThrow(
      "the 7 bytes are not JSON",
    );
  });
});

describe("what is read", () => {
  it.each<[string, AnySerde, string, unknown]>([
    ["int16", int16(), "8000", -32_768],
    ["int32", int32(), "ffffffff", -1],
    ["int64", int64(), "0020000000000001", 2n ** 53n + 1n],
    ["float32", float32(), "3dcccccd", Math.fround(0.1)],
    ["float64", float64(), "3fb999999999999a", 0.1],
    ["boolean", boolean(), "00", false],
    ["string", string(), "c3a9ff", "é\ufffd"],
    ["json", json(), "5b312c225c7564383030225d", [1, "\ud800"]],
  ])("by %s", (_, serde, of, expected) => {
    expect(read(serde, of)).toEqual(expected);
  });

  it("starts where the bytes start in their memory", () => {
    const at3 = (of: string): Uint8Array =>
      Uint8Array.from(Buffer.from(`ffffff${of}ffff`, "hex")).subarray(3, 3 + of.length / 2);
    const asRead = { ...context, headers: [] };
    expect(int16().deserialize(at3("0102"), asRead)).toBe(0x102);
    expect(int32().deserialize(at3("01020304"), asRead)).toBe(0x1020304);
    expect(int64().deserialize(at3("0102030405060708"), asRead)).toBe(0x102030405060708n);
    expect(float32().deserialize(at3("3fc00000"), asRead)).toBe(1.5);
    expect(float64().deserialize(at3("3ff8000000000000"), asRead)).toBe(1.5);
  });

  it.each<[AnySerde, string, string]>([
    [int16(), "00", "it reads 2 bytes, and there are 1"],
    [int32(), "", "it reads 4 bytes, and there are 0"],
    [int64(), "00000001", "it reads 8 bytes, and there are 4"],
    [boolean(), "", "it reads 1 byte, and there are 0"],
    [boolean(), "02", "it reads a byte of 0 or 1, and there is 2"],
    [uuid(), "61", "the 1 bytes are not the text of a uuid"],
    [nothing(), "", "it reads null, and there is a Uint8Array of 0 bytes"],
    [json(), "", "the 0 bytes are not JSON"],
  ])("%#: is refused where it cannot be that", (serde, of, message) => {
    expect(() => read(serde, of)).toThrow(message);
  });
});

it("the types are those that a program sees", () => {
  expectTypeOf(int64().deserialize).returns.toEqualTypeOf<bigint>();
  expectTypeOf(bytes().deserialize).returns.toEqualTypeOf<Uint8Array>();
  expectTypeOf(json<{ readonly a: 1 }>().deserialize).returns.toEqualTypeOf<{ readonly a: 1 }>();
  expectTypeOf(int64().serialize).parameter(0).extract<number>().toEqualTypeOf<number>();
  // What takes a number only is no serializer of texts too.
  expectTypeOf(int32()).not.toExtend<Serde<number | string, number>>();
  expectTypeOf(int32()).toExtend<Serde<number, number | string>>();
});
