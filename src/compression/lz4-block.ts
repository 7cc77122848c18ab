/**
 * The block format of lz4: sequences of a token, literals, and a match, which is a distance back into what was
 * already written and a length of at least four bytes. The token's halves hold the two lengths, and where a half
 * is full, more bytes follow that are added up. The last sequence has literals only.
 */

/** No match starts in the last twelve bytes of a block, and none reaches into its last five. */
const NO_MATCH_FROM_END = 12;
const LITERALS_AT_END = 5;
const LEAST_MATCH = 4;

/** Bits of the hash with which the compressor finds earlier occurrences. */
const MOST_HASH_BITS = 14;

/** After this many misses, as a power of two, the compressor looks at every second place only, and so on. */
const PATIENCE_BITS = 6;

/** Below this many bytes a loop beats a call that copies. */
const SHORT = 48;

/** The memory of a compressor, which it may share among blocks. */
export class Lz4Table {
  readonly positions = new Int32Array(1 << MOST_HASH_BITS);
  bits = MOST_HASH_BITS;

  /** Forgets what was compressed, for inputs of up to `size` bytes. */
  reset(size: number): void {
    this.bits = Math.min(MOST_HASH_BITS, Math.max(8, 32 - Math.clz32(size)));
    this.positions.fill(-1, 0, 1 << this.bits);
  }
}

/** The most bytes that {@link compressLz4Block} writes for `size` bytes. */
export function largestLz4Block(size: number): number {
  return size + Math.ceil(size / 255) + 16;
}

/**
 * Compresses `input` from `start` to `end`, 64 KB at most, as one block that depends on no other, and returns
 * where it ends in `output`. The room must be there.
 *
 * @param table reset before the first block of an input, and not between its blocks
 */
export function compressLz4Block(
  input: Uint8Array,
  start: number,
  end: number,
  output: Uint8Array,
  outputStart: number,
  table: Lz4Table,
): number {
  const { positions } = table;
  const shift = 32 - table.bits;
  const lastMatchStart = end - NO_MATCH_FROM_END;
  const lastMatchEnd = end - LITERALS_AT_END;
  let to = outputStart;
  let literals = start;
  let at = start;
  while (at <= lastMatchStart) {
    let misses = 1 << PATIENCE_BITS;
    let found = -1;
    for (; at <= lastMatchStart; at += misses++ >>> PATIENCE_BITS) {
      const hash = hashAt(input, at) >>> shift;
      found = positions[hash] as number;
      positions[hash] = at;
      // A place in an earlier block is none, and an equal hash does not mean equal bytes.
      if (found >= start && sameFour(input, found, at)) break;
      found = -1;
    }
    if (found < 0) break;
    while (at > literals && found > start && input[at - 1] === input[found - 1]) {
      at--;
      found--;
    }
    let matchEnd = at + LEAST_MATCH;
    for (let from = found + LEAST_MATCH; matchEnd < lastMatchEnd && input[matchEnd] === input[from]; from++) {
      matchEnd++;
    }
    to = putSequence(input, literals, at, output, to, at - found, matchEnd - at);
    literals = matchEnd;
    at = matchEnd;
    // What the match skipped may be matched later, and its end is the likeliest.
    if (at <= lastMatchStart) positions[hashAt(input, at - 2) >>> shift] = at - 2;
  }
  return putLiterals(input, literals, end, output, to, 0);
}

/**
 * The size of what a block decompresses to, after every length and distance in it was checked, so that
 * {@link decompressLz4Block} need not. Nothing is copied for it, and only tokens are looked at.
 *
 * @param fail makes the error that is thrown, of the problem and the byte
 */
export function decompressedLz4Size(
  input: Uint8Array,
  start: number,
  end: number,
  fail: (problem: string, at: number) => Error,
): number {
  let at = start;
  let size = 0;
  for (;;) {
    if (at >= end) throw fail("a block ends before its last literals", at);
    const token = input[at++] as number;
    let length = token >>> 4;
    if (length === 15) {
      let more: number;
      do {
        if (at >= end) throw fail("a block ends inside a length", at);
        more = input[at++] as number;
        length += more;
      } while (more === 255);
    }
    if (length > end - at) throw fail(`${length} literals are more than the block has`, at);
    at += length;
    size += length;
    if (at === end) return size;
    if (end - at < 2) throw fail("a block ends inside a distance", at);
    const distance = (input[at] as number) | ((input[at + 1] as number) << 8);
    if (distance === 0 || distance > size) throw fail(`a match is ${distance} bytes back, of ${size}`, at);
    at += 2;
    length = (token & 15) + LEAST_MATCH;
    if (length === 15 + LEAST_MATCH) {
      let more: number;
      do {
        if (at >= end) throw fail("a block ends inside a length", at);
        more = input[at++] as number;
        length += more;
      } while (more === 255);
    }
    size += length;
  }
}

/**
 * Decompresses a block for which {@link decompressedLz4Size} found no fault, and returns where it ends in
 * `output`. The room must be there.
 */
export function decompressLz4Block(
  input: Uint8Array,
  start: number,
  end: number,
  output: Uint8Array,
  outputStart: number,
): number {
  let at = start;
  let to = outputStart;
  for (;;) {
    const token = input[at++] as number;
    let length = token >>> 4;
    if (length === 15) {
      let more: number;
      do {
        more = input[at++] as number;
        length += more;
      } while (more === 255);
    }
    copy(input, at, output, to, length);
    at += length;
    to += length;
    if (at >= end) return to;
    const distance = (input[at] as number) | ((input[at + 1] as number) << 8);
    at += 2;
    length = (token & 15) + LEAST_MATCH;
    if (length === 15 + LEAST_MATCH) {
      let more: number;
      do {
        more = input[at++] as number;
        length += more;
      } while (more === 255);
    }
    repeat(output, to, distance, length);
    to += length;
  }
}

/** Copies `length` bytes from `distance` back to `at`; where they overlap, they repeat. */
function repeat(bytes: Uint8Array, at: number, distance: number, length: number): void {
  if (length >= SHORT && distance >= length) {
    bytes.copyWithin(at, at - distance, at - distance + length);
    return;
  }
  if (length >= SHORT && distance === 1) {
    bytes.fill(bytes[at - 1] as number, at, at + length);
    return;
  }
  const end = at + length;
  for (let to = at, from = at - distance; to < end; to++, from++) bytes[to] = bytes[from] as number;
}

function copy(input: Uint8Array, start: number, output: Uint8Array, at: number, length: number): void {
  if (length >= SHORT) {
    output.set(input.subarray(start, start + length), at);
    return;
  }
  for (let i = 0; i < length; i++) output[at + i] = input[start + i] as number;
}

function putSequence(
  input: Uint8Array,
  literals: number,
  literalsEnd: number,
  output: Uint8Array,
  at: number,
  distance: number,
  matchLength: number,
): number {
  const extra = matchLength - LEAST_MATCH;
  let to = putLiterals(input, literals, literalsEnd, output, at, Math.min(extra, 15));
  output[to] = distance & 0xff;
  output[to + 1] = distance >>> 8;
  to += 2;
  return extra < 15 ? to : putLength(output, to, extra - 15);
}

/** Writes a token whose second half is `low`, and the literals. */
function putLiterals(
  input: Uint8Array,
  start: number,
  end: number,
  output: Uint8Array,
  at: number,
  low: number,
): number {
  const length = end - start;
  let to = at + 1;
  if (length < 15) {
    output[at] = (length << 4) | low;
  } else {
    output[at] = 0xf0 | low;
    to = putLength(output, to, length - 15);
  }
  copy(input, start, output, to, length);
  return to + length;
}

/** What does not fit into a token: bytes of 255, and one that is less. */
function putLength(output: Uint8Array, at: number, length: number): number {
  let to = at;
  let rest = length;
  for (; rest >= 255; rest -= 255) output[to++] = 255;
  output[to++] = rest;
  return to;
}

function sameFour(bytes: Uint8Array, a: number, b: number): boolean {
  return (
    bytes[a] === bytes[b] &&
    bytes[a + 1] === bytes[b + 1] &&
    bytes[a + 2] === bytes[b + 2] &&
    bytes[a + 3] === bytes[b + 3]
  );
}

/** A hash of four bytes, to be shifted right to as many bits as are wanted. */
function hashAt(bytes: Uint8Array, at: number): number {
  return Math.imul(
    (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24),
    0x9e37_79b1,
  );
}
