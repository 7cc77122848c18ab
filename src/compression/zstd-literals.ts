/** The first section of a compressed block: the bytes that are not copied from elsewhere (RFC 8878, 3.1.1.3.1). */

import { damaged } from "./failures.ts";
import type { PaddedInput } from "./zstd-bits.ts";
import { type HuffmanTable, readHuffmanStream, readHuffmanTable } from "./zstd-huffman.ts";

export interface Literals {
  readonly bytes: Uint8Array;
  /** The table that later literals may use again; null where there was none yet. */
  readonly table: HuffmanTable | null;
  /** Where the section ends. */
  readonly end: number;
}

const RAW = 0;
const REPEATED_BYTE = 1;
const COMPRESSED = 2;

/** Three sizes of two bytes say where three of four streams end. */
const JUMP_TABLE = 6;

/**
 * Reads the section at the start of the block `input[start, end)`.
 *
 * @param previous the table that was last used in the frame
 * @param maxSize what no block decompresses to more than
 */
export function readLiterals(
  input: PaddedInput,
  start: number,
  end: number,
  previous: HuffmanTable | null,
  maxSize: number,
): Literals {
  const header = readHeader(input, start, end);
  const { kind, size, at, compressedSize } = header;
  if (size > maxSize) throw damaged("zstd", `a block has ${size} literals`, start);
  const sectionEnd = at + compressedSize;
  if (sectionEnd > end) throw damaged("zstd", "the literals of a block end early", start);
  if (kind === RAW) return { bytes: input.bytes.subarray(at, sectionEnd), table: previous, end: sectionEnd };
  if (kind === REPEATED_BYTE) {
    const bytes = new Uint8Array(size).fill(input.bytes[at] as number);
    return { bytes, table: previous, end: sectionEnd };
  }
  let table = previous;
  let from = at;
  if (kind === COMPRESSED) ({ table, end: from } = readHuffmanTable(input, at, sectionEnd));
  if (table === null) throw damaged("zstd", "literals use a Huffman table that is not there", start);
  const bytes = new Uint8Array(size);
  if (header.streams === 1) readHuffmanStream(table, input, from, sectionEnd, bytes, 0, size);
  else readFourStreams(table, input, from, sectionEnd, bytes);
  return { bytes, table, end: sectionEnd };
}

interface Header {
  readonly kind: number;
  /** How many literals there are. */
  readonly size: number;
  readonly compressedSize: number;
  readonly streams: 1 | 4;
  /** Where the header ends. */
  readonly at: number;
}

function readHeader(input: PaddedInput, start: number, end: number): Header {
  const byte = (index: number): number => {
    if (start + index >= end) throw damaged("zstd", "the literals of a block end early", start);
    return input.bytes[start + index] as number;
  };
  const first = byte(0);
  const kind = first & 3;
  const format = (first >>> 2) & 3;
  if (kind === RAW || kind === REPEATED_BYTE) {
    const [width, size] =
      (format & 1) === 0
        ? [1, first >>> 3]
        : format === 1
          ? [2, (first >>> 4) | (byte(1) << 4)]
          : [3, (first >>> 4) | (byte(1) << 4) | (byte(2) << 12)];
    return {
      kind,
      size,
      compressedSize: kind === RAW ? size : 1,
      streams: 1,
      at: start + width,
    };
  }
  // Two numbers of 10, 14 or 18 bits.
  const bits = format < 2 ? 10 : format === 2 ? 14 : 18;
  const mask = (1 << bits) - 1;
  const low = (first >>> 4) | (byte(1) << 4) | (byte(2) << 12);
  const high =
    (low >>> bits) | (bits > 10 ? byte(3) << (20 - bits) : 0) | (bits > 14 ? byte(4) << (28 - bits) : 0);
  const width = bits === 10 ? 3 : bits === 14 ? 4 : 5;
  return {
    kind,
    size: low & mask,
    compressedSize: high & mask,
    streams: format === 0 ? 1 : 4,
    at: start + width,
  };
}

function readFourStreams(
  table: HuffmanTable,
  input: PaddedInput,
  start: number,
  end: number,
  output: Uint8Array,
): void {
  const each = (output.byteLength + 3) >> 2;
  if (end - start < JUMP_TABLE || 3 * each > output.byteLength) {
    throw damaged("zstd", "literals are too few for four streams", start);
  }
  let at = start + JUMP_TABLE;
  for (let stream = 0; stream < 4; stream++) {
    const size =
      (input.bytes[start + 2 * stream] as number) | ((input.bytes[start + 2 * stream + 1] as number) << 8);
    const streamEnd = stream === 3 ? end : at + size;
    if (streamEnd > end) throw damaged("zstd", "a stream of literals ends early", at);
    const to = stream === 3 ? output.byteLength : (stream + 1) * each;
    readHuffmanStream(table, input, at, streamEnd, output, stream * each, to);
    at = streamEnd;
  }
}
