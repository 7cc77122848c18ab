import type { AnyType, Field, Fields } from "./schema.ts";

type AnyField = Field<AnyType, boolean>;

/** Makes the default of a field, fresh each time where it could be changed by who gets it. */
export function defaultOf(field: AnyField): () => unknown {
  const { type } = field;
  if (field.default !== undefined) {
    if (Array.isArray(field.default)) return () => [];
    return () => field.default;
  }
  switch (type.kind) {
    case "scalar":
    case "sized":
      return () => type.zero;
    case "array":
      return () => [];
    case "struct": {
      const fields = Object.entries(type.fields).map(([name, inner]) => [name, defaultOf(inner)] as const);
      return () => Object.fromEntries(fields.map(([name, make]) => [name, make()]));
    }
  }
}

/**
 * Whether `value` is the default of its field. Undefined is. A struct is when all its fields are and it holds
 * no unknown tagged field.
 */
export function isDefault(field: AnyField, value: unknown): boolean {
  if (value === undefined) return true;
  const { type } = field;
  if (value === null || field.default === null)
    return value === field.default || (value === null && zero(type) === null);
  switch (type.kind) {
    case "scalar": {
      const expected = field.default ?? type.zero;
      return type.equals === undefined ? value === expected : type.equals(value, expected);
    }
    case "sized":
      return type.name === "string"
        ? value === (field.default ?? type.zero)
        : isEmpty(value) && type.zero !== null;
    case "array":
      return isEmpty(value);
    case "struct":
      return isDefaultStruct(type.fields, value as Record<string, unknown>);
  }
}

function isDefaultStruct(fields: Fields, value: Record<string, unknown>): boolean {
  const unknown = value["unknownTaggedFields"];
  if (unknown !== undefined && !isEmpty(unknown)) return false;
  for (const [name, inner] of Object.entries(fields)) {
    if (!isDefault(inner, value[name])) return false;
  }
  return true;
}

function zero(type: AnyType): unknown {
  return type.kind === "sized" ? type.zero : undefined;
}

function isEmpty(value: unknown): boolean {
  return (value as ArrayLike<unknown>).length === 0;
}
