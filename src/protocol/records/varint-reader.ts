import { DecodeError } from "../errors.ts";
import { unzigzag32 } from "../varint.ts";
import { unzigzag64 } from "./varints.ts";

/**
 * A cursor for the zigzag varints of records. It is checked by what follows rather than at every byte: past the
 * end of `bytes` an element is undefined, which is no single-byte varint, and the slow path finds out.
 */
export class VarintReader {
  readonly bytes: Uint8Array;
  /** Index of the next byte; whoever uses the reader moves it over what is no varint. */
  at: number;
  /** Where `bytes` stand in what the caller gave, for errors. */
  readonly #origin: number;

  constructor(bytes: Uint8Array, at: number, origin: number) {
    this.bytes = bytes;
    this.at = at;
    this.#origin = origin;
  }

  /** A zigzag varint of 32 bits; as in Kafka, bits beyond them are dropped from a fifth byte. */
  varint(): number {
    const { bytes, at } = this;
    const first = bytes[at] as number;
    if (first < 0x80) {
      this.at = at + 1;
      return unzigzag32(first);
    }
    // Lengths of 64 to 8,191 bytes, and offsets from the 65th record on: worth a way of their own.
    const second = bytes[at + 1] as number;
    if (second < 0x80) {
      this.at = at + 2;
      return unzigzag32((first & 0x7f) | (second << 7));
    }
    return this.#longVarint();
  }

  /** A zigzag varint of 64 bits as a number, which is exact inside the safe range. */
  varlong(): number {
    const { bytes, at } = this;
    const first = bytes[at] as number;
    if (first < 0x80) {
      this.at = at + 1;
      return unzigzag32(first);
    }
    const second = bytes[at + 1] as number;
    if (second < 0x80) {
      this.at = at + 2;
      return unzigzag32((first & 0x7f) | (second << 7));
    }
    return this.#longVarlong();
  }

  /** An error at the byte that comes next. */
  fail(problem: string): DecodeError {
    return new DecodeError(problem, this.#origin + this.at);
  }

  #longVarint(): number {
    let value = 0;
    for (let shift = 0; shift <= 28; shift += 7) {
      const byte = this.#byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return unzigzag32(value);
    }
    throw this.fail("a varint has more than 5 bytes");
  }

  #longVarlong(): number {
    let low = 0;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.#byte();
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return unzigzag32(low);
    }
    let byte = this.#byte();
    low |= (byte & 0x7f) << 28;
    let high = (byte & 0x7f) >>> 4;
    for (let shift = 3; byte >= 0x80; shift += 7) {
      if (shift > 31) throw this.fail("a varlong has more than 10 bytes");
      byte = this.#byte();
      high |= (byte & 0x7f) << shift;
    }
    return unzigzag64(low, high);
  }

  #byte(): number {
    const byte = this.bytes[this.at];
    if (byte === undefined) throw this.fail("the bytes end inside a varint");
    this.at++;
    return byte;
  }
}
