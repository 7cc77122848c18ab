/** Ways in which an encoded message can come to harm. */

import fc from "fast-check";
import type { LengthMark } from "./interpreter.ts";

/** Bytes that make hostile lengths, sizes and counts, each in the compact and in the fixed form. */
const hostile: readonly (readonly number[])[] = [
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0x07],
  [0x80, 0x80, 0x80, 0x80, 0x08],
  [0xff, 0xff, 0xff, 0xff, 0xff],
  [0x80, 0x80, 0x00],
  [0x7f, 0xff, 0xff, 0xff],
  [0x80, 0x00, 0x00, 0x00],
  [0xff, 0xff, 0xff, 0xfe],
  [0x00, 0x0f, 0x42, 0x41],
  [0x7f, 0xff],
  [0x80, 0x00],
  [0xed, 0xa0, 0x80],
  [0xc0, 0x80],
];

/** Replaces `bytes[start, end)`. */
export function splice(bytes: Uint8Array, start: number, end: number, by: readonly number[]): Uint8Array {
  return Uint8Array.from([...bytes.subarray(0, start), ...by, ...bytes.subarray(end)]);
}

/** `bytes` after one to three mutations: bits flipped, bytes set, put in, taken out, or the end cut off. */
export function mutated(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const where = fc.nat({ max: Math.max(0, bytes.byteLength - 1) });
  const one: fc.Arbitrary<(bytes: Uint8Array) => Uint8Array> = fc.oneof(
    fc.tuple(where, fc.nat({ max: 7 })).map(([at, bit]) => (from: Uint8Array) => {
      const to = Uint8Array.from(from);
      if (at < to.byteLength) to[at] = (to[at] as number) ^ (1 << bit);
      return to;
    }),
    fc.tuple(where, fc.nat({ max: 255 })).map(
      ([at, byte]) =>
        (from: Uint8Array) =>
          splice(from, at, at + 1, [byte]),
    ),
    fc.tuple(where, fc.nat({ max: 255 })).map(
      ([at, byte]) =>
        (from: Uint8Array) =>
          splice(from, at, at, [byte]),
    ),
    where.map((at) => (from: Uint8Array) => splice(from, at, at + 1, [])),
    where.map((at) => (from: Uint8Array) => from.slice(0, at)),
    fc.tuple(where, fc.constantFrom(...hostile)).map(
      ([at, by]) =>
        (from: Uint8Array) =>
          splice(from, at, at + by.length, by),
    ),
  );
  return fc
    .array(one, { minLength: 1, maxLength: 3 })
    .map((steps) => steps.reduce((result, step) => step(result), bytes));
}

/** Lengths that promise more than any frame holds, in the form that stands at `mark`. */
export function hostileLengths(mark: LengthMark): readonly (readonly number[])[] {
  if (mark.compact) {
    return [
      [0xff, 0xff, 0xff, 0xff, 0x07],
      [0x81, 0x80, 0x80, 0x80, 0x04],
    ];
  }
  return mark.end - mark.start === 2
    ? [[0x7f, 0xff]]
    : [
        [0x7f, 0xff, 0xff, 0xff],
        [0x40, 0x00, 0x00, 0x00],
      ];
}
