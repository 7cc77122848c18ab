/** How the records of a batch are compressed, under the names of Kafka's `compression.type`. */
export type CompressionType = "none" | "gzip" | "snappy" | "lz4" | "zstd";

/** Kafka's names; each stands at its code in a batch's attributes. */
export const compressionTypes: readonly CompressionType[] = ["none", "gzip", "snappy", "lz4", "zstd"];

/**
 * Compresses the records of a batch. It is handed in from outside, since what a runtime can do differs; where a
 * result is a promise, all that depends on it is one too.
 */
export interface Compressor {
  /** What it makes; a batch is marked with it. */
  readonly type: Exclude<CompressionType, "none">;
  /** The result shares no memory with `bytes`, which may change as soon as it is there. */
  compress(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** Decompresses the records of a batch; handed in from outside as a {@link Compressor} is. */
export interface Decompressor {
  /** What it can read. */
  readonly type: Exclude<CompressionType, "none">;
  /**
   * @param maxSize in bytes; a result that would be larger is an error before it is made, so that a small
   * hostile input cannot fill the memory
   * @param magic of the batch that the bytes come from: lz4 in magic 0 has a wrong checksum in its header.
   * Default: 2.
   * @throws DecodeError when the bytes are damaged.
   */
  decompress(bytes: Uint8Array, maxSize: number, magic?: number): Uint8Array | Promise<Uint8Array>;
}

/** Compresses and decompresses the records of a batch. */
export interface CompressionCodec extends Compressor, Decompressor {}
