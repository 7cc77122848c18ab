import { DecodeError } from "../errors.ts";
import { PartialRecordBatchError } from "./errors.ts";
import {
  BASE_OFFSET_AT,
  LENGTH_AT,
  LOG_OVERHEAD,
  MAGIC,
  MAGIC_AT,
  RECORD_BATCH_OVERHEAD,
  SMALLEST_LENGTH,
} from "./layout.ts";
import { RecordBatch } from "./record-batch.ts";

export interface ReadRecordBatchesOptions {
  /** Whether each batch is held against its CRC-32C before it is given out (`check.crcs`). Default: true. */
  readonly checkCrc?: boolean;
}

/**
 * Walks the record batches of a fetched partition. A batch is checked when it is reached, so those before a
 * damaged one are given out first. A partial batch at the end is left out: the next fetch brings it whole.
 *
 * @throws CorruptRecordBatchError when a batch's CRC is not that of its bytes.
 * @throws DecodeError when the bytes are no record batch.
 * @throws PartialRecordBatchError when a partial batch is all there is.
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
  const checkCrc = options.checkCrc ?? true;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at < bytes.byteLength) {
    const size = batchSize(view, at);
    if (size === null || size > bytes.byteLength - at) {
      if (at === 0) throw partial(view, size);
      return;
    }
    const batch = new RecordBatch(new Uint8Array(bytes.buffer, bytes.byteOffset + at, size), at);
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
  if (length < SMALLEST_LENGTH) {
    throw new DecodeError(`a record batch of length ${length} is shorter than its header`, at + LENGTH_AT);
  }
  const size = LOG_OVERHEAD + length;
  if (available <= MAGIC_AT) return size;
  const magic = view.getInt8(at + MAGIC_AT);
  if (magic !== MAGIC) {
    const problem = magic === 0 || magic === 1 ? "is not supported yet" : "does not exist";
    throw new DecodeError(`a record batch has magic ${magic}, which ${problem}`, at + MAGIC_AT);
  }
  if (size < RECORD_BATCH_OVERHEAD) {
    throw new DecodeError(`a record batch of length ${length} is shorter than its header`, at + LENGTH_AT);
  }
  return size;
}

function partial(view: DataView, size: number | null): PartialRecordBatchError {
  const baseOffset = size === null ? null : view.getBigInt64(BASE_OFFSET_AT);
  return new PartialRecordBatchError(view.byteLength, baseOffset, size);
}
