/** The blocks of a frame (RFC 8878, 3.1.1.2), decompressed one after the other. */

import { damaged } from "./failures.ts";
import { xxh64Low } from "./xxh64.ts";
import type { PaddedInput } from "./zstd-bits.ts";
import { MAX_ZSTD_BLOCK_SIZE, type ZstdFrame } from "./zstd-frames.ts";
import type { HuffmanTable } from "./zstd-huffman.ts";
import { readLiterals } from "./zstd-literals.ts";
import type { ZstdOutput } from "./zstd-output.ts";
import { applySequences, newSequenceState } from "./zstd-sequences.ts";

const RAW = 0;
const REPEATED_BYTE = 1;

/**
 * Decompresses a frame whose outer structure was found to be right.
 *
 * Work is bounded by input and output: every sequence makes three bytes at least, and a table costs the same
 * whatever it says.
 *
 * @throws DecodeError when what is inside a block is not what the format says.
 * @throws KafkaError `DECOMPRESSED_SIZE_EXCEEDED` when there is more than `output` takes.
 */
export function decompressBlocks(input: PaddedInput, frame: ZstdFrame, output: ZstdOutput): void {
  const { windowSize } = frame;
  const maxSize = Math.min(windowSize, MAX_ZSTD_BLOCK_SIZE);
  const from = output.size;
  const state = newSequenceState();
  let table: HuffmanTable | null = null;
  for (let at = frame.blocksStart; at < frame.blocksEnd; ) {
    const header =
      (input.bytes[at] as number) |
      ((input.bytes[at + 1] as number) << 8) |
      ((input.bytes[at + 2] as number) << 16);
    const kind = (header >>> 1) & 3;
    const size = header >>> 3;
    at += 3;
    if (kind === RAW || kind === REPEATED_BYTE) {
      const to = output.size + size;
      output.grow(to);
      if (kind === RAW) output.bytes.set(input.bytes.subarray(at, at + size), output.size);
      else output.bytes.fill(input.bytes[at] as number, output.size, to);
      output.size = to;
      at += kind === RAW ? size : 1;
      continue;
    }
    const end = at + size;
    const literals = readLiterals(input, at, end, table, maxSize);
    ({ table } = literals);
    applySequences(input, literals.end, end, literals.bytes, state, output, from, windowSize, maxSize);
    at = end;
  }
  checkContent(output.bytes, from, output.size, frame);
}

/** Holds what came out against what the frame says of it. */
function checkContent(bytes: Uint8Array, from: number, to: number, frame: ZstdFrame): void {
  const { start, blocksEnd, contentSize, checksum } = frame;
  if (contentSize !== null && to - from !== contentSize) {
    throw damaged("zstd", `there are ${to - from} bytes instead of ${contentSize}`, start);
  }
  if (checksum !== null && xxh64Low(bytes, from, to) !== checksum) {
    throw damaged("zstd", "the content does not match its checksum", blocksEnd);
  }
}
