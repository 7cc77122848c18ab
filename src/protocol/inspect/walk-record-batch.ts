/** A record batch of magic 2: its header field by field, then its records. */

import { compressionTypes } from "../records/compression-type.ts";
import { crc32c } from "../records/crc32c.ts";
import {
  ATTRIBUTES_AT,
  COMPRESSION_MASK,
  CONTROL_FLAG,
  DELETE_HORIZON_FLAG,
  LOG_APPEND_TIME_FLAG,
  MAGIC,
  TRANSACTIONAL_FLAG,
} from "../records/layout.ts";
import { walkCompressed } from "./compressed.ts";
import { compareCrc, describeTimestamp } from "./notes.ts";
import type { Details, SpanBuilder } from "./span-builder.ts";
import { type BatchOfRecord, type WalkEmbedded, walkRecord } from "./walk-record.ts";

/** Makes the spans of the batch that fills the region of `spans`. */
export function walkRecordBatch(spans: SpanBuilder, path: string, walkEmbedded: WalkEmbedded): void {
  const { reader } = spans;
  const start = reader.offset;
  const int32 = (name: string, describe?: (value: number) => Details): number =>
    spans.leaf("value", `${path}.${name}`, "int32", (from) => from.int32(), describe);
  const int64 = (name: string, describe?: (value: bigint) => Details): bigint =>
    spans.leaf("value", `${path}.${name}`, "int64", (from) => from.int64(), describe);

  const baseOffset = int64("baseOffset");
  spans.leaf("framing", `${path}.batchLength`, "int32", (from) => from.int32());
  int32("partitionLeaderEpoch");
  spans.leaf("value", `${path}.magic`, "int8", (from) => from.int8());
  spans.leaf(
    "value",
    `${path}.crc`,
    "uint32",
    (from) => from.uint32(),
    (crc) => {
      const actual = crc32c(reader.bytes, start + ATTRIBUTES_AT);
      return compareCrc(spans, `${path}.crc`, crc, actual, "CRC-32C");
    },
  );
  const attributes = spans.leaf(
    "value",
    `${path}.attributes`,
    "int16",
    (from) => from.int16(),
    (value) => ({
      value,
      note: describeAttributes(value),
    }),
  );
  int32("lastOffsetDelta", (value) => {
    const details = { value, note: `last offset ${baseOffset + BigInt(value)}` };
    if (value >= 0) return details;
    const message = "the last offset of a record batch is before its first";
    return { ...details, error: spans.report(`${path}.lastOffsetDelta`, reader.offset - 4, message) };
  });
  const baseTimestamp = int64("baseTimestamp", describeTimestamp);
  const maxTimestamp = int64("maxTimestamp", describeTimestamp);
  int64("producerId", orNone);
  spans.leaf("value", `${path}.producerEpoch`, "int16", (from) => from.int16(), orNone);
  int32("baseSequence", orNone);
  const count = spans.leaf("framing", `${path}.recordCount`, "int32", (from) => from.int32());
  if (count < 0) throw spans.fail(`${path}.recordCount`, `a record batch has ${count} records`);

  const code = attributes & COMPRESSION_MASK;
  const compressionType = compressionTypes[code];
  if (compressionType === undefined) {
    throw spans.fail(`${path}.attributes`, `there is no compression type ${code}`);
  }
  const batch: BatchOfRecord = {
    baseOffset,
    baseTimestamp,
    logAppendTime: (attributes & LOG_APPEND_TIME_FLAG) === 0 ? null : maxTimestamp,
    isControl: (attributes & CONTROL_FLAG) !== 0,
  };
  const walkRecords = (from: SpanBuilder): void => {
    for (let i = 0; i < count; i++) walkRecord(from, `${path}.records[${i}]`, batch, walkEmbedded);
  };
  if (compressionType === "none") walkRecords(spans);
  else
    walkCompressed(
      spans,
      `${path}.records`,
      { type: compressionType, magic: MAGIC },
      reader.remaining,
      walkRecords,
    );
}

/** The bits of a batch's attributes in words; those that Kafka has not defined by their number. */
function describeAttributes(attributes: number): string {
  const code = attributes & COMPRESSION_MASK;
  const words = [
    compressionTypes[code] === "none" ? "no compression" : (compressionTypes[code] ?? `compression ${code}`),
    (attributes & LOG_APPEND_TIME_FLAG) === 0 ? "CREATE_TIME" : "LOG_APPEND_TIME",
  ];
  if (attributes & TRANSACTIONAL_FLAG) words.push("transactional");
  if (attributes & CONTROL_FLAG) words.push("control");
  if (attributes & DELETE_HORIZON_FLAG) words.push("delete horizon");
  for (let bit = 7; bit < 16; bit++) if (attributes & (1 << bit)) words.push(`bit ${bit}`);
  return words.join(", ");
}

function orNone(value: bigint | number): Details {
  return Number(value) === -1 ? { value, note: "none" } : { value };
}
