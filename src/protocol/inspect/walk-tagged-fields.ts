/** The tagged fields at the end of a struct (KIP-482): a count, then each tag with a size and a value. */

import type { AnyType, Field, Fields } from "../schema.ts";
import { containsVersion } from "../versions.ts";
import type { SpanBuilder } from "./span-builder.ts";

/** As in `tagged-fields.ts`: Kafka's own classes read no more in a struct. */
const MAX_TAGGED_FIELDS = 10_000;

type AnyField = Field<AnyType, boolean>;

/**
 * Makes the spans of the tagged fields of the struct at `path`.
 *
 * @param walkField walks the value of a field that the schema knows
 */
export function walkTaggedFields(
  spans: SpanBuilder,
  fields: Fields,
  version: number,
  path: string,
  walkField: (field: AnyField, path: string) => void,
): void {
  const { reader } = spans;
  spans.group("array", `${path}.taggedFields`, "tagged fields", () => {
    const count = spans.leaf("framing", path, "tagged field count", (from) => from.unsignedVarint());
    if (count === 0) return undefined;
    // Each takes at least a tag and a size.
    if (count < 0 || count > reader.remaining / 2) {
      throw spans.fail(path, `${count >>> 0} tagged fields cannot fit`);
    }
    if (count > MAX_TAGGED_FIELDS) {
      throw spans.fail(path, `${count} tagged fields are more than ${MAX_TAGGED_FIELDS}`);
    }
    const known = Object.entries(fields).filter(([, field]) => field.tag !== null);
    let unknown = 0;
    for (let i = 0; i < count; i++) {
      // The path depends on the tag, so it is looked at before it is read.
      const tag = peekTag(spans);
      const match = known.find(([, field]) => field.tag === tag);
      const fieldPath =
        match === undefined ? `${path}.unknownTaggedFields[${unknown++}]` : `${path}.${match[0]}`;
      const type = match === undefined ? "unknown tagged field" : "tagged field";
      spans.group("struct", fieldPath, type, () => {
        spans.leaf("framing", fieldPath, "tag", (from) => from.unsignedVarint() >>> 0);
        const size = spans.leaf("framing", fieldPath, "tagged field size", (from) => from.unsignedVarint());
        if (match === undefined) {
          if (size < 0) throw spans.fail(fieldPath, `tagged field ${tag} has ${size >>> 0} bytes`);
          spans.leaf("content", `${fieldPath}.data`, "bytes", (from) => from.view(size));
          return undefined;
        }
        const [name, field] = match;
        if (!isTaggedIn(field, version)) {
          throw spans.fail(fieldPath, `tag ${tag} (${name}) is not valid in this version`);
        }
        const start = reader.offset;
        walkField(field, fieldPath);
        // Kafka reads on from where the value ends and does not compare, so neither is this an error.
        const taken = reader.offset - start;
        return taken === size ? undefined : { note: `says ${size >>> 0} bytes and takes ${taken}` };
      });
    }
    return undefined;
  });
}

function isTaggedIn(field: AnyField, version: number): boolean {
  return containsVersion(field.versions, version) && containsVersion(field.taggedVersions, version);
}

/** The tag that comes next; null where the bytes end or are no varint, which reading it will then say. */
function peekTag({ reader }: SpanBuilder): number | null {
  let tag = 0;
  for (let i = 0; i < 5; i++) {
    const byte = reader.bytes[reader.offset + i];
    if (byte === undefined) return null;
    tag |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) return tag >>> 0;
  }
  return null;
}
