/** zstd through the runtime's own where it has one, and else through fzstd, which only decompresses. */

import { Decompress } from "fzstd";
import { KafkaError } from "../protocol/errors.ts";
import type { Compressor, Decompressor } from "../protocol/records/compression-type.ts";
import { damaged, explained, messageOf, sizeExceeded } from "./failures.ts";
import { MAX_ZSTD_BLOCK_SIZE, type ZstdFrame, zstdFrames } from "./zstd-frames.ts";

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

/** Decompresses on every platform. */
export function zstdDecompressor(zstd: Zstd): Decompressor {
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
      try {
        // Node.js reads the first of several frames and drops the others, even where the first is to be skipped.
        const [frame] = frames;
        if (native === undefined || frames.length > 1 || frame === undefined) {
          return checked(byFzstd(bytes, frames, maxSize));
        }
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

function byFzstd(bytes: Uint8Array, frames: readonly ZstdFrame[], maxSize: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (const frame of frames) {
    const decompressor = new Decompress((part) => {
      size += part.byteLength;
      if (size > maxSize) throw sizeExceeded("zstd", bytes, maxSize);
      if (part.byteLength > 0) parts.push(part);
    });
    try {
      decompressor.push(withPlainHeader(bytes, frame, maxSize), true);
    } catch (error) {
      throw error instanceof KafkaError ? error : damaged("zstd", messageOf(error), frame.start, error);
    }
  }
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const content = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    content.set(part, at);
    at += part.byteLength;
  }
  return content;
}

/**
 * The blocks of a frame after a header with a window and nothing else. fzstd allocates the window that it is told,
 * up to 2 GB: this one is no larger than a block, or than what can come of the blocks, or may come of them.
 */
function withPlainHeader(bytes: Uint8Array, frame: ZstdFrame, maxSize: number): Uint8Array {
  const enough = Math.max(MAX_ZSTD_BLOCK_SIZE, Math.min(frame.largestContent, maxSize));
  const windowSize = Math.min(frame.windowSize, enough);
  let exponent = 0;
  while (2 ** (10 + exponent) < windowSize) exponent++;
  const plain = new Uint8Array(6 + frame.blocksEnd - frame.blocksStart);
  plain.set([0x28, 0xb5, 0x2f, 0xfd, 0, exponent << 3]);
  plain.set(bytes.subarray(frame.blocksStart, frame.blocksEnd), 6);
  return plain;
}
