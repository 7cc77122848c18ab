/**
 * Walks a schema over bytes, field by field. It shares the primitive types with the compiled codec and none of
 * its closures, and is as lenient as that one: what decodes is inspected without an error, and the other way
 * round.
 */

import { readCompactLength, type SizedType } from "../primitives.ts";
import type { AnyType, ArrayType, Field, Fields, MessageSchema, StructType } from "../schema.ts";
import { containsVersion } from "../versions.ts";
import { consumerProtocol, controlRecords } from "./embedded.ts";
import { noteOn } from "./notes.ts";
import type { OpaqueBytes } from "./options.ts";
import type { Details, SpanBuilder } from "./span-builder.ts";
import { beginsWithBatch, walkRecordSet } from "./walk-record-set.ts";
import { walkTaggedFields } from "./walk-tagged-fields.ts";

/** As in `compile.ts`: Kafka's own classes read no longer array. */
const MAX_ARRAY_LENGTH = 1_000_000;

type AnyField = Field<AnyType, boolean>;

/** What reading a value depends on beside its type. */
interface Place {
  readonly version: number;
  readonly flexible: boolean;
  readonly nullable: boolean;
  /** Whether this is the value of a tagged field. */
  readonly tagged: boolean;
}

/** Makes a span of a whole message. */
export function walkMessage(spans: SpanBuilder, schema: MessageSchema, version: number, path: string): void {
  const walk = (): undefined => {
    walkFields(spans, schema, version, path);
  };
  spans.group("struct", path, schema.name, walk, { note: `version ${version}` });
}

/** Makes the spans of a message's fields. */
export function walkFields(spans: SpanBuilder, schema: MessageSchema, version: number, path: string): void {
  const flexible = containsVersion(schema.flexibleVersions, version);
  walkStruct(spans, schema.struct, { version, flexible, nullable: false, tagged: false }, path);
}

function walkStruct(spans: SpanBuilder, type: StructType<Fields>, place: Place, path: string): void {
  const { version, flexible } = place;
  for (const [name, field] of Object.entries(type.fields)) {
    if (containsVersion(field.versions, version) && !containsVersion(field.taggedVersions, version)) {
      walkField(spans, field, { ...place, tagged: false }, `${path}.${name}`);
    }
  }
  if (!flexible) return;
  walkTaggedFields(spans, type.fields, version, path, (field, fieldPath) =>
    walkField(spans, field, { ...place, tagged: true }, fieldPath),
  );
}

function walkField(spans: SpanBuilder, field: AnyField, place: Place, path: string): void {
  walkValue(spans, field.type, path, {
    version: place.version,
    flexible: place.flexible && field.flexible,
    nullable: containsVersion(field.nullableVersions, place.version),
    tagged: place.tagged,
  });
}

function walkValue(spans: SpanBuilder, type: AnyType, path: string, place: Place): void {
  switch (type.kind) {
    case "scalar":
      spans.leaf("value", path, type.name, type.read, (value) => ({ value, ...noteOn(path, value) }));
      return;
    case "sized":
      spans.group("value", path, typeName(type.name, place), () => walkSized(spans, type, path, place));
      return;
    case "array":
      spans.group("array", path, typeName("array", place), () => walkArray(spans, type, path, place));
      return;
    case "struct":
      spans.group("struct", path, place.nullable ? `nullable ${type.name}` : type.name, () => {
        if (place.nullable && !walkNullMarker(spans, path, place.tagged)) return { value: null };
        walkStruct(spans, type, place, path);
        return undefined;
      });
  }
}

function typeName(name: string, { flexible, nullable }: Place): string {
  return `${flexible ? "compact " : ""}${nullable ? "nullable " : ""}${name}`;
}

/** Whether a struct that may be null is there: an int8 is negative for null, in a tagged field a varint is 0. */
function walkNullMarker(spans: SpanBuilder, path: string, tagged: boolean): boolean {
  const isNull = (marker: number): boolean => (tagged ? marker <= 0 : marker < 0);
  const marker = spans.leaf(
    "framing",
    path,
    "null marker",
    (reader) => (tagged ? reader.unsignedVarint() : reader.int8()),
    (value) => ({ value, note: isNull(value) ? "null" : "present" }),
  );
  return !isNull(marker);
}

function walkSized(
  spans: SpanBuilder,
  type: SizedType<unknown, unknown>,
  path: string,
  { flexible, nullable }: Place,
): Details {
  const { name, limit } = type;
  const readLength = flexible ? readCompactLength : type.readLength;
  const length = spans.leaf("framing", path, `${flexible ? "compact " : ""}${name} length`, readLength);
  if (length < 0) {
    if (nullable) return { value: null };
    throw spans.fail(path, `a ${name} that cannot be null has length ${length}`);
  }
  if (length > limit) throw spans.fail(path, `a ${name} of ${length} bytes is longer than ${limit}`);
  const { reader } = spans;
  if (length > 0 && length <= reader.remaining) {
    const content = reader.bytes.subarray(reader.offset, reader.offset + length);
    // A snapshot is fetched in slices that need not begin with a batch.
    if (name === "records" && (!path.endsWith(".unalignedRecords") || beginsWithBatch(content))) {
      spans.region(length, path, (inner) => walkRecordSet(inner, path, walkEmbedded));
      return { value: content };
    }
    if (name === "bytes" && walkEmbedded(spans, { path, bytes: content, recordKey: null }, false)) {
      return { value: content };
    }
  }
  const contentType = name === "string" ? "utf-8" : name;
  const value = spans.leaf("content", path, contentType, (from) => type.read(from, length));
  return { value };
}

/** Looks into a byte string where somebody knows what is in it; false where it stays as it is. */
function walkEmbedded(spans: SpanBuilder, field: OpaqueBytes, isControl: boolean): boolean {
  const embedded = (isControl ? controlRecords : (spans.options.embedded ?? consumerProtocol))(field);
  if (embedded === null) return false;
  const { path, bytes } = field;
  const { schema, version, hasPrefix, header } = embedded;
  return spans.attempt(bytes.byteLength, path, (inner) => {
    if (hasPrefix) inner.leaf("framing", `${path}.version`, "int16", (reader) => reader.int16());
    if (header !== undefined)
      walkMessage(inner, header.schema, header.version, `${path}.${header.schema.name}`);
    walkMessage(inner, schema, version, `${path}.${schema.name}`);
  });
}

function walkArray(
  spans: SpanBuilder,
  type: ArrayType<AnyType>,
  path: string,
  { version, flexible, nullable }: Place,
): Details | undefined {
  const length = spans.leaf("framing", path, `${flexible ? "compact " : ""}array length`, (reader) =>
    flexible ? readCompactLength(reader) : reader.int32(),
  );
  if (length < 0) {
    if (nullable) return { value: null };
    throw spans.fail(path, `an array that cannot be null has length ${length}`);
  }
  const left = spans.reader.remaining;
  if (length > left) {
    throw spans.fail(path, `an array of ${length} elements cannot fit in the ${left} bytes left`);
  }
  if (length > MAX_ARRAY_LENGTH) {
    throw spans.fail(path, `an array of ${length} elements is longer than ${MAX_ARRAY_LENGTH}`);
  }
  const place = { version, flexible, nullable: false, tagged: false };
  for (let i = 0; i < length; i++) walkValue(spans, type.element, `${path}[${i}]`, place);
  return undefined;
}
