import type { Decompressor } from "./compression-type.ts";
import type { RecordBatchHeader } from "./record-batch-header.ts";
import type { RecordIterator } from "./record-iterator.ts";

/**
 * A record batch as a view on the fetched memory. `readRecordBatches` makes them; nothing is decoded before it
 * is asked for.
 */
export interface RecordBatch extends RecordBatchHeader {
  /**
   * Compares the CRC that the batch carries with that of its bytes.
   *
   * @throws CorruptRecordBatchError when they differ.
   */
  ensureValid(): void;

  /**
   * The records as bytes that {@link records} takes: as they are where they are not compressed, and else what
   * the codec gives, which is a promise where the codec's result is one.
   *
   * @param maxSize the largest size of the decompressed records in bytes
   * @throws DecodeError when they cannot be decompressed.
   * @throws TypeError when the codec is one for another compression type.
   */
  decompress(codec: Decompressor | null, maxSize: number): Uint8Array | Promise<Uint8Array>;

  /**
   * Walks the records. Their keys and values are views on the batch, or on the `payload`.
   *
   * @param payload what {@link decompress} gave; it may be left out where `compressionType` is "none"
   * @throws TypeError when the payload is left out and there is compression.
   */
  records(payload?: Uint8Array): RecordIterator;
}
