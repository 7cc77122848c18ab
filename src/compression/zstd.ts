/** zstd through the runtime's own where it has one; elsewhere it is decompressed here, and not compressed. */

import type { Compressor, Decompressor } from "../protocol/records/compression-type.ts";
import { damaged, explained, sizeExceeded } from "./failures.ts";
import { type ZstdFrame, zstdFrames } from "./zstd-frames.ts";

/** What zstd needs from the platform; either may be missing. */
export interface Zstd {
  /** @param level up to 22 (small); negative ones are the fastest. Default: what zstd takes for a good middle. */
  zstdCompress?(bytes: Uint8Array, level?: number): Uint8Array | Promise<Uint8Array>;
  /** @throws RangeError when the result would be larger than `maxSize` bytes; anything else counts as damage. */
  zstdDecompress?(bytes: Uint8Array, maxSize: number): Uint8Array | Promise<Uint8Array>;
}

/**
 * Compresses with the platform's zstd; null where it has none.
 *
 * @param level as Kafka's `compression.zstd.level`
 */
export function zstdCompressor(zstd: Zstd, level: number): Compressor | null {
  const compress = zstd.zstdCompress?.bind(zstd);
  return compress === undefined ? null : { type: "zstd", compress: (bytes) => compress(bytes, level) };
}

/** Decompresses frames whose outer structure was found to be right. */
type DecompressFrames = (
  bytes: Uint8Array,
  frames: readonly ZstdFrame[],
  maxSize: number,
) => Uint8Array | Promise<Uint8Array>;

/**
 * Decompresses on every platform.
 *
 * @param inTypeScript does what the platform cannot; by default it gives a promise
 */
export function zstdDecompressor(
  zstd: Zstd,
  inTypeScript: DecompressFrames = loadedWhenNeeded,
): Decompressor {
  const native = zstd.zstdDecompress?.bind(zstd);
  return {
    type: "zstd",
    decompress: (bytes, maxSize) => {
      const frames = zstdFrames(bytes, (problem, at) => damaged("zstd", problem, at));
      let known = 0;
      for (const { contentSize } of frames) known += contentSize ?? 0;
      if (known > maxSize) throw sizeExceeded("zstd", bytes, maxSize);
      const checked = (content: Uint8Array): Uint8Array => {
        const isKnown = frames.every(({ contentSize }) => contentSize !== null);
        if (!isKnown || content.byteLength === known) return content;
        throw damaged("zstd", `there are ${content.byteLength} bytes instead of ${known}`);
      };
      // Node.js reads the first of several frames and drops the others, even where the first is to be skipped.
      const [frame] = frames;
      if (native === undefined || frames.length > 1 || frame === undefined) {
        return inTypeScript(bytes, frames, maxSize);
      }
      try {
        const content = native(bytes.subarray(frame.start, frame.end), maxSize);
        if (content instanceof Uint8Array) return checked(content);
        return content.then(checked).catch((error: unknown) => {
          throw explained("zstd", error, bytes, maxSize);
        });
      } catch (error) {
        throw explained("zstd", error, bytes, maxSize);
      }
    },
  };
}

/** Loaded when it is needed: few runtimes have to, and it is as much code as all other codecs together. */
const loadedWhenNeeded: DecompressFrames = async (bytes, frames, maxSize) => {
  const { decompressFrames } = await import("./zstd-in-typescript.ts");
  return decompressFrames(bytes, frames, maxSize);
};
