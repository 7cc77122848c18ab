/**
 * Finite state entropy: a state stands for a symbol, and says how many bits to read for the next state. A table
 * follows from how likely each symbol is, in parts of a power of two (RFC 8878, 4.1).
 */

import { damaged } from "./failures.ts";
import { type ForwardBits, highestBit } from "./zstd-bits.ts";

export interface FseTable {
  /** Logarithm of the number of states. */
  readonly log: number;
  /** By state: the next state's base in the upper 16 bits, how many bits are added to it, and the symbol. */
  readonly states: Int32Array;
}

/** A probability that is less than one part. */
const LESS_THAN_ONE = -1;

/** The table with one state, in which no bits are read. */
export function singleFseTable(symbol: number): FseTable {
  return { log: 0, states: Int32Array.of(symbol) };
}

/**
 * @param parts how many of 2^`log` states stand for each symbol; together they are all states
 */
export function fseTable(parts: readonly number[], log: number): FseTable {
  const size = 1 << log;
  const states = new Int32Array(size);
  const next = new Int32Array(parts.length);
  let rareFrom = size;
  for (let symbol = 0; symbol < parts.length; symbol++) {
    const part = parts[symbol] as number;
    next[symbol] = Math.abs(part);
    if (part === LESS_THAN_ONE) states[--rareFrom] = symbol;
  }
  // The others are spread, with a step that comes by every state once.
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  for (let symbol = 0; symbol < parts.length; symbol++) {
    for (let left = parts[symbol] as number; left > 0; left--) {
      states[at] = symbol;
      do at = (at + step) & (size - 1);
      while (at >= rareFrom);
    }
  }
  for (let state = 0; state < size; state++) {
    const symbol = states[state] as number;
    const number = next[symbol] as number;
    next[symbol] = number + 1;
    const bits = log - highestBit(number);
    states[state] = (((number << bits) - size) << 16) | (bits << 8) | symbol;
  }
  return { log, states };
}

/**
 * Reads how likely each symbol is, and makes the table.
 *
 * @throws DecodeError when there are more states than 2^`maxLog` or more symbols than up to `maxSymbol`.
 */
export function readFseTable(bits: ForwardBits, maxLog: number, maxSymbol: number): FseTable {
  const at = bits.byteOffset;
  const log = bits.read(4) + 5;
  if (log > maxLog) throw damaged("zstd", `a table has 2^${log} states`, at);
  const parts: number[] = [];
  let left = 1 << log;
  while (left > 0) {
    if (parts.length > maxSymbol) throw damaged("zstd", "a table has too many symbols", at);
    const part = readPart(bits, left);
    parts.push(part);
    left -= Math.abs(part);
    // After a symbol that does not occur comes how many more do not.
    for (let more = part === 0 ? 3 : 0; more === 3; ) {
      more = bits.read(2);
      for (let i = 0; i < more; i++) parts.push(0);
      if (parts.length > maxSymbol + 1) throw damaged("zstd", "a table has too many symbols", at);
    }
  }
  return fseTable(parts, log);
}

/** From -1 to `left`, in as few bits as tell that apart: the smaller values may take one bit less. */
function readPart(bits: ForwardBits, left: number): number {
  const width = highestBit(left + 1) + 1;
  const lower = (1 << (width - 1)) - 1;
  const shorter = (1 << width) - 1 - (left + 1);
  const value = bits.peek(width);
  if ((value & lower) < shorter) {
    bits.take(width - 1);
    return (value & lower) - 1;
  }
  bits.take(width);
  return (value > lower ? value - shorter : value) - 1;
}
