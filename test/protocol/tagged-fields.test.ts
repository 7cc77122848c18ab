import { describe, expect, it } from "vitest";
import { decode, encode } from "../../src/protocol/compile.ts";
import { EncodeError } from "../../src/protocol/errors.ts";
import { ApiVersionsResponse } from "../../src/protocol/messages/api-versions.ts";
import { bytes, int8, int32, string } from "../../src/protocol/primitives.ts";
import { array, field, request, struct } from "../../src/protocol/schema.ts";

const hexOf = (encoded: Uint8Array) => Buffer.from(encoded).toString("hex");
const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const unknown = (tag: number, ...data: number[]) => ({ tag, data: Uint8Array.from(data) });

const Point = struct("Point", { x: field("0+", int8), y: field("0+", int8, { default: 3 }) });
const Tagged = request({
  apiKey: 0,
  name: "Tagged",
  validVersions: "0-2",
  flexibleVersions: "1+",
  fields: {
    // Declared out of order: the wire goes by tags, not by this.
    later: field("2+", int8, { tag: 4, ignorable: true }),
    point: field("1+", Point, { tag: 2 }),
    text: field("1+", string, { tag: 0, nullable: "1+", default: null }),
    numbers: field("1+", array(int32), { tag: 6, nullable: "1+" }),
    data: field("1+", bytes, { tag: 8 }),
  },
});

describe("tagged fields", () => {
  it.each<[name: string, value: Parameters<typeof encode<typeof Tagged.struct.fields>>[2], hex: string]>([
    ["nothing at all", {}, "00"],
    [
      "defaults, which are not written",
      { text: null, point: { x: 0, y: 3 }, numbers: [], data: new Uint8Array(0), later: 0 },
      "00",
    ],
    ["an empty text where null is the default", { text: "" }, "01 00 01 01"],
    ["null where it is not the default", { numbers: null }, "01 06 01 00"],
    ["a struct that differs in one field", { point: { y: 0 } }, "01 02 03 00 00 00"],
    [
      "a struct that only holds an unknown tag",
      { point: { unknownTaggedFields: [unknown(9, 7)] } },
      "01 02 06 00 03 01 09 01 07",
    ],
    [
      "a struct with an empty list of unknown tags, which is the default",
      { point: { unknownTaggedFields: [] } },
      "00",
    ],
    ["ascending order", { later: 1, point: { x: 1 }, text: "a" }, "03 00 02 02 61 02 03 01 03 00 04 01 01"],
    [
      "known and unknown ones in one order",
      {
        unknownTaggedFields: [unknown(1), unknown(3, 9), unknown(5), unknown(700, 1, 2)],
        text: "",
        later: 1,
        data: Uint8Array.of(5),
      },
      "07 00 01 01 01 00 03 01 09 04 01 01 05 00 08 02 02 05 bc05 02 0102",
    ],
  ])("writes %s", (_, value, hex) => {
    const encoded = encode(Tagged, 2, value);
    expect(hexOf(encoded)).toBe(hex.replaceAll(" ", ""));
    expect(hexOf(encode(Tagged, 2, decode(Tagged, 2, encoded)))).toBe(hexOf(encoded));
  });

  it("keeps what it does not know, and only then has a list of it", () => {
    expect(decode(Tagged, 2, bytesOf("02 01 02 aabb 7f 00")).unknownTaggedFields).toEqual([
      unknown(1, 0xaa, 0xbb),
      unknown(127),
    ]);
    expect("unknownTaggedFields" in decode(Tagged, 2, bytesOf("01 04 01 05"))).toBe(false);
  });

  it("leaves out an ignorable tag in a version before it, and refuses to read it there", () => {
    expect(hexOf(encode(Tagged, 1, { later: 5 }))).toBe("00");
    expect(() => decode(Tagged, 1, bytesOf("01 04 01 05"))).toThrow(
      "tag 4 (later) is not valid in this version",
    );
  });

  it("has none in versions that are not flexible", () => {
    expect(hexOf(encode(Tagged, 0, {}))).toBe("");
    expect(() => encode(Tagged, 0, { text: "a" })).toThrow("Tagged.text");
    expect(() => encode(Tagged, 0, { unknownTaggedFields: [unknown(9)] })).toThrow(
      "Tagged.unknownTaggedFields: version 0 has no tagged fields",
    );
    expect(() => encode(Tagged, 0, { unknownTaggedFields: [] })).not.toThrow();
  });

  it.each([
    ["out of order", [unknown(7), unknown(3)]],
    ["twice", [unknown(7), unknown(7)]],
    ["that the schema knows", [unknown(2)]],
    ["that the schema knows in a later version", [unknown(4)]],
    ["below 0", [unknown(-1)]],
    ["that is no whole number", [unknown(1.5)]],
    ["beyond Kafka's highest", [unknown(0x7fff_ffff)]],
    ["without bytes", [{ tag: 9, data: "text" as unknown as Uint8Array }]],
  ])("refuses to write an unknown tag %s", (_, unknownTaggedFields) => {
    expect(() => encode(Tagged, 1, { unknownTaggedFields })).toThrow(EncodeError);
    expect(() => encode(Tagged, 1, { unknownTaggedFields })).toThrow(
      "Tagged.unknownTaggedFields: unknown tagged field",
    );
  });

  it("writes Kafka's highest tag", () => {
    const value = { unknownTaggedFields: [unknown(0x7fff_fffe, 1)] };
    expect(hexOf(encode(Tagged, 1, value))).toBe("01feffffff070101");
  });

  it("says in which tagged field an error lies", () => {
    expect(() => encode(Tagged, 2, { point: { x: 500 } })).toThrow(
      "Tagged.point.x: 500 (number) is not int8",
    );
    expect(() => decode(Tagged, 2, bytesOf("01 06 09 05 00000001"))).toThrow(
      /^Tagged\.numbers\[1\]: .* at byte 8$/,
    );
  });

  it("shows the size of an unknown tag as the sender meant it", () => {
    expect(() => decode(Tagged, 2, bytesOf("01 09 ffffffff0f"))).toThrow(
      "tagged field 9 has 4294967295 bytes",
    );
  });

  it("reads a known tag twice, the last wins, and tags out of order", () => {
    expect(decode(Tagged, 2, bytesOf("03 04 01 05 00 02 02 61 04 01 06"))).toMatchObject({
      later: 6,
      text: "a",
    });
  });

  it("moves a large value behind its size", () => {
    const name = "x".repeat(20_000);
    const value = { supportedFeatures: [{ name, minVersion: 1, maxVersion: 2 }] };
    expect(decode(ApiVersionsResponse, 3, encode(ApiVersionsResponse, 3, value))).toMatchObject(value);
  });
});
