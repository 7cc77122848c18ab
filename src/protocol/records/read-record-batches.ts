import { DecodeError } from "../errors.ts";
import { bigInt64At, int8At, int32At } from "./big-endian.ts";
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
import { Memory } from "./memory.ts";
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
export function readRecordBatches(
  bytes: Uint8Array,
  options: ReadRecordBatchesOptions = {},
): IterableIterator<RecordBatch, undefined> {
  const { checkCrc = true, crc32 = null } = options;
  return new RecordBatchIterator(new Memory(bytes), checkCrc, crc32);
}

/** A class and no generator, which costs 20 ns more for each batch. */
class RecordBatchIterator implements IterableIterator<RecordBatch, undefined> {
  readonly #memory: Memory;
  readonly #end: number;
  readonly #checkCrc: boolean;
  readonly #crc32: Crc32 | null;
  #at = 0;

  constructor(memory: Memory, checkCrc: boolean, crc32: Crc32 | null) {
    this.#memory = memory;
    this.#end = memory.bytes.byteLength;
    this.#checkCrc = checkCrc;
    this.#crc32 = crc32;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<RecordBatch, undefined> {
    const at = this.#at;
    // It stays so when something throws or is partial: that was the last then.
    this.#at = this.#end;
    if (at >= this.#end) return { done: true, value: undefined };
    const { bytes } = this.#memory;
    const size = batchSize(bytes, at);
    if (size === null || size > this.#end - at) {
      if (at === 0) throw partial(bytes, size);
      return { done: true, value: undefined };
    }
    const batch = this.#batch(at, size);
    if (this.#checkCrc) batch.ensureValid();
    this.#at = at + size;
    return { done: false, value: batch };
  }

  #batch(at: number, size: number): RecordBatch {
    if (this.#memory.bytes[at + MAGIC_AT] === MAGIC) return new DefaultRecordBatch(this.#memory, at, size);
    const crc32 = this.#checkCrc ? this.#crc32 : null;
    return new LegacyRecordBatch(this.#memory.view(at, size), crc32, at);
  }
}

/** The size in bytes of the batch at `at`, its start included; null where even that is cut off. */
function batchSize(bytes: Uint8Array, at: number): number | null {
  const available = bytes.byteLength - at;
  if (available < LOG_OVERHEAD) return null;
  const length = int32At(bytes, at + LENGTH_AT);
  if (length < SMALLEST_LENGTH) throw tooShort(length, at);
  const size = LOG_OVERHEAD + length;
  if (available <= MAGIC_AT) return size;
  const magic = int8At(bytes, at + MAGIC_AT);
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

function partial(bytes: Uint8Array, size: number | null): PartialRecordBatchError {
  const baseOffset = size === null ? null : bigInt64At(bytes, BASE_OFFSET_AT);
  return new PartialRecordBatchError(bytes.byteLength, baseOffset, size);
}
