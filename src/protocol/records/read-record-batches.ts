import { DecodeError } from "../errors.ts";
import { DefaultRecordBatch } from "./default-record-batch.ts";
import { PartialRecordBatchError } from "./errors.ts";
import {
  BASE_OFFSET_AT,
  LEGACY_OVERHEAD,
  LENGTH_AT,
  LOG_OVERHEAD,
  MAGIC,
  MAGIC_AT,
  RECORD_BATCH_OVERHEAD,
  SMALLEST_LENGTH,
} from "./layout.ts";
import type { Crc32 } from "./legacy-message.ts";
import { LegacyRecordBatch } from "./legacy-record-batch.ts";
import type { RecordBatch } from "./record-batch.ts";

export interface ReadRecordBatchesOptions {
  /** Whether each batch is held against its CRC before it is given out (`check.crcs`). Default: true. */
  readonly checkCrc?: boolean;
  /** Checks messages of magic 0 and 1; batches of magic 2 have a CRC-32C and do not need it. */
  readonly crc32?: Crc32 | undefined;
}

/** The size in bytes of an entry with nothing in it, by magic. */
const OVERHEAD: readonly number[] = [...LEGACY_OVERHEAD, RECORD_BATCH_OVERHEAD];

/**
 * Walks the record batches of a fetched partition, in which those of several magics may follow each other. A
 * batch is checked when it is reached, so those before a damaged one are given out first. A partial batch at
 * the end is left out: the next fetch brings it whole.
 *
 * @throws CorruptRecordBatchError when a batch's CRC is not that of its bytes.
 * @throws DecodeError when the bytes are no record batch.
 * @throws PartialRecordBatchError when a partial batch is all there is.
 * @throws TypeError when there is a message of magic 0 or 1, and it is to be checked, and `crc32` is not given.
 * @example
 * ```ts
 * import { RecordBatchBuilder, readRecordBatches } from "kafkawire/protocol";
 *
 * const builder = new RecordBatchBuilder();
 * builder.append(Date.now(), null, "hello");
 *
 * for (const batch of readRecordBatches(builder.build())) {
 *   console.log(batch.baseOffset, batch.recordCount, batch.compressionType); // 0n 1 none
 * }
 * ```
 */
export function* readRecordBatches(
  bytes: Uint8Array,
  options: ReadRecordBatchesOptions = {},
): Generator<RecordBatch, void> {
  const { checkCrc = true, crc32 = null } = options;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at < bytes.byteLength) {
    const size = batchSize(view, at);
    if (size === null || size > bytes.byteLength - at) {
      if (at === 0) throw partial(view, size);
      return;
    }
    const entry = new Uint8Array(bytes.buffer, bytes.byteOffset + at, size);
    const batch =
      view.getInt8(at + MAGIC_AT) === MAGIC
        ? new DefaultRecordBatch(entry, at)
        : new LegacyRecordBatch(entry, checkCrc ? crc32 : null, at);
    if (checkCrc) batch.ensureValid();
    yield batch;
    at += size;
  }
}

/** The size in bytes of the batch at `at`, its start included; null where even that is cut off. */
function batchSize(view: DataView, at: number): number | null {
  const available = view.byteLength - at;
  if (available < LOG_OVERHEAD) return null;
  const length = view.getInt32(at + LENGTH_AT);
  if (length < SMALLEST_LENGTH) throw tooShort(length, at);
  const size = LOG_OVERHEAD + length;
  if (available <= MAGIC_AT) return size;
  const magic = view.getInt8(at + MAGIC_AT);
  const overhead = OVERHEAD[magic];
  if (overhead === undefined) {
    throw new DecodeError(`a record batch has magic ${magic}, which does not exist`, at + MAGIC_AT);
  }
  if (size < overhead) throw tooShort(length, at);
  return size;
}

function tooShort(length: number, at: number): DecodeError {
  return new DecodeError(`a record batch of length ${length} is shorter than its header`, at + LENGTH_AT);
}

function partial(view: DataView, size: number | null): PartialRecordBatchError {
  const baseOffset = size === null ? null : view.getBigInt64(BASE_OFFSET_AT);
  return new PartialRecordBatchError(view.byteLength, baseOffset, size);
}
