import { describe, expect, it } from "vitest";
import { codecFor, decode, encode } from "../../src/protocol/compile.ts";
import { DecodeError, EncodeError } from "../../src/protocol/errors.ts";
import { FetchRequest } from "../../src/protocol/messages/fetch.ts";
import { MetadataRequest, MetadataResponse } from "../../src/protocol/messages/metadata.ts";
import { ProduceRequest } from "../../src/protocol/messages/produce.ts";
import {
  bool,
  bytes,
  float64,
  int8,
  int16,
  int32,
  int64,
  records,
  string,
  uint16,
  uint32,
  uuid,
} from "../../src/protocol/primitives.ts";
import { type AnyType, array, field, request, struct } from "../../src/protocol/schema.ts";
import { leniencyCases } from "../support/leniency-cases.ts";

const hexOf = (encoded: Uint8Array) => Buffer.from(encoded).toString("hex");
const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));

/** A message of one field, flexible from version 1 on. */
function only(type: AnyType) {
  const fields = { x: field("0+", type) };
  return request({ apiKey: 0, name: "M", validVersions: "0-1", flexibleVersions: "1+", fields });
}

function errorOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return null;
}

describe("types, in their old form and in flexible versions", () => {
  it.each<[name: string, type: AnyType, value: unknown, old: string, flexible: string]>([
    ["bool", bool, true, "01", "01 00"],
    ["int8", int8, -2, "fe", "fe 00"],
    ["int16", int16, -2, "fffe", "fffe 00"],
    ["uint16", uint16, 65_535, "ffff", "ffff 00"],
    ["int32", int32, -2, "fffffffe", "fffffffe 00"],
    ["uint32", uint32, 4_294_967_295, "ffffffff", "ffffffff 00"],
    ["int64", int64, -(2n ** 63n), "8000000000000000", "8000000000000000 00"],
    ["float64", float64, -1.5, "bff8000000000000", "bff8000000000000 00"],
    ["uuid", uuid, "_____________________w", "ff".repeat(16), `${"ff".repeat(16)} 00`],
    ["string", string, "é", "0002 c3a9", "03 c3a9 00"],
    ["bytes", bytes, Uint8Array.of(7), "00000001 07", "02 07 00"],
    ["array", array(int16), [1, 2], "00000002 0001 0002", "03 0001 0002 00"],
    [
      "array of structs",
      array(struct("S", { a: field("0+", int8) })),
      [{ a: 5 }],
      "00000001 05",
      "02 05 00 00",
    ],
    ["array of arrays", array(array(int8)), [[1], []], "00000002 00000001 01 00000000", "03 02 01 01 00"],
    ["struct", struct("S", { a: field("0+", string) }), { a: "" }, "0000", "01 00 00"],
  ])("%s", (_, type, value, old, flexible) => {
    for (const [version, hex] of [old, flexible].entries()) {
      expect(hexOf(encode(only(type), version, { x: value }))).toBe(hex.replaceAll(" ", ""));
      expect(decode(only(type), version, bytesOf(hex))).toEqual({ x: value });
    }
  });
});

describe("leniency and strictness", () => {
  const accepted = leniencyCases.filter(({ value }) => value !== undefined);
  const refused = leniencyCases.filter(({ value }) => value === undefined);

  it.each(accepted.map((message) => [message.title, message] as const))("reads %s", (_, message) => {
    expect(decode(message.schema, message.version, bytesOf(message.hex))).toMatchObject(message.value ?? {});
  });

  it.each(refused.map((message) => [message.title, message] as const))("refuses %s", (_, message) => {
    const error = errorOf(() => decode(message.schema, message.version, bytesOf(message.hex)));
    expect(error).toBeInstanceOf(DecodeError);
    expect((error as DecodeError).path.startsWith(message.name)).toBe(true);
  });
});

it("believes no array with more elements than bytes, even of elements that take none", () => {
  const schema = request({
    apiKey: 0,
    name: "M",
    validVersions: "0",
    fields: { x: field("0+", array(struct("Empty", { a: field("1+", int8) }))) },
  });
  expect(() => decode(schema, 0, bytesOf("000f4240"))).toThrow(
    "an array of 1000000 elements cannot fit in the 0 bytes left",
  );
});

describe("values that do not fit", () => {
  it.each<[type: string, schema: AnyType, values: unknown[]]>([
    ["bool", bool, [1, "true", null]],
    ["int8", int8, [128, -129, 0.5, Number.NaN, "1", 1n, null, {}, Object.create(null), Symbol("s")]],
    ["int16", int16, [32_768, -32_769, Number.POSITIVE_INFINITY]],
    ["uint16", uint16, [-1, 65_536]],
    ["int32", int32, [2_147_483_648, -2_147_483_649, 5n]],
    ["uint32", uint32, [-1, 4_294_967_296]],
    ["int64", int64, [2n ** 63n, -(2n ** 63n) - 1n, 5, "5", null]],
    ["float64", float64, ["1", 1n, null]],
    ["uuid", uuid, ["", "A".repeat(23), 5, null]],
    ["string", string, [5, null, new Uint8Array(1), "é".repeat(16_384)]],
    ["bytes", bytes, ["text", [1], null, new ArrayBuffer(1)]],
    ["records", records, ["text", [1], [null], 5]],
    ["an array", array(int8), [5, "ab", null, new Uint8Array(2)]],
    ["S", struct("S", { a: field("0+", int8) }), [5, "a", null]],
  ])("%s", (type, schema, values) => {
    for (const value of values) {
      for (const version of [0, 1]) {
        const error = errorOf(() => encode(only(schema), version, { x: value }));
        expect(error, `${typeof value} in v${version}`).toBeInstanceOf(EncodeError);
        expect((error as EncodeError).path).toMatch(/^M\.x/);
        expect((error as EncodeError).message).toMatch(/ is not |at most/);
      }
    }
    expect(type.length).toBeGreaterThan(0);
  });

  it("names the element", () => {
    expect(() =>
      encode(MetadataRequest, 1, { topics: [{ name: "a" }, { name: 5 as unknown as string }] }),
    ).toThrow("MetadataRequest.topics[1].name: 5 (number) is not string");
  });

  it("shortens what it shows of a long value", () => {
    const error = errorOf(() => encode(only(int8), 0, { x: "x".repeat(10_000) })) as EncodeError;
    expect(error.message.length).toBeLessThan(200);
  });

  it("takes a text of 32,767 bytes and no longer one, compact too", () => {
    for (const version of [0, 1]) {
      expect(() => encode(only(string), version, { x: "a".repeat(32_767) })).not.toThrow();
      expect(() => encode(only(string), version, { x: "a".repeat(32_768) })).toThrow("at most 32767");
    }
  });
});

describe("null", () => {
  it("goes by the version: Metadata v0 refuses it, v1 takes it", () => {
    expect(() => encode(MetadataRequest, 0, { topics: null })).toThrow(EncodeError);
    expect(hexOf(encode(MetadataRequest, 1, { topics: null }))).toBe("ffffffff");
  });

  it("is not the default of what may be null", () => {
    expect(hexOf(encode(MetadataRequest, 1, {}))).toBe("00000000");
    expect(decode(MetadataRequest, 1, bytesOf("ffffffff")).topics).toBeNull();
  });

  it("is refused inside an array", () => {
    const schema = request({
      apiKey: 0,
      name: "M",
      validVersions: "0",
      fields: { x: field("0+", array(string), { nullable: "0+" }) },
    });
    expect(() => encode(schema, 0, { x: [null as unknown as string] })).toThrow("M.x[0]");
    expect(() => decode(schema, 0, bytesOf("00000001 ffff"))).toThrow("M.x[0]");
  });

  it("is one byte for a struct, flexible or not", () => {
    const schema = request({
      apiKey: 0,
      name: "M",
      validVersions: "0-2",
      flexibleVersions: "2+",
      fields: { x: field("0+", struct("S", { a: field("0+", int8) }), { nullable: "1+", default: null }) },
    });
    expect(() => encode(schema, 0, { x: null })).toThrow("M.x");
    expect([1, 2].map((version) => hexOf(encode(schema, version, {})))).toEqual(["ff", "ff00"]);
    expect([0, 1, 2].map((version) => hexOf(encode(schema, version, { x: { a: 5 } })))).toEqual([
      "05",
      "0105",
      "01050000",
    ]);
  });
});

describe("versions", () => {
  it.each([-1, 3, 19, 4.5, Number.NaN])("has no FetchRequest v%d", (version) => {
    expect(() => encode(FetchRequest, version, {})).toThrow(RangeError);
    expect(() => decode(FetchRequest, version, new Uint8Array(0))).toThrow("FetchRequest has no version");
  });

  it("refuses another value than the default in a version without the field", () => {
    expect(() => encode(FetchRequest, 15, { replicaId: 5 })).toThrow(
      "FetchRequest.replicaId: version 15 has no such field and its value is not the default: it exists in versions 0-14",
    );
    expect(() => encode(FetchRequest, 14, { replicaState: { replicaEpoch: 1n } })).toThrow(
      "FetchRequest.replicaState",
    );
    expect(() => encode(FetchRequest, 15, { replicaId: -1 })).not.toThrow();
    expect(() => encode(FetchRequest, 14, { replicaState: {} })).not.toThrow();
  });

  it("sees more than the default in a struct that holds an unknown tag", () => {
    const replicaState = { unknownTaggedFields: [{ tag: 9, data: Uint8Array.of(1) }] };
    expect(() => encode(FetchRequest, 14, { replicaState })).toThrow("FetchRequest.replicaState");
    expect(decode(FetchRequest, 15, encode(FetchRequest, 15, { replicaState })).replicaState).toMatchObject(
      replicaState,
    );
  });

  it("drops what may be ignored", () => {
    expect(
      hexOf(encode(MetadataRequest, 0, { topics: [{ topicId: "_____________________w", name: "a" }] })),
    ).toBe("00000001000161");
  });

  it("gives absent fields their defaults when decoding, new ones each time", () => {
    const once = decode(MetadataResponse, 0, bytesOf("00000000 00000000"));
    expect(once).toEqual({
      throttleTimeMs: 0,
      brokers: [],
      clusterId: null,
      controllerId: -1,
      topics: [],
      clusterAuthorizedOperations: -2_147_483_648,
      errorCode: 0,
    });
    const fetched = () => decode(FetchRequest, 4, encode(FetchRequest, 4, {}));
    const first = fetched();
    first.forgottenTopicsData.push({ topic: "a", topicId: "", partitions: [] });
    first.replicaState.replicaId = 3;
    expect(fetched()).toMatchObject({ forgottenTopicsData: [], replicaState: { replicaId: -1 } });
  });

  it("gives all versions of a message the same fields in the same order", () => {
    const keysOf = (version: number) =>
      Object.keys(decode(FetchRequest, version, encode(FetchRequest, version, {})));
    for (let version = 4; version <= 18; version++) expect(keysOf(version)).toEqual(keysOf(4));
  });

  it("compiles a version once", () => {
    expect(codecFor(FetchRequest, 12)).toBe(codecFor(FetchRequest, 12));
    expect(codecFor(FetchRequest, 12)).not.toBe(codecFor(FetchRequest, 13));
  });
});

describe("records", () => {
  const of = (parts: Uint8Array | readonly Uint8Array[] | null) => ({
    acks: -1,
    topicData: [{ name: "t", partitionData: [{ index: 0, records: parts }] }],
  });

  it("are written from several pieces as from one", () => {
    const whole = Uint8Array.from({ length: 9000 }, (_, i) => i);
    const parts = [whole.subarray(0, 10), whole.subarray(10, 5000), whole.subarray(5000)];
    for (const version of [3, 9]) {
      expect(hexOf(encode(ProduceRequest, version, of(parts)))).toBe(
        hexOf(encode(ProduceRequest, version, of(whole))),
      );
    }
  });

  it("may be null, which is their default, and may be none", () => {
    expect(hexOf(encode(ProduceRequest, 3, of(null)))).toMatch(/ffffffff$/);
    expect(hexOf(encode(ProduceRequest, 3, of([])))).toMatch(/00000000$/);
    expect(hexOf(encode(ProduceRequest, 3, { topicData: [{ partitionData: [{}] }] }))).toMatch(/ffffffff$/);
  });

  it("are views on the bytes that were decoded", () => {
    const encoded = encode(ProduceRequest, 9, of(Uint8Array.of(1, 2, 3)));
    const value = decode(ProduceRequest, 9, encoded).topicData[0]?.partitionData[0]?.records;
    expect(value?.buffer).toBe(encoded.buffer);
  });
});

describe("a DecodeError", () => {
  it("says where in the message and at which byte", () => {
    // One broker, then topics: the second one's name has a length of -1 in a version where it may not be null.
    const hex = "00000000 00000002 0000 0001 61 00000000 0000 ffff";
    const error = errorOf(() => decode(MetadataResponse, 0, bytesOf(hex))) as DecodeError;
    expect(error.path).toBe("MetadataResponse.topics[1].name");
    expect(error.offset).toBe(21);
    expect(error.message).toBe(
      "MetadataResponse.topics[1].name: a string that cannot be null has length -1 at byte 21",
    );
  });

  it("names the message when bytes are left over", () => {
    const error = errorOf(() => decode(MetadataRequest, 1, bytesOf("ffffffff 00"))) as DecodeError;
    expect(error.message).toBe("MetadataRequest: 1 bytes are left over at byte 4");
  });
});
