import { describe, expect, it } from "vitest";
import { decode, encode } from "../../src/protocol/compile.ts";
import { CONSTRUCTIBLE, constructing } from "../../src/protocol/construct.ts";
import { DecodeError } from "../../src/protocol/errors.ts";
import { messages } from "../../src/protocol/messages.ts";
import { int8, int32 } from "../../src/protocol/primitives.ts";
import { Reader } from "../../src/protocol/reader.ts";
import {
  type AnyType,
  array,
  type Fields,
  field,
  request,
  type StructType,
  struct,
} from "../../src/protocol/schema.ts";

function structsOf(type: AnyType): StructType<Fields>[] {
  if (type.kind === "array") return structsOf(type.element);
  if (type.kind !== "struct") return [];
  return [type, ...Object.values(type.fields).flatMap((inner) => structsOf(inner.type))];
}

const constructed = [...messages.values()].flatMap(({ name, struct: root }) =>
  structsOf(root)
    .filter(({ make }) => make !== null)
    .map((type) => ({ message: name, type })),
);

it("some structs have constructors", () => {
  expect(constructed.length).toBeGreaterThan(3);
});

it.each(constructed)(
  "the constructor of $type.name in $message sets every field to its own value",
  ({ type }) => {
    const names = Object.keys(type.fields);
    const made = type.make?.(...names);
    expect(Object.entries(made ?? {})).toEqual(names.map((name) => [name, name]));
    expect(type.make?.length).toBe(names.length);
  },
);

describe.each(CONSTRUCTIBLE)("a constructor of %s fields", (count) => {
  const names = Array.from({ length: count }, (_, i) => `field${i}`);
  const make = (...values: unknown[]): object =>
    Object.fromEntries(names.map((name, i) => [name, values[i]]));

  it("gets the fields in their order", () => {
    const read = constructing(
      make,
      names.map(() => (reader: Reader) => reader.int8()),
      (error) => error,
    );
    const bytes = Uint8Array.from(names, (_, i) => i + 1);
    expect(read(new Reader(bytes))).toEqual(make(...bytes));
  });

  it("names the field at which the bytes end", () => {
    const fields = Object.fromEntries(names.map((name) => [name, field("0+", int8)]));
    const schema = request({
      apiKey: 999,
      name: "Made",
      validVersions: "0",
      fields: { before: field("0+", int32), items: field("0+", array(struct("Item", fields, make))) },
    });
    const item = Object.fromEntries(names.map((name) => [name, 1]));
    const bytes = encode(schema, 0, { before: 0, items: [item, item] });
    expect(decode(schema, 0, bytes).items).toEqual([item, item]);
    for (let missing = 1; missing <= count; missing++) {
      const at = names[count - missing];
      try {
        decode(schema, 0, bytes.subarray(0, bytes.byteLength - missing));
        expect.fail("it was decoded");
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError);
        expect((error as DecodeError).path).toBe(`Made.items[1].${at}`);
      }
    }
  });
});

it("a number of fields without a constructor is refused", () => {
  expect(() =>
    constructing(
      () => ({}),
      [],
      (error) => error,
    ),
  ).toThrow(RangeError);
});
