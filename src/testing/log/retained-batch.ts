/** A batch with some of its records, as compaction leaves it: offsets, producer and sequence stay what they were. */

import { putInt16, putInt32, putInt64 } from "../../protocol/records/big-endian.ts";
import { type Compressor, compressionTypes } from "../../protocol/records/compression-type.ts";
import { crc32c } from "../../protocol/records/crc32c.ts";
import {
  ATTRIBUTES_AT,
  BASE_TIMESTAMP_AT,
  COMPRESSION_MASK,
  CRC_AT,
  DELETE_HORIZON_FLAG,
  LENGTH_AT,
  LOG_OVERHEAD,
  MAX_TIMESTAMP_AT,
  RECORD_BATCH_OVERHEAD,
  RECORD_COUNT_AT,
} from "../../protocol/records/layout.ts";
import type { RecordBatch } from "../../protocol/records/record-batch.ts";
import {
  leastBodySize,
  putBody,
  type RecordHeaderInput,
  textExcess,
} from "../../protocol/records/record-encoding.ts";
import { putVarint, varintLength } from "../../protocol/records/varints.ts";

/** A record that stays. */
export interface RetainedRecord {
  readonly offset: bigint;
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeaderInput[];
}

const NO_TIMESTAMP = -1;

/**
 * The bytes of the batch with these records.
 *
 * @param deleteHorizonMs until when its tombstones and markers stay (KIP-534); null for no such time
 * @param compressor of the batch's type; null writes records that are compressed uncompressed
 */
export function retainedBatch(
  batch: RecordBatch,
  records: readonly RetainedRecord[],
  deleteHorizonMs: number | null,
  compressor: Compressor | null,
): Uint8Array {
  const baseTimestamp = deleteHorizonMs ?? records[0]?.timestamp ?? NO_TIMESTAMP;
  const plain = encoded(records, batch.baseOffset, baseTimestamp);
  const compressed = plain.byteLength === 0 ? null : (compressor?.compress(plain) ?? null);
  // Where the runtime compresses only asynchronously, they stay as they are.
  if (compressed instanceof Promise) compressed.catch(() => {});
  const isCompressed = compressed instanceof Uint8Array;
  const body = isCompressed ? compressed : plain;
  const bytes = new Uint8Array(RECORD_BATCH_OVERHEAD + body.byteLength);
  bytes.set(batch.bytes.subarray(0, RECORD_BATCH_OVERHEAD));
  bytes.set(body, RECORD_BATCH_OVERHEAD);
  let attributes = batch.attributes & ~COMPRESSION_MASK & ~DELETE_HORIZON_FLAG;
  if (isCompressed) attributes |= compressionTypes.indexOf(batch.compressionType);
  if (deleteHorizonMs !== null && records.length > 0) attributes |= DELETE_HORIZON_FLAG;
  const keepsMaximum = batch.timestampType === "LOG_APPEND_TIME" || records.length === 0;
  const maxTimestamp = keepsMaximum
    ? batch.maxTimestamp
    : records.reduce((max, { timestamp }) => Math.max(max, timestamp), NO_TIMESTAMP);
  putInt32(bytes, LENGTH_AT, bytes.byteLength - LOG_OVERHEAD);
  putInt16(bytes, ATTRIBUTES_AT, attributes);
  putInt64(bytes, BASE_TIMESTAMP_AT, records.length === 0 ? NO_TIMESTAMP : baseTimestamp);
  putInt64(bytes, MAX_TIMESTAMP_AT, maxTimestamp);
  putInt32(bytes, RECORD_COUNT_AT, records.length);
  putInt32(bytes, CRC_AT, crc32c(bytes, ATTRIBUTES_AT, bytes.byteLength));
  return bytes;
}

function encoded(records: readonly RetainedRecord[], baseOffset: bigint, baseTimestamp: number): Uint8Array {
  const sizes = records.map(({ offset, timestamp, key, value, headers }) => {
    const least = leastBodySize(timestamp - baseTimestamp, Number(offset - baseOffset), key, value, headers);
    return least + textExcess(key, value, headers);
  });
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + varintLength(size) + size, 0));
  let at = 0;
  records.forEach(({ offset, timestamp, key, value, headers }, index) => {
    at = putVarint(bytes, at, sizes[index] as number);
    const offsetDelta = Number(offset - baseOffset);
    at = putBody(bytes, at, timestamp - baseTimestamp, offsetDelta, key, value, headers);
  });
  return bytes;
}
