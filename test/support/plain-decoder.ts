/**
 * The other half of `interpreter.ts`: decodes by walking a schema anew, and shares nothing with the compiled codec
 * or the reader under it. It takes valid bytes, and damaged ones that are still a message; it says nothing of use
 * about others, but throws.
 */

import type { AnyType, Field, Fields, MessageSchema } from "../../src/protocol/schema.ts";
import { absentValue } from "./interpreter.ts";

type AnyField = Field<AnyType, boolean>;
type Struct = Record<string, unknown>;

interface Context {
  readonly version: number;
  readonly flexible: boolean;
}

class Input {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes);
  }

  get left(): number {
    return this.#bytes.byteLength - this.#at;
  }

  take(size: number): Buffer {
    if (size < 0 || size > this.left) throw new RangeError(`${size} of ${this.left} bytes`);
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }

  signed(size: number): bigint {
    return BigInt.asIntN(8 * size, this.unsigned(size));
  }

  unsigned(size: number): bigint {
    return BigInt(`0x${this.take(size).toString("hex")}`);
  }

  /** The lower 32 bits of at most five groups of seven. */
  varint(): number {
    let value = 0n;
    for (let i = 0n; i < 5n; i++) {
      const byte = this.unsigned(1);
      value += (byte % 128n) << (7n * i);
      if (byte < 128n) return Number(value % 2n ** 32n);
    }
    throw new RangeError("a varint without an end");
  }

  /** A length of `size` bytes, or a compact one; below 0 for null. */
  length(size: number, compact: boolean): number {
    return compact ? (this.varint() - 1) | 0 : Number(this.signed(size));
  }
}

/** Decodes a whole message, with every field set. */
export function decodePlainly(schema: MessageSchema, version: number, bytes: Uint8Array): Struct {
  const input = new Input(bytes);
  const { lowest, highest } = schema.flexibleVersions;
  const flexible = lowest <= version && version <= highest;
  const value = readStruct(input, schema.struct.fields, { version, flexible });
  if (input.left > 0) throw new RangeError(`${input.left} bytes are left over`);
  return value;
}

function within(range: { lowest: number; highest: number }, version: number): boolean {
  return range.lowest <= version && version <= range.highest;
}

function readStruct(input: Input, fields: Fields, context: Context): Struct {
  const { version, flexible } = context;
  const value: Struct = {};
  for (const [name, field] of Object.entries(fields)) {
    const isPlain = within(field.versions, version) && !within(field.taggedVersions, version);
    value[name] = isPlain ? readField(input, field, context, false) : absentValue(field);
  }
  if (flexible) readTags(input, fields, context, value);
  return value;
}

function readTags(input: Input, fields: Fields, context: Context, value: Struct): void {
  const unknown: { tag: number; data: Uint8Array }[] = [];
  for (let count = input.varint(); count > 0; count--) {
    const tag = input.varint();
    const size = input.varint();
    const known = Object.entries(fields).find(([, field]) => field.tag === tag);
    if (known === undefined) {
      unknown.push({ tag, data: Uint8Array.from(input.take(size)) });
      continue;
    }
    const [name, field] = known;
    if (!within(field.taggedVersions, context.version))
      throw new RangeError(`tag ${tag} is of another version`);
    value[name] = readField(input, field, context, true);
  }
  if (unknown.length > 0) value["unknownTaggedFields"] = unknown;
}

function readField(input: Input, field: AnyField, context: Context, tagged: boolean): unknown {
  const { version, flexible } = context;
  const nullable = within(field.nullableVersions, version);
  return readValue(input, field.type, { version, flexible: flexible && field.flexible }, nullable, tagged);
}

function readValue(
  input: Input,
  type: AnyType,
  context: Context,
  nullable: boolean,
  tagged: boolean,
): unknown {
  if (type.kind === "struct") {
    if (nullable && isNull(input, tagged)) return null;
    return readStruct(input, type.fields, context);
  }
  if (type.kind === "scalar") return readScalar(input, type.name);
  const size = type.kind === "sized" && type.name === "string" ? 2 : 4;
  const length = input.length(size, context.flexible);
  if (length < 0) {
    if (nullable) return null;
    throw new RangeError("null where none may stand");
  }
  if (type.kind === "array") {
    if (length > input.left) throw new RangeError(`${length} elements in ${input.left} bytes`);
    return Array.from({ length }, () => readValue(input, type.element, context, false, false));
  }
  const bytes = input.take(length);
  return type.name === "string" ? bytes.toString("utf8") : Uint8Array.from(bytes);
}

/** A tagged struct follows a varint that is 0 for null, and others a byte that is negative. */
function isNull(input: Input, tagged: boolean): boolean {
  return tagged ? (input.varint() | 0) <= 0 : input.signed(1) < 0n;
}

function readScalar(input: Input, type: string): unknown {
  switch (type) {
    case "bool":
      return input.unsigned(1) !== 0n;
    case "int8":
      return Number(input.signed(1));
    case "int16":
      return Number(input.signed(2));
    case "uint16":
      return Number(input.unsigned(2));
    case "int32":
      return Number(input.signed(4));
    case "uint32":
      return Number(input.unsigned(4));
    case "int64":
      return input.signed(8);
    case "float64":
      return input.take(8).readDoubleBE();
    case "uuid":
      return input.take(16).toString("base64url");
    default:
      throw new TypeError(`the plain decoder does not know ${type}`);
  }
}
