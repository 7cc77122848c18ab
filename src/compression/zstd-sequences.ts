/**
 * The second section of a compressed block (RFC 8878, 3.1.1.3.2): sequences of how many literals to take, and how
 * many bytes to repeat from how far back. The three numbers are codes of three FSE tables, plus bits of their own.
 */

import { damaged } from "./failures.ts";
import { bitsAt, ForwardBits, longBitsAt, type PaddedInput, streamLength } from "./zstd-bits.ts";
import { type FseTable, fseTable, readFseTable, singleFseTable } from "./zstd-fse.ts";
import type { ZstdOutput } from "./zstd-output.ts";

/** One of the three numbers. */
interface Kind {
  readonly name: "literalLengths" | "offsets" | "matchLengths";
  readonly maxLog: number;
  readonly maxCode: number;
  /** For blocks that bring no table. */
  readonly predefined: FseTable;
}

/** The tables that were last used in a frame. */
export type SequenceTables = { [K in Kind["name"]]: FseTable | null };

/** What goes from one block of a frame to the next. */
export interface SequenceState {
  readonly tables: SequenceTables;
  /** The last three distances, the latest first. */
  distances: readonly [number, number, number];
}

export function newSequenceState(): SequenceState {
  return {
    tables: { literalLengths: null, offsets: null, matchLengths: null },
    distances: [1, 4, 8],
  };
}

/** `count` times the same. */
const times = (count: number, value: number): number[] => new Array<number>(count).fill(value);

const KINDS: readonly [Kind, Kind, Kind] = /* @__PURE__ */ kinds();

function kinds(): [Kind, Kind, Kind] {
  return [
    {
      name: "literalLengths",
      maxLog: 9,
      maxCode: 35,
      predefined: fseTable(
        [4, 3, ...times(11, 2), 1, 1, 1, ...times(9, 2), 3, 2, ...times(5, 1), ...times(4, -1)],
        6,
      ),
    },
    {
      name: "offsets",
      maxLog: 8,
      // The format has one more, for distances that no memory here has.
      maxCode: 30,
      predefined: fseTable([...times(6, 1), 2, 2, 2, ...times(15, 1), ...times(5, -1)], 5),
    },
    {
      name: "matchLengths",
      maxLog: 9,
      maxCode: 52,
      predefined: fseTable([1, 4, 3, ...times(6, 2), ...times(37, 1), ...times(7, -1)], 6),
    },
  ];
}

/** By code: how many bits are added to the least number that the code stands for. */
const LITERAL_BITS = /* @__PURE__ */ Int32Array.from([
  ...times(16, 0),
  1,
  1,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  6,
  7,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  16,
]);
const MATCH_BITS = /* @__PURE__ */ Int32Array.from([
  ...times(32, 0),
  1,
  1,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  4,
  5,
  7,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  16,
]);
const LITERAL_LENGTHS = /* @__PURE__ */ leastOf(LITERAL_BITS, 0);
const MATCH_LENGTHS = /* @__PURE__ */ leastOf(MATCH_BITS, 3);

/** Each code goes on where the one in front of it ends. */
function leastOf(bits: Int32Array, first: number): Int32Array {
  let least = first;
  return bits.map((count) => {
    const own = least;
    least += 2 ** count;
    return own;
  });
}

const PREDEFINED = 0;
const REPEATED_CODE = 1;
const FROM_TABLE = 2;

/** Above this, the number of sequences takes a second byte, and above the other a third. */
const ONE_BYTE = 127;
const TWO_BYTES = 254;
const LEAST_OF_THREE_BYTES = 0x7f00;

/**
 * Reads the sequences in `input[start, end)` and does what they say.
 *
 * @param from how far back in the output a distance may reach
 * @param windowSize how far back it may reach at most
 * @param maxSize what no block decompresses to more than
 */
export function applySequences(
  input: PaddedInput,
  start: number,
  end: number,
  literals: Uint8Array,
  state: SequenceState,
  output: ZstdOutput,
  from: number,
  windowSize: number,
  maxSize: number,
): void {
  const early = (): Error => damaged("zstd", "the sequences of a block end early", start);
  const first = input.bytes[start] as number;
  const at = start + (first <= ONE_BYTE ? 1 : first <= TWO_BYTES ? 2 : 3);
  if (start >= end || at > end) throw early();
  const second = input.bytes[start + 1] as number;
  const count =
    first <= ONE_BYTE
      ? first
      : first <= TWO_BYTES
        ? ((first - 128) << 8) | second
        : (second | ((input.bytes[start + 2] as number) << 8)) + LEAST_OF_THREE_BYTES;
  if (count === 0) {
    if (at !== end) throw damaged("zstd", "something follows the last sequence of a block", at);
    const size = output.size + literals.length;
    output.grow(size);
    copy(literals, 0, output.bytes, output.size, literals.length);
    output.size = size;
    return;
  }
  if (at >= end) throw early();
  const streamStart = readTables(input, at, end, state.tables);
  execute(input, streamStart, end, count, literals, state, output, from, windowSize, maxSize);
}

/** Reads which tables to use, and those that are new; says where that ends. */
function readTables(input: PaddedInput, start: number, end: number, tables: SequenceTables): number {
  const modes = input.bytes[start] as number;
  if ((modes & 3) !== 0) throw damaged("zstd", "the sequences of a block set reserved bits", start);
  let at = start + 1;
  KINDS.forEach(({ name, maxLog, maxCode, predefined }, index) => {
    switch ((modes >>> (6 - 2 * index)) & 3) {
      case PREDEFINED:
        tables[name] = predefined;
        break;
      case REPEATED_CODE: {
        if (at >= end) throw damaged("zstd", "a table ends early", at);
        const code = input.bytes[at] as number;
        if (code > maxCode) throw damaged("zstd", `there is no code ${code}`, at);
        tables[name] = singleFseTable(code);
        at++;
        break;
      }
      case FROM_TABLE: {
        const bits = new ForwardBits(input.bytes, at, end);
        tables[name] = readFseTable(bits, maxLog, maxCode);
        at = bits.byteOffset;
        break;
      }
      default:
        if (tables[name] === null) throw damaged("zstd", "sequences use a table that is not there", start);
    }
  });
  return at;
}

function execute(
  input: PaddedInput,
  start: number,
  end: number,
  count: number,
  literals: Uint8Array,
  state: SequenceState,
  output: ZstdOutput,
  from: number,
  windowSize: number,
  maxSize: number,
): void {
  const { view } = input;
  const early = (): Error => damaged("zstd", "the sequences of a block end early", start);
  const { literalLengths, offsets, matchLengths } = state.tables as { [K in Kind["name"]]: FseTable };
  const literalStates = literalLengths.states;
  const offsetStates = offsets.states;
  const matchStates = matchLengths.states;
  // The bits are read here and not through BackwardBits: this loop is where the time goes.
  let left = streamLength(input, start, end);
  if (left < literalLengths.log + offsets.log + matchLengths.log) throw early();
  left -= literalLengths.log;
  let literalEntry = literalStates[bitsAt(view, start, left, literalLengths.log)] as number;
  left -= offsets.log;
  let offsetEntry = offsetStates[bitsAt(view, start, left, offsets.log)] as number;
  left -= matchLengths.log;
  let matchEntry = matchStates[bitsAt(view, start, left, matchLengths.log)] as number;
  let [first, second, third] = state.distances;
  const literalsSize = literals.length;
  const largestEnd = output.size + maxSize;
  let { bytes } = output;
  let room = bytes.length;
  let to = output.size;
  let taken = 0;
  for (let i = 1; ; i++) {
    const offsetBits = offsetEntry & 0xff;
    const matchCode = matchEntry & 0xff;
    const matchBits = MATCH_BITS[matchCode] as number;
    const literalCode = literalEntry & 0xff;
    const literalBits = LITERAL_BITS[literalCode] as number;
    if (left < offsetBits + matchBits + literalBits) throw early();
    left -= offsetBits;
    const offset = (1 << offsetBits) + longBitsAt(view, start, left, offsetBits);
    left -= matchBits;
    const matchLength = (MATCH_LENGTHS[matchCode] as number) + bitsAt(view, start, left, matchBits);
    left -= literalBits;
    const literalLength = (LITERAL_LENGTHS[literalCode] as number) + bitsAt(view, start, left, literalBits);

    // The first three offsets stand for the last distances. Without literals in between the latest one would only
    // have made the last match longer, so that they then begin with the second, and end with the latest less one.
    let distance = offset - 3;
    if (distance > 0) {
      third = second;
      second = first;
      first = distance;
    } else {
      const index = literalLength === 0 ? offset : offset - 1;
      distance = index === 0 ? first : index === 1 ? second : index === 2 ? third : first - 1;
      if (index > 1) third = second;
      if (index > 0) second = first;
      first = distance;
    }

    const next = to + literalLength + matchLength;
    if (literalLength > literalsSize - taken) throw damaged("zstd", "a block has too few literals", start);
    if (next > largestEnd) throw tooLarge(maxSize, start);
    if (next > room) {
      output.grow(next);
      ({ bytes } = output);
      room = bytes.length;
    }
    copy(literals, taken, bytes, to, literalLength);
    taken += literalLength;
    to += literalLength;
    if (distance <= 0 || distance > to - from || distance > windowSize) {
      throw damaged(
        "zstd",
        `a match is ${distance} bytes back, of ${Math.min(to - from, windowSize)}`,
        start,
      );
    }
    repeat(bytes, to, distance, matchLength);
    to = next;

    if (i === count) break;
    const literalWidth = (literalEntry >>> 8) & 0xff;
    const matchWidth = (matchEntry >>> 8) & 0xff;
    const offsetWidth = (offsetEntry >>> 8) & 0xff;
    if (left < literalWidth + matchWidth + offsetWidth) throw early();
    left -= literalWidth;
    literalEntry = literalStates[(literalEntry >>> 16) + bitsAt(view, start, left, literalWidth)] as number;
    left -= matchWidth;
    matchEntry = matchStates[(matchEntry >>> 16) + bitsAt(view, start, left, matchWidth)] as number;
    left -= offsetWidth;
    offsetEntry = offsetStates[(offsetEntry >>> 16) + bitsAt(view, start, left, offsetWidth)] as number;
  }
  if (left !== 0) throw damaged("zstd", "the sequences of a block do not end where they should", start);
  state.distances = [first, second, third];
  const rest = literalsSize - taken;
  if (to + rest > largestEnd) throw tooLarge(maxSize, start);
  output.grow(to + rest);
  copy(literals, taken, output.bytes, to, rest);
  output.size = to + rest;
}

function tooLarge(maxSize: number, at: number): Error {
  return damaged("zstd", `a block is larger than ${maxSize} bytes`, at);
}

/** Below this many bytes a loop beats a call that copies. */
const SHORT = 48;

function copy(input: Uint8Array, start: number, output: Uint8Array, at: number, length: number): void {
  if (length >= SHORT) {
    output.set(input.subarray(start, start + length), at);
    return;
  }
  for (let i = 0; i < length; i++) output[at + i] = input[start + i] as number;
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
