/**
 * Kafka's JSON form of a message, as `java/GoldenMessages.java` prints it, turned into the value that our
 * decoder must give for the same bytes.
 */

import type { AnyType, Field, Fields, MessageSchema } from "../../src/protocol/schema.ts";
import { absentValue } from "../support/interpreter.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export function fromKafkaJson(schema: MessageSchema, json: Json): Record<string, unknown> {
  return structFrom(schema.name, schema.struct.fields, json);
}

function structFrom(name: string, fields: Fields, json: Json): Record<string, unknown> {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new TypeError(`${name} is no object in Kafka's JSON: ${JSON.stringify(json)}`);
  }
  const value: Record<string, unknown> = {};
  for (const [fieldName, field] of Object.entries(fields)) {
    const given = json[fieldName];
    value[fieldName] = given === undefined ? absentValue(field) : fieldFrom(field, given);
  }
  for (const [key, given] of Object.entries(json)) {
    if (key === "unknownTaggedFields") value[key] = unknownFrom(given);
    else if (fields[key] === undefined) throw new TypeError(`our ${name} has no field ${key}, Kafka's has`);
  }
  return value;
}

function unknownFrom(json: Json): { tag: number; data: Uint8Array }[] {
  // Java has no unsigned numbers: the highest tags come out negative.
  return (json as { tag: number; data: string }[]).map(({ tag, data }) => ({
    tag: tag >>> 0,
    data: fromBase64(data),
  }));
}

function fieldFrom(field: Field<AnyType, boolean>, json: Json): unknown {
  return json === null ? null : valueFrom(field.type, json);
}

function valueFrom(type: AnyType, json: Json): unknown {
  switch (type.kind) {
    case "array":
      return (json as Json[]).map((element) => valueFrom(type.element, element));
    case "struct":
      return structFrom(type.name, type.fields, json);
    default:
      return leafFrom(type.name, json);
  }
}

function leafFrom(name: string, json: Json): unknown {
  switch (name) {
    case "int64":
      return BigInt(json as string);
    case "uint32":
    case "float64":
      return Number(json);
    case "bytes":
    case "records":
      return fromBase64(json as string);
    default:
      return json;
  }
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "base64"));
}
