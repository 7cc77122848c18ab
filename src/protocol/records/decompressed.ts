import type { Decompressor } from "./compression-type.ts";
import type { RecordBatchHeader } from "./record-batch-header.ts";

/**
 * The payload of a batch without its compression.
 *
 * @throws TypeError when the codec is one for another compression type.
 */
export function decompressed(
  batch: RecordBatchHeader,
  payload: Uint8Array,
  codec: Decompressor | null,
  maxSize: number,
): Uint8Array | Promise<Uint8Array> {
  // What has no records need not even be a valid compressed stream.
  if (batch.compressionType === "none" || payload.byteLength === 0) return payload;
  if (codec?.type !== batch.compressionType) {
    throw new TypeError(
      `The batch is compressed with ${batch.compressionType}, and the codec is for ${codec?.type ?? "none"}`,
    );
  }
  return codec.decompress(payload, maxSize, batch.magic);
}

/** What is wrong when records are asked for that were not decompressed. */
export function notDecompressed({ compressionType }: RecordBatchHeader): TypeError {
  return new TypeError(`The records are compressed with ${compressionType}: decompress them first`);
}
