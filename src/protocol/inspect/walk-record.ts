/** One record of a batch of magic 2. All its numbers are zigzag varints. */

import { dateOf } from "./notes.ts";
import type { OpaqueBytes } from "./options.ts";
import type { SpanBuilder } from "./span-builder.ts";

/** Looks into a byte string where somebody knows what is in it; false where it stays as it is. */
export type WalkEmbedded = (spans: SpanBuilder, field: OpaqueBytes, isControl: boolean) => boolean;

/** What a record's numbers are counted from. */
export interface BatchOfRecord {
  readonly baseOffset: bigint;
  readonly baseTimestamp: bigint;
  /** The timestamp of all records where the broker sets it; else null. */
  readonly logAppendTime: bigint | null;
  readonly isControl: boolean;
}

/** Makes the spans of the record that comes next, as leniently as `RecordIterator` reads it. */
export function walkRecord(
  spans: SpanBuilder,
  path: string,
  batch: BatchOfRecord,
  walkEmbedded: WalkEmbedded,
): void {
  const { reader } = spans;
  spans.group("struct", path, "record", () => {
    const length = spans.leaf("framing", path, "record length", (from) => from.varint());
    const end = reader.offset + length;
    if (length < 0 || length > reader.remaining) {
      throw spans.fail(path, `a record has ${length} bytes, and ${reader.remaining} bytes are left`);
    }
    spans.leaf("value", `${path}.attributes`, "int8", (from) => from.int8());
    spans.leaf(
      "value",
      `${path}.timestampDelta`,
      "varlong",
      (from) => from.varlong(),
      (value) => {
        const timestamp = batch.logAppendTime ?? batch.baseTimestamp + value;
        return { value, note: dateOf(timestamp) ?? `timestamp ${timestamp}` };
      },
    );
    spans.leaf(
      "value",
      `${path}.offsetDelta`,
      "varint",
      (from) => from.varint(),
      (value) => ({
        value,
        note: `offset ${batch.baseOffset + BigInt(value)}`,
      }),
    );
    const { isControl } = batch;
    const recordKey = walkPart(spans, `${path}.key`, end, (bytes, keyPath) =>
      walkEmbedded(spans, { path: keyPath, bytes, recordKey: null }, isControl),
    );
    walkPart(spans, `${path}.value`, end, (bytes, valuePath) =>
      walkEmbedded(spans, { path: valuePath, bytes, recordKey }, isControl),
    );
    walkHeaders(spans, `${path}.headers`, end);
    if (reader.offset !== end) {
      const taken = reader.offset - end + length;
      throw spans.fail(path, `a record says that it has ${length} bytes and its fields have ${taken}`);
    }
    return undefined;
  });
}

/** A byte string behind a varint, null where that is negative. It has to end at `end` or before. */
function walkPart(
  spans: SpanBuilder,
  path: string,
  end: number,
  lookInside: (content: Uint8Array, path: string) => boolean,
): Uint8Array | null {
  const { reader } = spans;
  let content: Uint8Array | null = null;
  spans.group("value", path, "nullable bytes", () => {
    const length = spans.leaf("framing", path, "bytes length", (from) => from.varint());
    if (length < 0) return { value: null };
    checkRoom(spans, path, length, end);
    content = reader.bytes.subarray(reader.offset, reader.offset + length);
    if (length === 0 || !lookInside(content, path)) {
      spans.leaf("content", path, "bytes", (from) => from.view(length));
    }
    return { value: content };
  });
  return content;
}

function walkHeaders(spans: SpanBuilder, path: string, end: number): void {
  spans.group("array", path, "array", () => {
    const count = spans.leaf("framing", path, "array length", (from) => from.varint());
    const left = Math.max(end - spans.reader.offset, 0);
    // A header takes at least two bytes.
    if (count < 0 || count > left)
      throw spans.fail(path, `a record has ${count} headers, and ${left} bytes are left`);
    for (let i = 0; i < count; i++) {
      const headerPath = `${path}[${i}]`;
      spans.group("struct", headerPath, "header", () => {
        walkHeaderKey(spans, `${headerPath}.key`, end);
        walkPart(spans, `${headerPath}.value`, end, () => false);
        return undefined;
      });
    }
    return undefined;
  });
}

function walkHeaderKey(spans: SpanBuilder, path: string, end: number): void {
  spans.group("value", path, "string", () => {
    const length = spans.leaf("framing", path, "string length", (from) => from.varint());
    if (length < 0) throw spans.fail(path, "the key of a header is null");
    checkRoom(spans, path, length, end);
    return { value: spans.leaf("content", path, "utf-8", (from) => from.text(length)) };
  });
}

function checkRoom(spans: SpanBuilder, path: string, length: number, end: number): void {
  const left = Math.max(end - spans.reader.offset, 0);
  if (length > left) throw spans.fail(path, `${length} bytes do not fit in the ${left} left of the record`);
}
