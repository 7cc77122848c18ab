import { DecodeError } from "./errors.ts";
import { decodeUtf8 } from "./utf8.ts";
import { decodeUuid, type Uuid } from "./uuid.ts";
import { unzigzag32 } from "./varint.ts";

/**
 * A bounds-checked cursor over bytes. It never reads past its end, never copies what it can view, and never
 * allocates by a length that it has not held against the bytes that remain.
 *
 * Numbers are big-endian. What it reads leniently, it reads as leniently as Kafka's own `ByteBufferAccessor`.
 */
export class Reader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.byteLength;
  }

  /** Index of the next byte. */
  get offset(): number {
    return this.#at;
  }

  /** How many bytes are left. */
  get remaining(): number {
    return this.#end - this.#at;
  }

  /** An error at the byte that comes next. */
  fail(problem: string): DecodeError {
    return new DecodeError(problem, this.#at);
  }

  /** Throws unless every byte was read. */
  expectEnd(): void {
    if (this.#at !== this.#end) throw this.fail(`${this.remaining} bytes are left over`);
  }

  boolean(): boolean {
    return this.#view.getUint8(this.#take(1)) !== 0;
  }

  int8(): number {
    return this.#view.getInt8(this.#take(1));
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4));
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#take(8));
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  uuid(): Uuid {
    return decodeUuid(this.bytes, this.#take(16));
  }

  /**
   * Seven bits a byte, at most five bytes. As in Kafka, the bits of the fifth byte beyond 32 are dropped, and
   * the result is the 32 bits taken as signed: lengths over 2^31 - 1 come out negative and fail as lengths.
   */
  unsignedVarint(): number {
    let byte = this.uint8();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let shift = 7; shift <= 28; shift += 7) {
      byte = this.uint8();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw this.fail("a varint has more than 5 bytes");
  }

  /** A zigzag varint of 32 bits. */
  varint(): number {
    return unzigzag32(this.unsignedVarint());
  }

  /** A zigzag varint of 64 bits. */
  varlong(): bigint {
    let value = 0n;
    for (let shift = 0n; shift <= 63n; shift += 7n) {
      const byte = this.uint8();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        const bits = BigInt.asUintN(64, value);
        return BigInt.asIntN(64, (bits >> 1n) ^ -(bits & 1n));
      }
    }
    throw this.fail("a varlong has more than 10 bytes");
  }

  /** `length` bytes as UTF-8 text. */
  text(length: number): string {
    const start = this.#take(length);
    return decodeUtf8(this.bytes, start, this.#at);
  }

  /** A view of the next `length` bytes; it shares their memory. */
  view(length: number): Uint8Array {
    const start = this.#take(length);
    return this.bytes.subarray(start, this.#at);
  }

  /** Moves past `length` bytes and returns where they start. */
  #take(length: number): number {
    const start = this.#at;
    // Written so that a negative length and NaN fail too, which would move the cursor back or nowhere.
    if (!(length >= 0 && length <= this.#end - start)) {
      throw this.fail(`${length} more bytes are needed and ${this.remaining} are left`);
    }
    this.#at = start + length;
    return start;
  }
}
