/**
 * The body of one record of magic 2, which follows its own length: attributes, which Kafka does not use yet, a
 * timestamp and an offset as differences to the batch's, key, value, and headers. All lengths are zigzag
 * varints, -1 for null.
 */

import type { EncodeError } from "../errors.ts";
import { mismatch } from "../primitives.ts";
import { utf8Length } from "../utf8.ts";
import { putText } from "./put-text.ts";
import { putVarint, putVarlong, varintLength, varlongLength } from "./varints.ts";

/** Up to this many bytes a loop is cheaper than the call of `set`. */
const SHORT = 16;

/** What a key or a value may be; text is written as UTF-8. */
export type RecordField = string | Uint8Array | null;

/** A header to write. Its key is never null; several headers may share one. */
export interface RecordHeaderInput {
  readonly key: string;
  readonly value: string | Uint8Array | null;
}

export type RecordHeadersInput = readonly RecordHeaderInput[] | undefined;

/**
 * The size in bytes of the body if all its text were ASCII: exact where there is no text, else the least that
 * it can be.
 *
 * @throws EncodeError when a part is of a type that no record has; nothing later looks at types.
 */
export function leastBodySize(
  timestampDelta: number,
  offsetDelta: number,
  key: RecordField,
  value: RecordField,
  headers: RecordHeadersInput,
): number {
  return (
    1 +
    varlongLength(timestampDelta) +
    varintLength(offsetDelta) +
    leastFieldSize(key, "key") +
    leastFieldSize(value, "value") +
    (headers === undefined || headers.length === 0 ? 1 : leastHeadersSize(headers))
  );
}

/** How much larger than its least size a record, its length included, can be because of its text. */
export function textSlack(key: RecordField, value: RecordField, headers: RecordHeadersInput): number {
  let units = textLength(key) + textLength(value);
  if (headers !== undefined) {
    for (const header of headers) units += header.key.length + textLength(header.value);
  }
  // A unit takes at most three bytes, and a text three times as long at most one more byte for its length.
  return units === 0 ? 0 : 3 * units + 1;
}

/** How many bytes more than its least size the body takes. It looks at every unit of every text. */
export function textExcess(key: RecordField, value: RecordField, headers: RecordHeadersInput): number {
  let excess = fieldExcess(key) + fieldExcess(value);
  if (headers !== undefined) {
    for (const header of headers) excess += fieldExcess(header.key) + fieldExcess(header.value);
  }
  return excess;
}

/**
 * Writes the body at `start` and returns the index after it. The room must be there: while it writes, it never
 * reaches past where the finished body ends.
 */
export function putBody(
  bytes: Uint8Array,
  start: number,
  timestampDelta: number,
  offsetDelta: number,
  key: RecordField,
  value: RecordField,
  headers: RecordHeadersInput,
): number {
  bytes[start] = 0;
  let at = putVarlong(bytes, start + 1, timestampDelta);
  at = putVarint(bytes, at, offsetDelta);
  at = putField(bytes, at, key);
  at = putField(bytes, at, value);
  if (headers === undefined) {
    bytes[at] = 0;
    return at + 1;
  }
  at = putVarint(bytes, at, headers.length);
  for (let i = 0; i < headers.length; i++) {
    const header = headers[i] as RecordHeaderInput;
    at = putField(bytes, at, header.key);
    at = putField(bytes, at, header.value);
  }
  return at;
}

function putField(bytes: Uint8Array, at: number, field: RecordField): number {
  if (field === null) {
    bytes[at] = 1; // -1 in zigzag
    return at + 1;
  }
  if (typeof field === "string") return putSizedText(bytes, at, field);
  const size = field.byteLength;
  const start = putVarint(bytes, at, size);
  if (size > SHORT) bytes.set(field, start);
  else for (let i = 0; i < size; i++) bytes[start + i] = field[i] as number;
  return start + size;
}

/** Written as if it were ASCII, since then one pass is enough, and moved where its length turns out longer. */
function putSizedText(bytes: Uint8Array, at: number, text: string): number {
  const guessed = at + varintLength(text.length);
  const end = putText(bytes, guessed, text);
  const length = end - guessed;
  const start = at + varintLength(length);
  if (start !== guessed) bytes.copyWithin(start, guessed, end);
  putVarint(bytes, at, length);
  return start + length;
}

function leastHeadersSize(headers: readonly RecordHeaderInput[]): number {
  let size = varintLength(headers.length);
  for (let i = 0; i < headers.length; i++) {
    const { key, value } = headers[i] as RecordHeaderInput;
    if (typeof key !== "string") {
      throw mismatch("text, and a header's key cannot be null", key)
        .within("key")
        .within(i)
        .within("headers");
    }
    size += varintLength(key.length) + key.length;
    try {
      size += leastFieldSize(value, "value");
    } catch (error) {
      throw (error as EncodeError).within(i).within("headers");
    }
  }
  return size;
}

function leastFieldSize(field: RecordField, name: string): number {
  if (field === null) return 1;
  let length: number;
  if (typeof field === "string") length = field.length;
  else if (field instanceof Uint8Array) length = field.byteLength;
  else throw mismatch("text, bytes or null", field).within(name);
  return varintLength(length) + length;
}

function textLength(field: RecordField): number {
  return typeof field === "string" ? field.length : 0;
}

function fieldExcess(field: RecordField): number {
  if (typeof field !== "string") return 0;
  const length = utf8Length(field);
  return length + varintLength(length) - field.length - varintLength(field.length);
}
