/** zstd's two ways of reading bits, the lowest bit of a byte first: of headers forwards, of streams backwards. */

import { damaged } from "./failures.ts";

/** The index of the highest bit that is set; -1 for 0. */
export function highestBit(value: number): number {
  return 31 - Math.clz32(value);
}

/** Reads from `start` on. */
export class ForwardBits {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = 8 * start;
    this.#end = 8 * end;
  }

  /** The next up to 16 bits without taking them; behind the end are zeros. */
  peek(count: number): number {
    const index = Math.floor(this.#at / 8);
    const word = byteAt(this.#bytes, index, this.#end) | (byteAt(this.#bytes, index + 1, this.#end) << 8);
    return (
      ((word | (byteAt(this.#bytes, index + 2, this.#end) << 16)) >>> (this.#at % 8)) & ((1 << count) - 1)
    );
  }

  /** @throws DecodeError when there are fewer. */
  take(count: number): void {
    this.#at += count;
    if (this.#at > this.#end) throw damaged("zstd", "a table ends early", Math.floor(this.#end / 8));
  }

  read(count: number): number {
    const value = this.peek(count);
    this.take(count);
    return value;
  }

  /** Where the next whole byte is. */
  get byteOffset(): number {
    return Math.ceil(this.#at / 8);
  }
}

function byteAt(bytes: Uint8Array, index: number, endBit: number): number {
  return 8 * index < endBit ? (bytes[index] as number) : 0;
}

/** Compressed bytes with a few more behind them, so that any of them can be read as part of a word. */
export interface PaddedInput {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** How many of them are the input's own. */
  readonly size: number;
}

/** Copies, which is quicker than asking at every read whether a word ends within the input. */
export function padded(bytes: Uint8Array): PaddedInput {
  const size = bytes.byteLength;
  const copy = new Uint8Array(size + 3);
  copy.set(bytes);
  return { bytes: copy, view: new DataView(copy.buffer), size };
}

/**
 * How many bits are in the stream `input[start, end)`, which is read from its end back to its start: the highest
 * bit that is set in the last byte is not data, but tells where the data ends.
 *
 * @throws DecodeError when there is none.
 */
export function streamLength({ bytes }: PaddedInput, start: number, end: number): number {
  const last = end > start ? (bytes[end - 1] as number) : 0;
  if (last === 0) throw damaged("zstd", "a stream of bits has no end mark", Math.max(start, end - 1));
  return 8 * (end - start - 1) + highestBit(last);
}

/** `count` bits, 25 at most, of the stream that begins at byte `start`, from its bit `at` on. */
export function bitsAt(view: DataView, start: number, at: number, count: number): number {
  return (view.getInt32(start + (at >>> 3), true) >>> (at & 7)) & ((1 << count) - 1);
}

/** The same for up to 31 bits. */
export function longBitsAt(view: DataView, start: number, at: number, count: number): number {
  if (count <= 25) return bitsAt(view, start, at, count);
  return bitsAt(view, start, at, 16) | (bitsAt(view, start, at + 16, count - 16) << 16);
}
