/**
 * Tagged fields (KIP-482): after the ordinary fields of a struct in a flexible version come a count and then,
 * in ascending order of tags, each tag with the size of its value and the value.
 */

import { defaultOf, isDefault } from "./defaults.ts";
import { DecodeError, EncodeError } from "./errors.ts";
import type { ValueCodec } from "./primitives.ts";
import type { Reader } from "./reader.ts";
import type { AnyType, Field, UnknownTaggedField } from "./schema.ts";
import type { Writer } from "./writer.ts";

/** Kafka's own classes read no more tagged fields in a struct (`MessageUtil.MAX_TAGGED_FIELD_COUNT`). */
const MAX_TAGGED_FIELDS = 10_000;

/** Kafka's own writer takes no higher tag: the next one marks the end of its list. */
const HIGHEST_TAG = 0x7fff_fffe;

/** A tagged field that the schema knows. */
export interface TaggedField extends ValueCodec<unknown> {
  readonly name: string;
  readonly tag: number;
  readonly field: Field<AnyType, boolean>;
  /** False when only another version has it: Kafka then refuses the tag when it reads it. */
  readonly inVersion: boolean;
}

/** Reads the tagged fields of a struct into `value`. */
export function readTaggedFields(
  reader: Reader,
  known: readonly TaggedField[],
  value: Record<string, unknown>,
): void {
  const count = reader.unsignedVarint();
  if (count === 0) return;
  // Each takes at least a tag and a size.
  if (count < 0 || count > reader.remaining / 2) throw reader.fail(`${count >>> 0} tagged fields cannot fit`);
  if (count > MAX_TAGGED_FIELDS) {
    throw reader.fail(`${count} tagged fields are more than ${MAX_TAGGED_FIELDS}`);
  }
  let unknown: UnknownTaggedField[] | undefined;
  for (let i = 0; i < count; i++) {
    const tag = reader.unsignedVarint() >>> 0;
    const size = reader.unsignedVarint();
    const field = known.find((candidate) => candidate.tag === tag);
    if (field === undefined) {
      if (size < 0) throw reader.fail(`tagged field ${tag} has ${size >>> 0} bytes`);
      unknown ??= [];
      unknown.push({ tag, data: reader.view(size) });
      continue;
    }
    if (!field.inVersion) throw reader.fail(`tag ${tag} (${field.name}) is not valid in this version`);
    try {
      // The size of a known field is not compared with what it takes: Kafka does not compare it either.
      value[field.name] = field.read(reader);
    } catch (error) {
      throw error instanceof DecodeError ? error.within(field.name) : error;
    }
  }
  if (unknown !== undefined) value["unknownTaggedFields"] = unknown;
}

/** Writes the tagged fields of a struct: known ones that are not their default, and all unknown ones. */
export function writeTaggedFields(
  writer: Writer,
  known: readonly TaggedField[],
  value: Record<string, unknown>,
): void {
  const unknown = (value["unknownTaggedFields"] ?? []) as readonly UnknownTaggedField[];
  if (known.length === 0 && unknown.length === 0) {
    writer.unsignedVarint(0);
    return;
  }
  const present = known.filter((field) => field.inVersion && !isDefault(field.field, value[field.name]));
  writer.unsignedVarint(present.length + unknown.length);
  let at = 0;
  let previous = -1;
  for (const { tag, data } of unknown) {
    if (!Number.isInteger(tag) || tag < 0 || tag > HIGHEST_TAG) {
      throw refused(tag, `is no tag: they go from 0 to ${HIGHEST_TAG}`);
    }
    if (!(data instanceof Uint8Array)) throw refused(tag, "has data that is no Uint8Array");
    if (tag <= previous) throw refused(tag, `comes after tag ${previous}`);
    if (known.some((field) => field.tag === tag)) throw refused(tag, "is one that the schema knows");
    previous = tag;
    while (at < present.length && (present[at] as TaggedField).tag < tag) {
      writeKnown(writer, present[at++] as TaggedField, value);
    }
    writer.unsignedVarint(tag);
    writer.unsignedVarint(data.byteLength);
    writer.raw(data);
  }
  while (at < present.length) writeKnown(writer, present[at++] as TaggedField, value);
}

function writeKnown(writer: Writer, field: TaggedField, value: Record<string, unknown>): void {
  writer.unsignedVarint(field.tag);
  try {
    writer.sized((inner) => {
      const given = value[field.name];
      field.write(inner, given === undefined ? defaultOf(field.field)() : given);
    });
  } catch (error) {
    throw error instanceof EncodeError ? error.within(field.name) : error;
  }
}

function refused(tag: number, problem: string): EncodeError {
  return new EncodeError(`unknown tagged field ${tag} ${problem}`).within("unknownTaggedFields");
}
