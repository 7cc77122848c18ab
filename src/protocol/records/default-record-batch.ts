import type { CompressionCodec } from "./compression-type.ts";
import { crc32c } from "./crc32c.ts";
import { CorruptRecordBatchError } from "./errors.ts";
import { ATTRIBUTES_AT, RECORD_BATCH_OVERHEAD } from "./layout.ts";
import { RecordBatchHeader } from "./record-batch-header.ts";
import { RecordIterator } from "./record-iterator.ts";

/**
 * A record batch of magic 2 as a view on the fetched memory. `readRecordBatches` makes them; nothing is
 * decoded before it is asked for.
 */
export class RecordBatch extends RecordBatchHeader {
  readonly #origin: number;

  /**
   * @param bytes a whole batch and nothing else
   * @param origin where it stands in what the caller gave, for errors
   * @throws DecodeError when the header says what no batch can be.
   */
  constructor(bytes: Uint8Array, origin: number) {
    super(bytes, origin);
    this.#origin = origin;
  }

  /**
   * Compares the CRC that the batch carries with that of its bytes.
   *
   * @throws CorruptRecordBatchError when they differ.
   */
  ensureValid(): void {
    const actual = crc32c(this.bytes, ATTRIBUTES_AT);
    if (actual !== this.crc) throw new CorruptRecordBatchError(this.baseOffset, this.crc, actual);
  }

  /**
   * The records as bytes that {@link records} takes: as they are where they are not compressed, and else what
   * the codec gives, which is a promise where the codec's result is one.
   *
   * @param maxSize the largest size of the decompressed records in bytes
   * @throws DecodeError when they cannot be decompressed.
   * @throws TypeError when the codec is one for another compression type.
   */
  decompress(codec: CompressionCodec | null, maxSize: number): Uint8Array | Promise<Uint8Array> {
    const payload = this.#payload();
    // What has no records need not even be a valid compressed stream.
    if (this.compressionType === "none" || payload.byteLength === 0) return payload;
    if (codec?.type !== this.compressionType) {
      throw new TypeError(
        `The batch is compressed with ${this.compressionType}, and the codec is for ${codec?.type ?? "none"}`,
      );
    }
    return codec.decompress(payload, maxSize);
  }

  /**
   * Walks the records. Their keys and values are views on the batch, or on the `payload`.
   *
   * @param payload what {@link decompress} gave; it may be left out where `compressionType` is "none"
   * @throws TypeError when the payload is left out and there is compression.
   */
  records(payload?: Uint8Array): RecordIterator {
    const compressed = this.compressionType !== "none";
    if (compressed && payload === undefined) {
      throw new TypeError(`The records are compressed with ${this.compressionType}: decompress them first`);
    }
    const source = {
      batch: this,
      bytes: payload ?? this.#payload(),
      baseOffset: this.baseOffset,
      baseTimestamp: this.baseTimestamp,
      logAppendTime: this.timestampType === "LOG_APPEND_TIME" ? this.maxTimestamp : null,
    };
    return new RecordIterator(
      source,
      this.recordCount,
      compressed ? 0 : this.#origin + RECORD_BATCH_OVERHEAD,
    );
  }

  #payload(): Uint8Array {
    const { buffer, byteOffset, byteLength } = this.bytes;
    return new Uint8Array(buffer, byteOffset + RECORD_BATCH_OVERHEAD, byteLength - RECORD_BATCH_OVERHEAD);
  }
}
