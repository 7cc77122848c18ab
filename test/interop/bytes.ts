/** What a record is once it is bytes, worked out here by other means than the client's own. */

import { createHash } from "node:crypto";
import type { RecordData } from "../../src/mod.ts";
import type { AwkwardRecord } from "./awkward-records.ts";

/** Shown up to here, beyond as a digest; Records.java knows the same limit. */
const LONGEST_SHOWN = 1024;

/** Bytes of a record, with headers' keys as bytes too. */
export interface RecordBytes {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [key: Buffer, value: Buffer | null])[];
}

/** The bytes that every client is to make of `data`: text is UTF-8, with "?" for a lone surrogate, as in Java. */
export function bytesOf(data: RecordData): Buffer | null {
  if (data === null) return null;
  if (typeof data === "string") return textBytes(data);
  if (data instanceof ArrayBuffer) return Buffer.from(data);
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

function textBytes(text: string): Buffer {
  return Buffer.from(text.replace(/\p{Surrogate}/gu, "?"), "utf8");
}

export function recordBytes({
  key,
  value,
  headers,
}: Pick<AwkwardRecord, "key" | "value" | "headers">): RecordBytes {
  return {
    key: bytesOf(key),
    value: bytesOf(value),
    headers: headers.map(([name, content]) => [textBytes(name), bytesOf(content)]),
  };
}

/** "-" for null, hexadecimal, or a digest where that would be long. Records.java prints the same. */
export function show(bytes: Uint8Array | null): string {
  if (bytes === null) return "-";
  if (bytes.byteLength > LONGEST_SHOWN) {
    return `sha256:${createHash("sha256").update(bytes).digest("hex")}:${bytes.byteLength}`;
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/** The headers in one text: `key=value`, joined with commas. */
export function showHeaders(headers: RecordBytes["headers"]): string {
  return headers.map(([key, value]) => `${show(key)}=${show(value)}`).join(",");
}
