/** zstd decompressed by code of our own (RFC 8878), for runtimes without it and for what Node.js's own gets wrong. */

import { padded } from "./zstd-bits.ts";
import { decompressBlocks } from "./zstd-blocks.ts";
import type { ZstdFrame } from "./zstd-frames.ts";
import { ZstdOutput } from "./zstd-output.ts";

/** How much memory to begin with, for a frame that does not say how large it is: this much per byte. */
const GUESSED_RATIO = 4;

/**
 * The content of frames whose outer structure was found to be right.
 *
 * @throws DecodeError when a block is not what the format says.
 * @throws KafkaError `DECOMPRESSED_SIZE_EXCEEDED` when there is more than `maxSize`.
 */
export function decompressFrames(
  bytes: Uint8Array,
  frames: readonly ZstdFrame[],
  maxSize: number,
): Uint8Array {
  let expected = 0;
  for (const { start, end, contentSize, largestContent } of frames) {
    // A frame may say of itself what it likes; what its blocks can make at most is a fact.
    expected += Math.min(contentSize ?? GUESSED_RATIO * (end - start), largestContent);
  }
  const output = new ZstdOutput(bytes, expected, maxSize);
  const input = padded(bytes);
  for (const frame of frames) decompressBlocks(input, frame, output);
  return output.toBytes();
}
