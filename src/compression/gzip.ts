import { DecodeError, KafkaError } from "../protocol/errors.ts";
import type { CompressionCodec } from "../protocol/records/compression-type.ts";

/** What gzip needs from the platform. */
export interface Zlib {
  /** @param level 1 (fast) to 9 (small). Default: what zlib takes for a good middle. */
  gzip(bytes: Uint8Array, level?: number): Uint8Array | Promise<Uint8Array>;
  /** @throws RangeError when the result would be larger than `maxSize` bytes; anything else counts as damage. */
  gunzip(bytes: Uint8Array, maxSize: number): Uint8Array | Promise<Uint8Array>;
}

/**
 * gzip over the platform's zlib.
 *
 * @param level as Kafka's `compression.gzip.level`: 1 to 9, or -1 for zlib's default
 */
export function gzipCodec(zlib: Zlib, level: number = -1): CompressionCodec {
  return {
    type: "gzip",
    compress: (bytes) => (level === -1 ? zlib.gzip(bytes) : zlib.gzip(bytes, level)),
    decompress: (bytes, maxSize) => {
      try {
        const result = zlib.gunzip(bytes, maxSize);
        if (result instanceof Uint8Array) return result;
        return result.catch((error: unknown) => {
          throw explained(error, bytes, maxSize);
        });
      } catch (error) {
        throw explained(error, bytes, maxSize);
      }
    },
  };
}

function explained(error: unknown, bytes: Uint8Array, maxSize: number): KafkaError {
  if (error instanceof RangeError) {
    return new KafkaError(
      "DECOMPRESSED_SIZE_EXCEEDED",
      `${bytes.byteLength} bytes of gzip would be more than ${maxSize} bytes when decompressed, which is the ` +
        "limit: raise it if you trust who produced them",
      { cause: error },
    );
  }
  const problem = error instanceof Error ? error.message : String(error);
  const damaged = new DecodeError(`the gzip data is damaged (${problem})`, 0);
  damaged.cause = error;
  return damaged;
}
