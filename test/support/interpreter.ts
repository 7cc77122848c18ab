/**
 * A slow and plain encoder that walks a schema anew for every value. It shares nothing with the
 * compiled codec but the schema itself: what both say is not one mistake made once.
 *
 * It notes where each length stands, so that tests can put hostile ones in their place.
 */

import type { AnyType, Field, Fields, MessageSchema } from "../../src/protocol/schema.ts";

type AnyField = Field<AnyType, boolean>;
type Struct = Record<string, unknown>;

/** Where the length of a text, a byte string, an array or the tagged fields stands. */
export interface LengthMark {
  readonly start: number;
  readonly end: number;
  /** Whether it is an unsigned varint; else it fills `end - start` bytes. */
  readonly compact: boolean;
}

export interface Interpreted {
  readonly bytes: Uint8Array;
  readonly lengths: readonly LengthMark[];
}

interface Context {
  readonly version: number;
  readonly flexible: boolean;
  /** Whether the value is that of a tagged field. */
  readonly tagged: boolean;
}

class Output {
  readonly bytes: number[] = [];
  readonly lengths: LengthMark[] = [];

  bigEndian(value: bigint, size: number): void {
    for (let i = size - 1; i >= 0; i--) this.bytes.push(Number((value >> BigInt(8 * i)) & 0xffn));
  }

  varint(value: number): void {
    for (let rest = value; ; rest = Math.floor(rest / 128)) {
      if (rest < 128) {
        this.bytes.push(rest);
        return;
      }
      this.bytes.push((rest % 128) + 128);
    }
  }

  /** A length of `size` bytes, or a compact one; -1 stands for null. */
  length(length: number, size: number, compact: boolean): void {
    const start = this.bytes.length;
    if (compact) this.varint(length + 1);
    else this.bigEndian(BigInt(length), size);
    this.lengths.push({ start, end: this.bytes.length, compact });
  }

  append(other: Output): void {
    const shift = this.bytes.length;
    for (const byte of other.bytes) this.bytes.push(byte);
    for (const mark of other.lengths) {
      this.lengths.push({ ...mark, start: mark.start + shift, end: mark.end + shift });
    }
  }
}

/** Encodes `value`, which holds every field, as `version` of its message. */
export function interpret(schema: MessageSchema, version: number, value: Struct): Interpreted {
  const output = new Output();
  writeStruct(output, schema.struct.fields, value, contextOf(schema, version));
  return { bytes: Uint8Array.from(output.bytes), lengths: output.lengths };
}

function contextOf(schema: MessageSchema, version: number): Context {
  return { version, flexible: within(schema.flexibleVersions, version), tagged: false };
}

function within(range: { lowest: number; highest: number }, version: number): boolean {
  return range.lowest <= version && version <= range.highest;
}

/** What stands for a field that a message does not carry. */
export function absentValue(field: AnyField): unknown {
  if (field.default !== undefined) return field.default;
  if (field.type.kind === "array") return [];
  if (field.type.kind === "struct") {
    return Object.fromEntries(
      Object.entries(field.type.fields).map(([name, inner]) => [name, absentValue(inner)]),
    );
  }
  switch (field.type.name) {
    case "bool":
      return false;
    case "int64":
      return 0n;
    case "string":
      return "";
    case "uuid":
      return "A".repeat(22);
    case "bytes":
      return new Uint8Array(0);
    case "records":
      return null;
    default:
      return 0;
  }
}

/** Whether two values are the same; a struct with unknown tagged fields equals none without. */
export function same(a: unknown, b: unknown): boolean {
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((element, i) => same(element, b[i]));
  }
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) return Object.is(a, b);
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => same((a as Struct)[key], (b as Struct)[key]));
}

function writeStruct(output: Output, fields: Fields, value: Struct, context: Context): void {
  const { version, flexible } = context;
  const tagged = new Map<number, Output>();
  for (const [name, field] of Object.entries(fields)) {
    if (!within(field.versions, version)) continue;
    if (!within(field.taggedVersions, version)) {
      writeField(output, field, value[name], context);
    } else if (!same(value[name], absentValue(field))) {
      const inner = new Output();
      writeField(inner, field, value[name], { ...context, tagged: true });
      tagged.set(field.tag as number, inner);
    }
  }
  if (!flexible) return;
  for (const { tag, data } of (value["unknownTaggedFields"] ?? []) as { tag: number; data: Uint8Array }[]) {
    const inner = new Output();
    inner.bytes.push(...data);
    tagged.set(tag, inner);
  }
  const start = output.bytes.length;
  output.varint(tagged.size);
  output.lengths.push({ start, end: output.bytes.length, compact: true });
  for (const [tag, inner] of [...tagged].sort(([a], [b]) => a - b)) {
    output.varint(tag);
    output.varint(inner.bytes.length);
    output.append(inner);
  }
}

function writeField(output: Output, field: AnyField, value: unknown, context: Context): void {
  const nullable = within(field.nullableVersions, context.version);
  if (value === null && !nullable) throw new TypeError("null where none may stand");
  writeValue(
    output,
    field.type,
    value,
    { ...context, flexible: context.flexible && field.flexible },
    nullable,
  );
}

function writeValue(
  output: Output,
  type: AnyType,
  value: unknown,
  context: Context,
  nullable: boolean,
): void {
  if (type.kind === "array") {
    const elements = value as unknown[] | null;
    output.length(elements?.length ?? -1, 4, context.flexible);
    for (const element of elements ?? [])
      writeValue(output, type.element, element, { ...context, tagged: false }, false);
  } else if (type.kind === "struct") {
    if (nullable) output.bytes.push(value !== null ? 1 : context.tagged ? 0 : 0xff);
    if (value !== null) writeStruct(output, type.fields, value as Struct, { ...context, tagged: false });
  } else if (type.name === "string") {
    // The only surrogates that the expression finds are those without their other half.
    const text = value === null ? null : Buffer.from((value as string).replace(/[\ud800-\udfff]/gu, "?"));
    output.length(text?.byteLength ?? -1, 2, context.flexible);
    output.bytes.push(...(text ?? []));
  } else if (type.name === "bytes" || type.name === "records") {
    const bytes = value as Uint8Array | null;
    output.length(bytes?.byteLength ?? -1, 4, context.flexible);
    output.bytes.push(...(bytes ?? []));
  } else {
    writeScalar(output, type.name, value);
  }
}

const INTEGER_SIZES: Readonly<Record<string, number>> = {
  int8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
};

function writeScalar(output: Output, type: string, value: unknown): void {
  const size = INTEGER_SIZES[type];
  if (size !== undefined) {
    output.bigEndian(BigInt(value as number | bigint), size);
  } else if (type === "bool") {
    output.bytes.push(value === true ? 1 : 0);
  } else if (type === "float64") {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value as number);
    output.bytes.push(...bytes);
  } else if (type === "uuid") {
    output.bytes.push(...Buffer.from(value as string, "base64url"));
  } else {
    throw new TypeError(`the interpreter does not know ${type}`);
  }
}
