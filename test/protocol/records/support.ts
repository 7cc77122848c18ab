/** What the tests of record batches share: bytes as text, hand-made batches, and a slow CRC to hold ours against. */

import { gunzipSync, gzipSync } from "node:zlib";
import { gzipCodec } from "../../../src/compression/gzip.ts";
import type { RecordBatch } from "../../../src/protocol/records/record-batch.ts";

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

export const gzip = gzipCodec({
  gzip: (bytes) => gzipSync(bytes),
  gunzip: (bytes, maxSize) => gunzipSync(bytes, { maxOutputLength: maxSize }),
});

/** CRC-32C by its definition, a bit at a time. */
export function bitwiseCrc32c(bytes: Uint8Array, previous = 0): number {
  let crc = ~previous;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

export interface RawBatch {
  readonly baseOffset?: bigint;
  readonly length?: number;
  readonly partitionLeaderEpoch?: number;
  readonly magic?: number;
  readonly attributes?: number;
  readonly lastOffsetDelta?: number;
  readonly baseTimestamp?: bigint;
  readonly maxTimestamp?: bigint;
  readonly producerId?: bigint;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly recordCount?: number;
  /** What follows the header, as hex. */
  readonly records?: string;
}

/** A batch written field by field, so that it can say anything; its CRC is right. */
export function rawBatch(fields: RawBatch): Uint8Array {
  const records = fromHex(fields.records ?? "");
  const bytes = new Uint8Array(61 + records.byteLength);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, fields.baseOffset ?? 0n);
  view.setInt32(8, fields.length ?? bytes.byteLength - 12);
  view.setInt32(12, fields.partitionLeaderEpoch ?? -1);
  view.setInt8(16, fields.magic ?? 2);
  view.setInt16(21, fields.attributes ?? 0);
  view.setInt32(23, fields.lastOffsetDelta ?? 0);
  view.setBigInt64(27, fields.baseTimestamp ?? 0n);
  view.setBigInt64(35, fields.maxTimestamp ?? 0n);
  view.setBigInt64(43, fields.producerId ?? -1n);
  view.setInt16(51, fields.producerEpoch ?? -1);
  view.setInt32(53, fields.baseSequence ?? -1);
  view.setInt32(57, fields.recordCount ?? 1);
  bytes.set(records, 61);
  return withCrc(bytes);
}

/** The same bytes, with the CRC that they should have. */
export function withCrc(bytes: Uint8Array): Uint8Array {
  const result = Uint8Array.from(bytes);
  if (result.byteLength >= 61) new DataView(result.buffer).setUint32(17, bitwiseCrc32c(result.subarray(21)));
  return result;
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** A record with everything in it made, bytes as hex. */
export interface PlainRecord {
  readonly offset: bigint;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [string, string | null])[];
}

const hexOrNull = (bytes: Uint8Array | null): string | null => (bytes === null ? null : toHex(bytes));

/** All records of a batch, decompressed if need be. */
export function recordsOf(batch: RecordBatch, maxSize = 1 << 24): PlainRecord[] {
  const payload = batch.compressionType === "gzip" ? batch.decompress(gzip, maxSize) : undefined;
  if (payload instanceof Promise) throw new Error("the codec of the tests is synchronous");
  return Array.from(batch.records(payload), (record) => ({
    offset: record.offset,
    timestamp: record.timestamp,
    key: hexOrNull(record.key),
    value: hexOrNull(record.value),
    headers: record.headers.map(({ key, value }) => [key, hexOrNull(value)] as const),
  }));
}
