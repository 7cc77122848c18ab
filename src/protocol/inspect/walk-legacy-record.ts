/**
 * A record of the time before record batches: magic 0, and magic 1 with a timestamp. Compressed ones are wrapped,
 * a whole set of them, in the value of one.
 */

import { bigInt64At, int32At } from "../records/big-endian.ts";
import { compressionTypes } from "../records/compression-type.ts";
import { COMPRESSION_MASK, LENGTH_AT, LOG_APPEND_TIME_FLAG, LOG_OVERHEAD } from "../records/layout.ts";
import { walkCompressed } from "./compressed.ts";
import { compareCrc, describeTimestamp } from "./notes.ts";
import type { SpanBuilder } from "./span-builder.ts";
import type { WalkEmbedded } from "./walk-record.ts";

/** The record around a set of them. */
export interface WrappedIn {
  /** What the offsets inside are added to: they are absolute in magic 0, and in magic 1 counted from the first. */
  readonly baseOffset: bigint;
}

/**
 * Makes the spans of the legacy record that fills the region of `spans`.
 *
 * @param wrapper what it was itself wrapped in
 * @param walkSet walks the records that are wrapped in this one
 */
export function walkLegacyRecord(
  spans: SpanBuilder,
  path: string,
  magic: 0 | 1,
  walkEmbedded: WalkEmbedded,
  wrapper: WrappedIn | null,
  walkSet: (spans: SpanBuilder, path: string, wrapper: WrappedIn) => void,
): void {
  const { reader } = spans;
  const offset = spans.leaf(
    "value",
    `${path}.offset`,
    "int64",
    (from) => from.int64(),
    (value) => (wrapper === null ? { value } : { value, note: `offset ${wrapper.baseOffset + value}` }),
  );
  spans.leaf("framing", `${path}.messageSize`, "int32", (from) => from.int32());
  spans.leaf(
    "value",
    `${path}.crc`,
    "uint32",
    (from) => from.uint32(),
    (crc) => compareCrc(spans, `${path}.crc`, crc, crc32(reader.bytes, reader.offset), "CRC-32"),
  );
  spans.leaf("value", `${path}.magic`, "int8", (from) => from.int8());
  const attributes = spans.leaf(
    "value",
    `${path}.attributes`,
    "int8",
    (from) => from.int8(),
    (value) => ({ value, note: describeAttributes(value, magic) }),
  );
  if (magic === 1) {
    spans.leaf("value", `${path}.timestamp`, "int64", (from) => from.int64(), describeTimestamp);
  }
  const code = attributes & COMPRESSION_MASK;
  const type = compressionTypes[code];
  // zstd came with magic 2.
  if (type === undefined || type === "zstd") {
    throw spans.fail(`${path}.attributes`, `there is no compression type ${code} in magic ${magic}`);
  }
  const recordKey = walkPart(spans, `${path}.key`, (bytes, keyPath) =>
    walkEmbedded(spans, { path: keyPath, bytes, recordKey: null }, false),
  );
  walkPart(spans, `${path}.value`, (bytes, valuePath) => {
    if (type === "none") return walkEmbedded(spans, { path: valuePath, bytes, recordKey }, false);
    // What is wrapped is not wrapped again: nothing that ever wrote to Kafka did that, but a bomb would.
    if (wrapper !== null) return false;
    walkCompressed(spans, valuePath, { type, magic }, bytes.byteLength, (inner) => {
      const baseOffset = magic === 0 ? 0n : offset - lastOffset(inner.bytes);
      walkSet(inner, valuePath, { baseOffset });
    });
    return true;
  });
}

/** A byte string behind an int32, null where that is negative. */
function walkPart(
  spans: SpanBuilder,
  path: string,
  lookInside: (bytes: Uint8Array, path: string) => boolean,
): Uint8Array | null {
  const { reader } = spans;
  let content: Uint8Array | null = null;
  spans.group("value", path, "nullable bytes", () => {
    const length = spans.leaf("framing", path, "bytes length", (from) => from.int32());
    if (length < 0) return { value: null };
    if (length > reader.remaining) {
      throw spans.fail(path, `${length} bytes do not fit in the ${reader.remaining} left of the record`);
    }
    content = reader.bytes.subarray(reader.offset, reader.offset + length);
    if (length === 0 || !lookInside(content, path)) {
      spans.leaf("content", path, "bytes", (from) => from.view(length));
    }
    return { value: content };
  });
  return content;
}

/** The offset of the last record that is whole, by which the wrapper's offset tells all others. */
function lastOffset(set: Uint8Array): bigint {
  let last = 0n;
  for (let at = 0; at + LOG_OVERHEAD <= set.byteLength; ) {
    const next = at + LOG_OVERHEAD + Math.max(int32At(set, at + LENGTH_AT), 0);
    if (next > set.byteLength) break;
    last = bigInt64At(set, at);
    at = next;
  }
  return last;
}

function describeAttributes(attributes: number, magic: 0 | 1): string {
  const code = attributes & COMPRESSION_MASK;
  const compression = code === 0 ? "no compression" : (compressionTypes[code] ?? `compression ${code}`);
  if (magic === 0) return compression;
  return `${compression}, ${(attributes & LOG_APPEND_TIME_FLAG) === 0 ? "CREATE_TIME" : "LOG_APPEND_TIME"}`;
}

/** CRC-32 as in zip files, a bit at a time: the inspector has time, and no need of tables. */
function crc32(bytes: Uint8Array, start: number): number {
  let crc = -1;
  for (let i = start; i < bytes.byteLength; i++) {
    crc ^= bytes[i] as number;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
  }
  return ~crc >>> 0;
}
