/**
 * Zigzag varints over plain numbers, for the hot path of records: no cursor, no bigint. A "varlong" here is an
 * integer of up to 53 bits, worked on as two halves of 32 bits where one does not hold it.
 */

import { zigzag32 } from "../varint.ts";

const HALF = 0x1_0000_0000;

/** Bytes that a zigzag varint of 32 bits takes. Comparing beats counting bits, since nearly all are short. */
export function varintLength(value: number): number {
  const bits = zigzag32(value);
  if ((bits & ~0x7f) === 0) return 1;
  if ((bits & ~0x3fff) === 0) return 2;
  if ((bits & ~0x1f_ffff) === 0) return 3;
  return (bits & ~0xfff_ffff) === 0 ? 4 : 5;
}

/** Writes a zigzag varint of 32 bits at `at` and returns the index after it. The room must be there. */
export function putVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = zigzag32(value);
  let index = at;
  while (rest & ~0x7f) {
    bytes[index++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[index++] = rest;
  return index;
}

/** Writes a safe integer as a zigzag varint of 64 bits and returns the index after it. */
export function putVarlong(bytes: Uint8Array, at: number, value: number): number {
  if ((value | 0) === value) return putVarint(bytes, at, value);
  let high = Math.floor(value / HALF) | 0;
  let low = (value - high * HALF) | 0;
  const sign = high >> 31;
  high = ((high << 1) | (low >>> 31)) ^ sign;
  low = (low << 1) ^ sign;
  let index = at;
  while (high !== 0 || low & ~0x7f) {
    bytes[index++] = (low & 0x7f) | 0x80;
    low = (low >>> 7) | (high << 25);
    high >>>= 7;
  }
  bytes[index++] = low;
  return index;
}

/** Bytes that {@link putVarlong} writes. */
export function varlongLength(value: number): number {
  if ((value | 0) === value) return varintLength(value);
  // Zigzag makes 2n of n and 2n - 1 of -n; halved here, so that doubles stay exact at the ends of their range.
  const halved = value < 0 ? -value - 1 : value;
  return Math.ceil((64 - Math.clz32(Math.floor(halved / (HALF / 2)))) / 7);
}
