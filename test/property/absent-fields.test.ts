import { describe, expect, it } from "vitest";
import { encode } from "../../src/protocol/compile.ts";
import { EncodeError } from "../../src/protocol/errors.ts";
import type { AnyType, Field, Fields, MessageSchema } from "../../src/protocol/schema.ts";
import { containsVersion, formatVersions } from "../../src/protocol/versions.ts";
import { everyVersion, type MessageValue } from "../support/arbitraries.ts";
import { same } from "../support/interpreter.ts";

type AnyField = Field<AnyType, boolean>;

/** A field that a version lacks, though the structs around it are there. */
interface AbsentField {
  readonly schema: MessageSchema;
  readonly version: number;
  /** Where an EncodeError must point to. */
  readonly path: string;
  readonly field: AnyField;
  /** The least message that has `value` in this place. */
  readonly messageWith: (value: unknown) => MessageValue;
}

function absentFields(schema: MessageSchema, version: number): AbsentField[] {
  const found: AbsentField[] = [];
  const search = (fields: Fields, path: string, messageWith: AbsentField["messageWith"]) => {
    for (const [name, field] of Object.entries(fields)) {
      const place = `${path}.${name}`;
      if (!containsVersion(field.versions, version)) {
        found.push({
          schema,
          version,
          path: place,
          field,
          messageWith: (value) => messageWith({ [name]: value }),
        });
      } else if (field.type.kind === "struct") {
        search(field.type.fields, place, (value) => messageWith({ [name]: value }));
      } else if (field.type.kind === "array" && field.type.element.kind === "struct") {
        search(field.type.element.fields, `${place}[0]`, (value) => messageWith({ [name]: [value] }));
      }
    }
  };
  search(schema.struct.fields, schema.name, (value) => value as MessageValue);
  return found;
}

/** A value that is not the default of `field`. */
function otherThanDefault(field: AnyField): unknown {
  const { type } = field;
  switch (type.kind) {
    case "array":
      return [type.element.kind === "struct" ? {} : otherThanDefault({ ...field, type: type.element })];
    case "struct": {
      const [name, inner] = Object.entries(type.fields)[0] as [string, AnyField];
      return { [name]: otherThanDefault(inner) };
    }
    default:
      return (
        {
          bool: field.default !== true,
          int64: 77n,
          string: "other",
          uuid: `${"A".repeat(21)}Q`,
          bytes: Uint8Array.of(1),
          records: Uint8Array.of(1),
        }[type.name as string] ?? 77
      );
  }
}

const all = everyVersion().flatMap(({ schema, version }) => absentFields(schema, version));

describe("a field that a version lacks", () => {
  it("has cases of both kinds, at the top and inside", () => {
    for (const ignorable of [true, false]) {
      const kind = all.filter(({ field }) => field.ignorable === ignorable);
      expect(kind.some(({ path }) => path.includes("["))).toBe(true);
      expect(kind.some(({ path }) => !path.includes("["))).toBe(true);
    }
  });

  it("refuses another value than the default, and names the field and the versions that have it", () => {
    const refusable = all.filter(({ field }) => !field.ignorable);
    for (const { schema, version, path, field, messageWith } of refusable) {
      let refusal: unknown;
      try {
        encode(schema, version, messageWith(otherThanDefault(field)));
      } catch (error) {
        refusal = error;
      }
      expect(refusal, `${path} in v${version}`).toBeInstanceOf(EncodeError);
      const error = refusal as EncodeError;
      expect(error.path).toBe(path);
      expect(error.message).toContain(`version ${version} `);
      expect(error.message).toContain(formatVersions(field.versions));
    }
  });

  it("drops another value than the default where it may be ignored", () => {
    const ignorable = all.filter(({ field }) => field.ignorable);
    for (const { schema, version, path, field, messageWith } of ignorable) {
      const bytes = encode(schema, version, messageWith(otherThanDefault(field)));
      expect(same(bytes, encode(schema, version, messageWith(undefined))), `${path} in v${version}`).toBe(
        true,
      );
    }
  });
});
