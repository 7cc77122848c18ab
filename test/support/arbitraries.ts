/** fast-check generators that follow from the schemas: any value of any version of any message. */

import fc from "fast-check";
import { messages } from "../../src/protocol/messages.ts";
import type { AnyType, Field, Fields, MessageSchema, UnknownTaggedField } from "../../src/protocol/schema.ts";
import { absentValue, same } from "./interpreter.ts";

type AnyField = Field<AnyType, boolean>;

/** A message's value with every field set: what decoding gives. */
export type MessageValue = Record<string, unknown>;

/** The highest tag that Kafka's own writer writes. */
const HIGHEST_TAG = 0x7fff_fffe;

/** Every version of every message that we have. */
export function everyVersion(): { schema: MessageSchema; version: number }[] {
  return [...messages.values()].flatMap((schema) => {
    const { lowest, highest } = schema.validVersions;
    return Array.from({ length: highest - lowest + 1 }, (_, i) => ({ schema, version: lowest + i }));
  });
}

/** Values of `version` of a message; fields that it lacks have their defaults. */
export function messageArbitrary(schema: MessageSchema, version: number): fc.Arbitrary<MessageValue> {
  const flexible = within(schema.flexibleVersions, version);
  return structArbitrary(schema.struct.fields, version, flexible, 0);
}

/** The same value without the fields that have their defaults. */
export function withoutDefaults(schema: MessageSchema, value: MessageValue): MessageValue {
  return structWithoutDefaults(schema.struct.fields, value);
}

function structWithoutDefaults(fields: Fields, value: MessageValue): MessageValue {
  const sparse: MessageValue = {};
  for (const [name, inner] of Object.entries(value)) {
    const field = fields[name];
    if (field === undefined) sparse[name] = inner;
    else if (!same(inner, absentValue(field))) sparse[name] = sparseOf(field.type, inner);
  }
  return sparse;
}

function sparseOf(type: AnyType, value: unknown): unknown {
  if (value === null) return null;
  if (type.kind === "array") return (value as unknown[]).map((element) => sparseOf(type.element, element));
  return type.kind === "struct" ? structWithoutDefaults(type.fields, value as MessageValue) : value;
}

function within(range: { lowest: number; highest: number }, version: number): boolean {
  return range.lowest <= version && version <= range.highest;
}

function structArbitrary(
  fields: Fields,
  version: number,
  flexible: boolean,
  depth: number,
): fc.Arbitrary<MessageValue> {
  const known: Record<string, fc.Arbitrary<unknown>> = {};
  for (const [name, field] of Object.entries(fields)) {
    known[name] = fieldArbitrary(field, version, flexible, depth);
  }
  const struct = fc.record(known) as fc.Arbitrary<MessageValue>;
  if (!flexible) return struct;
  const tags = new Set(Object.values(fields).map((field) => field.tag));
  return fc
    .tuple(struct, fc.option(unknownTags(tags), { nil: undefined, freq: 2 }))
    .map(([value, unknown]) => (unknown === undefined ? value : { ...value, unknownTaggedFields: unknown }));
}

function unknownTags(known: ReadonlySet<number | null>): fc.Arbitrary<UnknownTaggedField[]> {
  const tag = fc
    .oneof(fc.nat({ max: 12 }), fc.nat({ max: 300 }), fc.nat({ max: HIGHEST_TAG }), fc.constant(HIGHEST_TAG))
    .filter((candidate) => !known.has(candidate));
  const data = fc.oneof({ weight: 20, arbitrary: shortBytes }, { weight: 1, arbitrary: longBytes });
  return fc
    .uniqueArray(fc.record({ tag, data }), { minLength: 1, maxLength: 3, selector: (field) => field.tag })
    .map((unknown) => unknown.sort((a, b) => a.tag - b.tag));
}

function fieldArbitrary(
  field: AnyField,
  version: number,
  flexible: boolean,
  depth: number,
): fc.Arbitrary<unknown> {
  if (!within(field.versions, version)) return fc.constant(null).map(() => absentValue(field));
  let value = typeArbitrary(field.type, version, flexible, depth);
  if (within(field.nullableVersions, version)) value = fc.option(value, { nil: null, freq: 4 });
  if (within(field.taggedVersions, version)) {
    value = fc.oneof(
      fc.constant(null).map(() => absentValue(field)),
      value,
    );
  }
  return value;
}

const shortBytes = fc.uint8Array({ maxLength: 12 }).map((bytes) => Uint8Array.from(bytes));
/** Over the size from which the writer takes bytes by reference, and over two bytes of varint. */
const longBytes = fc.constantFrom(127, 128, 4095, 4096, 16_383, 16_384).map((n) => new Uint8Array(n).fill(n));

const text = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: "grapheme-ascii", maxLength: 10 }) },
  { weight: 4, arbitrary: fc.string({ unit: "binary", maxLength: 6 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom("", "\ufeff", "\u0000", "\u{10ffff}", "x".repeat(126), "é".repeat(64)),
  },
);

function integerArbitrary(bits: number, signed: boolean): fc.Arbitrary<number> {
  const min = signed ? -(2 ** (bits - 1)) : 0;
  const max = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
  return fc.oneof(
    fc.constantFrom(0, min, max, 1, signed ? -1 : 127),
    fc.double({ min, max: max + 1, maxExcluded: true, noNaN: true }).map((value) => Math.floor(value) + 0),
  );
}

const scalars: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  bool: fc.boolean(),
  int8: integerArbitrary(8, true),
  int16: integerArbitrary(16, true),
  uint16: integerArbitrary(16, false),
  int32: integerArbitrary(32, true),
  uint32: integerArbitrary(32, false),
  int64: fc.oneof(
    fc.constantFrom(0n, -1n, 2n ** 53n, -(2n ** 63n), 2n ** 63n - 1n),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  ),
  float64: fc.double(),
  uuid: fc.oneof(
    fc.constant("A".repeat(22)),
    fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString("base64url")),
  ),
  string: text,
  bytes: fc.oneof({ weight: 20, arbitrary: shortBytes }, { weight: 1, arbitrary: longBytes }),
  records: fc.oneof({ weight: 20, arbitrary: shortBytes }, { weight: 1, arbitrary: longBytes }),
};

function typeArbitrary(
  type: AnyType,
  version: number,
  flexible: boolean,
  depth: number,
): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case "array": {
      const element = typeArbitrary(type.element, version, flexible, depth + 1);
      return fc.array(element, { maxLength: type.element.kind === "struct" ? Math.max(1, 3 - depth) : 4 });
    }
    case "struct":
      return structArbitrary(type.fields, version, flexible, depth);
    default: {
      const scalar = scalars[type.name];
      if (scalar === undefined) throw new TypeError(`there is no generator for ${type.name}`);
      return scalar;
    }
  }
}
