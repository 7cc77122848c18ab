/** Bytes that open with an int16 version: what Kafka stores in records, and inside the fields of messages. */

import { codecFor } from "./compile.ts";
import { DecodeError } from "./errors.ts";
import type { Reader } from "./reader.ts";
import type { Fields, InferInput, MessageSchema } from "./schema.ts";
import { Writer } from "./writer.ts";

/**
 * Encodes `value` as `version` of its message, after the version itself.
 *
 * @throws EncodeError when the value does not fit the schema, naming the field.
 * @throws RangeError when the message has no such version.
 */
export function encodeVersioned<F extends Fields>(
  schema: MessageSchema<F>,
  version: number,
  value: InferInput<MessageSchema<F>>,
): Uint8Array {
  const codec = codecFor(schema, version);
  const writer = new Writer();
  writer.int16(version);
  codec.encode(writer, value);
  return writer.toBytes();
}

/**
 * Reads the int16 that opens the bytes of `name`.
 *
 * @throws DecodeError when the bytes end before it.
 */
export function readVersion(reader: Reader, name: string): number {
  try {
    return reader.int16();
  } catch (error) {
    throw error instanceof DecodeError ? error.within(name) : error;
  }
}
