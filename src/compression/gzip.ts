import type { CompressionCodec } from "../protocol/records/compression-type.ts";
import { explained } from "./failures.ts";

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
          throw explained("gzip", error, bytes, maxSize);
        });
      } catch (error) {
        throw explained("gzip", error, bytes, maxSize);
      }
    },
  };
}
