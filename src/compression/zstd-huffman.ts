/** Huffman codes of literals (RFC 8878, 4.2): lengths of codes as weights, and streams of codes. */

import { damaged } from "./failures.ts";
import { bitsAt, ForwardBits, highestBit, type PaddedInput, streamLength } from "./zstd-bits.ts";
import { readFseTable } from "./zstd-fse.ts";

export interface HuffmanTable {
  /** Bits of the longest code. */
  readonly maxBits: number;
  /** By the next `maxBits` bits: the symbol, shifted by 8, and the length of its code. */
  readonly entries: Uint16Array;
}

const MOST_BITS = 11;
/** The last symbol's weight is not written. */
const MOST_WEIGHTS = 255;
const MOST_WEIGHT_LOG = 6;

/** Reads a table from `start` on; also says where it ends. */
export function readHuffmanTable(
  input: PaddedInput,
  start: number,
  end: number,
): { readonly table: HuffmanTable; readonly end: number } {
  if (start >= end) throw damaged("zstd", "a Huffman table ends early", start);
  const { bytes } = input;
  const header = bytes[start] as number;
  const at = start + 1;
  const isDirect = header >= 128;
  const count = header - 127;
  const tableEnd = at + (isDirect ? (count + 1) >> 1 : header);
  if (tableEnd > end) throw damaged("zstd", "a Huffman table ends early", start);
  const weights: number[] = [];
  if (isDirect) {
    for (let i = 0; i < count; i++) {
      weights.push(((bytes[at + (i >> 1)] as number) >>> (i & 1 ? 0 : 4)) & 15);
    }
  } else {
    readWeights(weights, input, at, tableEnd);
  }
  return { table: huffmanTable(weights, start), end: tableEnd };
}

/** Two states take turns, until one needs more bits than there are. */
function readWeights(weights: number[], input: PaddedInput, start: number, end: number): void {
  const header = new ForwardBits(input.bytes, start, end);
  const { log, states } = readFseTable(header, MOST_WEIGHT_LOG, MOST_BITS + 1);
  const from = header.byteOffset;
  let left = streamLength(input, from, end) - 2 * log;
  if (left < 0) throw damaged("zstd", "the weights of a Huffman table end early", start);
  let entry = states[bitsAt(input.view, from, left + log, log)] as number;
  let other = states[bitsAt(input.view, from, left, log)] as number;
  for (;;) {
    weights.push(entry & 0xff);
    // One more follows when the bits end.
    if (weights.length >= MOST_WEIGHTS) throw damaged("zstd", "a Huffman table has too many symbols", start);
    left -= (entry >>> 8) & 0xff;
    if (left < 0) break;
    const following = (entry >>> 16) + bitsAt(input.view, from, left, (entry >>> 8) & 0xff);
    entry = other;
    other = states[following] as number;
  }
  weights.push(other & 0xff);
}

/** How many entries a symbol takes; none where it does not occur. */
function entriesOf(weight: number): number {
  return (1 << weight) >> 1;
}

/** The table in which the last symbol, whose weight is not among `weights`, takes the entries that are left. */
function huffmanTable(weights: number[], at: number): HuffmanTable {
  let total = 0;
  for (const weight of weights) total += entriesOf(weight);
  const maxBits = highestBit(total) + 1;
  if (total === 0 || maxBits > MOST_BITS)
    throw damaged("zstd", "the codes of a Huffman table do not add up", at);
  const rest = (1 << maxBits) - total;
  if ((rest & (rest - 1)) !== 0) throw damaged("zstd", "the codes of a Huffman table do not add up", at);
  weights.push(highestBit(rest) + 1);
  // Long codes first: where those of a weight begin depends on how many there are of each smaller one.
  const starts = new Int32Array(maxBits + 2);
  for (const weight of weights) starts[weight + 1] = (starts[weight + 1] as number) + entriesOf(weight);
  // Of the longest codes there are two at least, or they would not be that long.
  if ((starts[2] as number) < 2) throw damaged("zstd", "the codes of a Huffman table do not add up", at);
  for (let weight = 1; weight < starts.length; weight++) {
    starts[weight] = (starts[weight] as number) + (starts[weight - 1] as number);
  }
  const entries = new Uint16Array(1 << maxBits);
  for (let symbol = 0; symbol < weights.length; symbol++) {
    const weight = weights[symbol] as number;
    if (weight === 0) continue;
    const from = starts[weight] as number;
    const to = from + entriesOf(weight);
    starts[weight] = to;
    const entry = (symbol << 8) | (maxBits + 1 - weight);
    for (let at = from; at < to; at++) entries[at] = entry;
  }
  return { maxBits, entries };
}

/**
 * Decodes the stream of codes in `input[start, end)`, which has to give `output[from, to)` and no more.
 *
 * @throws DecodeError when it gives more or less.
 */
export function readHuffmanStream(
  { maxBits, entries }: HuffmanTable,
  input: PaddedInput,
  start: number,
  end: number,
  output: Uint8Array,
  from: number,
  to: number,
): void {
  const { view } = input;
  const mask = (1 << maxBits) - 1;
  const shift = TWO_CODES - maxBits;
  let left = streamLength(input, start, end);
  let at = from;
  // Two codes of one word, as long as there are enough bits for any two.
  for (; at + 2 <= to && left >= TWO_CODES; at += 2) {
    const word = bitsAt(view, start, left - TWO_CODES, TWO_CODES);
    const one = entries[word >>> shift] as number;
    const length = one & 0xff;
    const two = entries[(word >>> (shift - length)) & mask] as number;
    output[at] = one >>> 8;
    output[at + 1] = two >>> 8;
    left -= length + (two & 0xff);
  }
  for (; at < to; at++) {
    // What is missing in front of the first bit counts as zeros.
    const code =
      left >= maxBits
        ? bitsAt(view, start, left - maxBits, maxBits)
        : bitsAt(view, start, 0, left) << (maxBits - left);
    const entry = entries[code] as number;
    output[at] = entry >>> 8;
    left -= entry & 0xff;
    if (left < 0) throw damaged("zstd", "a stream of literals ends early", start);
  }
  if (left !== 0) throw damaged("zstd", "a stream of literals is too long", start);
}

/** Bits of two codes, whatever they are; together with those of a byte that they may begin in, they fit a word. */
const TWO_CODES = 2 * MOST_BITS;
