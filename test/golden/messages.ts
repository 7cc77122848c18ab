/** What the golden tests of messages share: which messages, and the comparison with what Kafka wrote. */

import { decode, encode } from "../../src/protocol/compile.ts";
import { messages } from "../../src/protocol/messages.ts";
import type { MessageSchema } from "../../src/protocol/schema.ts";
import { same } from "../support/interpreter.ts";
import { fromHex, type Generated, toHex } from "./java.ts";
import { fromKafkaJson } from "./kafka-json.ts";

export const names: readonly string[] = [...messages.keys()];

export function schemaOf(name: string): MessageSchema {
  const schema = messages.get(name);
  if (schema === undefined) throw new Error(`there is no schema of ${name}`);
  return schema;
}

/**
 * Holds one message that Kafka wrote against our codec: the values that we decode, the bytes that we encode
 * from those, and the bytes that we encode from Kafka's JSON without ever having seen its bytes.
 *
 * @returns what differs, or null.
 */
export function compareWithKafka({ name, version, hex, json }: Generated): string | null {
  const schema = schemaOf(name);
  const at = `${name} v${version} ${hex}`;
  const expected = fromKafkaJson(schema, JSON.parse(json));
  let step = "decoding";
  try {
    const decoded = decode(schema, version, fromHex(hex));
    if (!same(decoded, expected)) return `${at}: decodes to ${show(decoded)}, not to ${json}`;
    step = "encoding what was decoded";
    const again = toHex(encode(schema, version, decoded));
    if (again !== hex) return `${at}: is ${again} when encoded again`;
    step = "encoding Kafka's JSON";
    const encoded = toHex(encode(schema, version, expected));
    if (encoded !== hex) return `${at}: we write ${json} as ${encoded}`;
    return null;
  } catch (error) {
    return `${at}: ${step}: ${error}`;
  }
}

/** A value as text, for what a failing test says. */
export function show(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "bigint" ? `${inner}n` : inner instanceof Uint8Array ? `0x${toHex(inner)}` : inner,
  );
}

/** What a run says of how much it covered. */
export function countOf(instances: readonly { name: string; version: number }[]): string {
  const versions = new Set(instances.map(({ name, version }) => `${name} ${version}`)).size;
  const types = new Set(instances.map(({ name }) => name)).size;
  return `${types} messages, ${versions} message versions, ${instances.length} instances`;
}
