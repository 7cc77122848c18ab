/**
 * Turns a schema and a version into closures that decode and encode. Everything that the version decides is
 * decided here, once; the closures only follow the result. No source text is generated, so this runs where
 * `eval` is forbidden.
 */

import type { Codec } from "./codec.ts";
import { constructing, type Step } from "./construct.ts";
import { defaultOf, isDefault } from "./defaults.ts";
import { DecodeError, EncodeError } from "./errors.ts";
import {
  mismatch,
  readCompactLength,
  type SizedType,
  type ValueCodec,
  writeCompactLength,
} from "./primitives.ts";
import { Reader } from "./reader.ts";
import type {
  AnyType,
  ArrayType,
  Field,
  Fields,
  Infer,
  InferInput,
  MessageSchema,
  StructType,
} from "./schema.ts";
import { readTaggedFields, type TaggedField, writeTaggedFields } from "./tagged-fields.ts";
import { containsVersion, formatVersions } from "./versions.ts";
import { Writer } from "./writer.ts";

/** Kafka's own classes read no longer array, whatever the frame could hold (`MessageUtil.MAX_ARRAY_LENGTH`). */
const MAX_ARRAY_LENGTH = 1_000_000;

type AnyField = Field<AnyType, boolean>;
type Struct = Record<string, unknown>;
type AnyCodec = ValueCodec<unknown>;

/** What a field's codec depends on beside its type. */
interface Place {
  readonly version: number;
  readonly flexible: boolean;
  readonly nullable: boolean;
  /** Whether this is the value of a tagged field. */
  readonly tagged: boolean;
}

/**
 * The codec of `schema` in `version`, compiled when it is first asked for.
 *
 * @throws RangeError when the message has no such version.
 */
export function codecFor<F extends Fields>(
  schema: MessageSchema<F>,
  version: number,
): Codec<Infer<MessageSchema<F>>, InferInput<MessageSchema<F>>> {
  let codec = schema.codecs.get(version);
  if (codec === undefined) {
    if (!containsVersion(schema.validVersions, version) || !Number.isInteger(version)) {
      throw new RangeError(
        `${schema.name} has no version ${version}: it has ${formatVersions(schema.validVersions)}`,
      );
    }
    const flexible = containsVersion(schema.flexibleVersions, version);
    codec = named(
      schema.name,
      compileStruct(schema.struct, { version, flexible, nullable: false, tagged: false }),
    );
    schema.codecs.set(version, codec);
  }
  return codec as Codec<Infer<MessageSchema<F>>, InferInput<MessageSchema<F>>>;
}

/**
 * Encodes `value` as `version` of its message, without header or frame.
 *
 * @throws EncodeError when the value does not fit the schema, naming the field.
 * @throws RangeError when the message has no such version.
 * @example
 * ```ts
 * import { decode, encode, MetadataRequest } from "kafkawire/protocol";
 *
 * const bytes = encode(MetadataRequest, 12, { topics: [{ name: "orders" }] });
 * console.log(decode(MetadataRequest, 12, bytes).topics);
 * ```
 */
export function encode<F extends Fields>(
  schema: MessageSchema<F>,
  version: number,
  value: InferInput<MessageSchema<F>>,
): Uint8Array {
  const writer = new Writer();
  codecFor(schema, version).encode(writer, value);
  return writer.toBytes();
}

/**
 * Decodes `version` of a message, without header or frame. Byte strings in the result are views on `bytes`.
 *
 * @throws DecodeError when the bytes are not that message, or more than it.
 * @throws RangeError when the message has no such version.
 */
export function decode<F extends Fields>(
  schema: MessageSchema<F>,
  version: number,
  bytes: Uint8Array,
): Infer<MessageSchema<F>> {
  const reader = new Reader(bytes);
  const value = codecFor(schema, version).decode(reader);
  try {
    reader.expectEnd();
  } catch (error) {
    throw located(error, schema.name);
  }
  return value;
}

/** Puts the message's name in front of the path of every error. */
function named(name: string, codec: AnyCodec): Codec<unknown> {
  return {
    decode: (reader) => {
      try {
        return codec.read(reader);
      } catch (error) {
        throw located(error, name);
      }
    },
    encode: (writer, value) => {
      try {
        codec.write(writer, value);
      } catch (error) {
        throw located(error, name);
      }
    },
  };
}

/** Adds a step to the path of our own errors; others pass as they are. */
function located(error: unknown, step: string | number): unknown {
  return error instanceof DecodeError || error instanceof EncodeError ? error.within(step) : error;
}

function compileType(type: AnyType, place: Place): AnyCodec {
  switch (type.kind) {
    case "scalar":
      return type;
    case "sized":
      return compileSized(type, place);
    case "array":
      return compileArray(type, place);
    case "struct":
      return place.nullable ? compileNullableStruct(type, place) : compileStruct(type, place);
  }
}

function compileSized(type: SizedType<unknown, unknown>, { flexible, nullable }: Place): AnyCodec {
  const readLength = flexible ? readCompactLength : type.readLength;
  const writeLength = flexible ? writeCompactLength : type.writeLength;
  const { limit, name, read, write } = type;
  return {
    read: (reader) => {
      const length = readLength(reader);
      if (length < 0) {
        if (nullable) return null;
        throw reader.fail(`a ${name} that cannot be null has length ${length}`);
      }
      if (length > limit) throw reader.fail(`a ${name} of ${length} bytes is longer than ${limit}`);
      return read(reader, length);
    },
    write: (writer, value) => {
      if (value !== null) write(writer, value, writeLength, limit);
      else if (nullable) writeLength(writer, -1);
      else throw mismatch(name, null);
    },
  };
}

function compileArray(type: ArrayType<AnyType>, { version, flexible, nullable }: Place): AnyCodec {
  const element = compileType(type.element, { version, flexible, nullable: false, tagged: false });
  const readElement = element.read;
  const writeElement = element.write;
  return {
    read: (reader) => {
      const length = flexible ? readCompactLength(reader) : reader.int32();
      if (length < 0) {
        if (nullable) return null;
        throw reader.fail(`an array that cannot be null has length ${length}`);
      }
      // No element that Kafka writes is empty: a longer array is hostile or torn, and nothing is allocated for it.
      if (length > reader.remaining) {
        throw reader.fail(`an array of ${length} elements cannot fit in the ${reader.remaining} bytes left`);
      }
      if (length > MAX_ARRAY_LENGTH) {
        throw reader.fail(`an array of ${length} elements is longer than ${MAX_ARRAY_LENGTH}`);
      }
      const values: unknown[] = [];
      try {
        while (values.length < length) values.push(readElement(reader));
      } catch (error) {
        throw located(error, values.length);
      }
      return values;
    },
    write: (writer, value) => {
      if (value === null && nullable) {
        if (flexible) writer.unsignedVarint(0);
        else writer.int32(-1);
        return;
      }
      if (!Array.isArray(value)) throw mismatch("an array", value);
      if (flexible) writeCompactLength(writer, value.length);
      else writer.int32(value.length);
      let index = 0;
      try {
        for (; index < value.length; index++) writeElement(writer, value[index]);
      } catch (error) {
        throw located(error, index);
      }
    },
  };
}

/**
 * A struct that may be null follows a byte that is negative for null; 0 counts as present when reading. In a
 * tagged field it follows a varint, which is 0 for null.
 */
function compileNullableStruct(type: StructType<Fields>, place: Place): AnyCodec {
  const codec = compileStruct(type, place);
  const readIsNull = place.tagged
    ? (reader: Reader) => reader.unsignedVarint() <= 0
    : (reader: Reader) => reader.int8() < 0;
  const nullMark = place.tagged ? 0 : -1;
  return {
    read: (reader) => (readIsNull(reader) ? null : codec.read(reader)),
    write: (writer, value) => {
      // As a varint, 0 and 1 are the same one byte.
      writer.int8(value === null ? nullMark : 1);
      if (value !== null) codec.write(writer, value);
    },
  };
}

/** A field that the version writes among the ordinary ones. */
interface PresentField extends AnyCodec {
  readonly name: string;
  readonly field: AnyField;
}

function compileStruct(type: StructType<Fields>, { version, flexible }: Place): AnyCodec {
  const present: PresentField[] = [];
  const tagged: TaggedField[] = [];
  const absent: { readonly name: string; readonly field: AnyField }[] = [];
  for (const [name, field] of Object.entries(type.fields)) {
    const isPresent = containsVersion(field.versions, version);
    const isTagged = isPresent && containsVersion(field.taggedVersions, version);
    const codec = compileType(field.type, {
      version,
      flexible: flexible && field.flexible,
      nullable: containsVersion(field.nullableVersions, version),
      tagged: isTagged,
    });
    if (field.tag !== null && isTagged) {
      tagged.push({ ...codec, name, field, tag: field.tag, inVersion: true });
      continue;
    }
    if (isPresent) present.push({ ...codec, name, field });
    else absent.push({ name, field });
    // Kafka refuses a tag that a later version defines: it is known, and not valid here.
    if (field.tag !== null) tagged.push({ ...codec, name, field, tag: field.tag, inVersion: false });
  }
  tagged.sort((a, b) => a.tag - b.tag);
  return {
    read: structReader(type, present, flexible ? tagged : null),
    write: structWriter(type, version, present, absent, flexible ? tagged : null),
  };
}

function structReader(
  type: StructType<Fields>,
  present: readonly PresentField[],
  tagged: readonly TaggedField[] | null,
): (reader: Reader) => object {
  // Every field is set in the schema's order, whatever the version, so that all versions of a struct share
  // one hidden class and the code that reads the result stays monomorphic.
  const names = Object.keys(type.fields);
  const steps = names.map((name): Step => {
    const read = present.find((field) => field.name === name)?.read;
    return read ?? defaultOf(type.fields[name] as AnyField);
  });
  const locate = (error: unknown, index: number): unknown => located(error, names[index] as string);
  const readFields =
    type.make === null ? assigning(names, steps, locate) : constructing(type.make, steps, locate);
  if (tagged === null) return readFields;
  return (reader) => {
    const value = readFields(reader);
    readTaggedFields(reader, tagged, value as Struct);
    return value;
  };
}

/** Sets the fields by name. */
function assigning(
  names: readonly string[],
  steps: readonly Step[],
  locate: (error: unknown, index: number) => unknown,
): (reader: Reader) => Struct {
  return (reader) => {
    const value: Struct = {};
    let index = 0;
    try {
      for (; index < steps.length; index++) {
        value[names[index] as string] = (steps[index] as Step)(reader);
      }
    } catch (error) {
      throw locate(error, index);
    }
    return value;
  };
}

function structWriter(
  type: StructType<Fields>,
  version: number,
  present: readonly PresentField[],
  absent: readonly { readonly name: string; readonly field: AnyField }[],
  tagged: readonly TaggedField[] | null,
): (writer: Writer, value: unknown) => void {
  const refusable = absent.filter(({ field }) => !field.ignorable);
  const names = present.map(({ name }) => name);
  const writes = present.map(({ write }) => write);
  const defaults = present.map(({ field }) => defaultOf(field));
  const writeTags =
    tagged === null ? refuseTags(version) : tagged.length === 0 ? writeUnknownTags : writeAllTags(tagged);
  return (writer, value) => {
    if (typeof value !== "object" || value === null) throw mismatch(type.name, value);
    const struct = value as Struct;
    if (refusable.length > 0) refuse(refusable, version, struct);
    let index = 0;
    try {
      for (; index < writes.length; index++) {
        const given = struct[names[index] as string];
        (writes[index] as AnyCodec["write"])(
          writer,
          given === undefined ? (defaults[index] as () => unknown)() : given,
        );
      }
    } catch (error) {
      throw located(error, names[index] as string);
    }
    writeTags(writer, struct);
  };
}

/** Kafka refuses to lose a value silently: a field that the version lacks must have its default. */
function refuse(
  fields: readonly { readonly name: string; readonly field: AnyField }[],
  version: number,
  struct: Struct,
): void {
  for (const { name, field } of fields) {
    if (isDefault(field, struct[name])) continue;
    throw new EncodeError(
      `version ${version} has no such field and its value is not the default: ` +
        `it exists in versions ${formatVersions(field.versions)}`,
    ).within(name);
  }
}

/** A struct without tagged fields of its own ends in one zero, but for what was decoded from a newer version. */
function writeUnknownTags(writer: Writer, struct: Struct): void {
  if (struct["unknownTaggedFields"] === undefined) writer.unsignedVarint(0);
  else writeTaggedFields(writer, [], struct);
}

function writeAllTags(tagged: readonly TaggedField[]): (writer: Writer, struct: Struct) => void {
  return (writer, struct) => writeTaggedFields(writer, tagged, struct);
}

function refuseTags(version: number): (writer: Writer, struct: Struct) => void {
  return (_, struct) => {
    const unknown = struct["unknownTaggedFields"] as readonly unknown[] | undefined;
    if (unknown === undefined || unknown.length === 0) return;
    throw new EncodeError(`version ${version} has no tagged fields, and there are some to write`).within(
      "unknownTaggedFields",
    );
  };
}
