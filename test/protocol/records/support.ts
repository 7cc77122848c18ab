/** What the tests of record batches share: bytes as text, hand-made batches, and slow CRCs to hold others against. */

import { compressionCodecs } from "../../../src/compression/codecs.ts";
import { zstdDecompressor } from "../../../src/compression/zstd.ts";
import { decompressFrames } from "../../../src/compression/zstd-in-typescript.ts";
import { platform } from "../../../src/platform/node.ts";
import type {
  CompressionCodec,
  CompressionType,
  Decompressor,
} from "../../../src/protocol/records/compression-type.ts";
import type { RecordBatch } from "../../../src/protocol/records/record-batch.ts";

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

const codecs = compressionCodecs(platform.zlib);

/** As the client's, but never with a promise. */
export function decompressorFor(type: CompressionType): Decompressor | null {
  return type === "zstd" ? zstdDecompressor(platform.zlib, decompressFrames) : codecs.forReading(type);
}

/** Every codec that can compress here: zstd is one of them only where Node.js has it. */
export const writable: readonly CompressionCodec[] = codecs.supported.flatMap(
  (type) => codecs.forWriting(type) ?? [],
);

export const gzip = codecs.forWriting("gzip") as CompressionCodec;

/** CRC-32C by its definition, a bit at a time. */
export function bitwiseCrc32c(bytes: Uint8Array, previous = 0): number {
  return bitwiseCrc(bytes, 0x82f63b78, previous);
}

/** CRC-32 by its definition. */
export function bitwiseCrc32(bytes: Uint8Array): number {
  return bitwiseCrc(bytes, 0xedb88320, 0);
}

function bitwiseCrc(bytes: Uint8Array, polynomial: number, previous: number): number {
  let crc = ~previous;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
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

export interface RawMessage {
  readonly offset?: bigint;
  readonly length?: number;
  readonly crc?: number;
  readonly magic?: number;
  readonly attributes?: number;
  /** Written in magic 1 only. */
  readonly timestamp?: bigint;
  /** As hex. */
  readonly key?: string | null;
  /** As hex, or as bytes. */
  readonly value?: string | Uint8Array | null;
  /** What follows the value, as hex. */
  readonly rest?: string;
}

/** A message of magic 0 or 1 written field by field, so that it can say anything; its CRC is right unless given. */
export function rawMessage(fields: RawMessage): Uint8Array {
  const { magic = 1, key = null, value = null } = fields;
  const parts = [key, value].map((part) => {
    const content = typeof part === "string" ? fromHex(part) : (part ?? new Uint8Array(0));
    const size = new Uint8Array(4);
    new DataView(size.buffer).setInt32(0, part === null ? -1 : content.byteLength);
    return joined(size, content);
  });
  const bytes = joined(new Uint8Array(magic === 0 ? 18 : 26), ...parts, fromHex(fields.rest ?? ""));
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, fields.offset ?? 0n);
  view.setInt32(8, fields.length ?? bytes.byteLength - 12);
  view.setInt8(16, magic);
  view.setInt8(17, fields.attributes ?? 0);
  if (magic !== 0) view.setBigInt64(18, fields.timestamp ?? -1n);
  view.setUint32(12, fields.crc ?? bitwiseCrc32(bytes.subarray(16)));
  return bytes;
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
  const payload = batch.decompress(decompressorFor(batch.compressionType), maxSize);
  if (payload instanceof Promise) throw new Error("the codecs of the tests are synchronous");
  return Array.from(batch.records(payload), (record) => ({
    offset: record.offset,
    timestamp: record.timestamp,
    key: hexOrNull(record.key),
    value: hexOrNull(record.value),
    headers: record.headers.map(({ key, value }) => [key, hexOrNull(value)] as const),
  }));
}
