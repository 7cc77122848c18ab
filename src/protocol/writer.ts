import { EncodeError } from "./errors.ts";
import { encodeUtf8, utf8Length } from "./utf8.ts";
import { encodeUuid, type Uuid } from "./uuid.ts";
import { unsignedVarintLength, zigzag32 } from "./varint.ts";

/** From this size on, bytes go into the output by reference instead of being copied. */
const BY_REFERENCE = 4096;

/**
 * Growable output. Small values are written into one buffer; large byte strings, such as the record batches of
 * a Produce request, are referred to, so that the output is a list of chunks and nothing large is copied.
 *
 * Numbers are big-endian.
 */
export class Writer {
  #buffer: Uint8Array;
  #view: DataView;
  #at = 0;
  /** Finished chunks; what the buffer holds from `#chunkStart` on is not yet among them. */
  #chunks: Uint8Array[] = [];
  #chunkStart = 0;
  #chunkedLength = 0;
  /** While something whose size is still unknown is being written, all of it must stay in the buffer. */
  #openSizes = 0;

  readonly #initialCapacity: number;

  constructor(initialCapacity = 512) {
    this.#initialCapacity = initialCapacity;
    this.#buffer = new Uint8Array(initialCapacity);
    this.#view = new DataView(this.#buffer.buffer);
  }

  /** How many bytes have been written. */
  get length(): number {
    return this.#chunkedLength + this.#at - this.#chunkStart;
  }

  boolean(value: boolean): void {
    this.uint8(value ? 1 : 0);
  }

  int8(value: number): void {
    const at = this.#reserve(1);
    this.#view.setInt8(at, value);
  }

  uint8(value: number): void {
    const at = this.#reserve(1);
    this.#buffer[at] = value;
  }

  int16(value: number): void {
    const at = this.#reserve(2);
    this.#view.setInt16(at, value);
  }

  uint16(value: number): void {
    const at = this.#reserve(2);
    this.#view.setUint16(at, value);
  }

  int32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setInt32(at, value);
  }

  uint32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value);
  }

  int64(value: bigint): void {
    const at = this.#reserve(8);
    this.#view.setBigInt64(at, value);
  }

  float64(value: number): void {
    const at = this.#reserve(8);
    this.#view.setFloat64(at, value);
  }

  /** @throws EncodeError when the text is not a uuid in Kafka's form. */
  uuid(value: Uuid): void {
    const at = this.#reserve(16);
    if (!encodeUuid(value, this.#buffer, at)) {
      throw new EncodeError(`"${value}" is not a uuid: Kafka writes them as 22 characters of base64url`);
    }
  }

  /** Seven bits a byte; `value` counts as 32 unsigned bits. */
  unsignedVarint(value: number): void {
    const at = this.#reserve(5);
    this.#at = putUnsignedVarint(this.#buffer, at, value);
  }

  /** A zigzag varint of 32 bits. */
  varint(value: number): void {
    this.unsignedVarint(zigzag32(value));
  }

  /** A zigzag varint of 64 bits. */
  varlong(value: bigint): void {
    let at = this.#reserve(10);
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
    while (rest > 0x7fn) {
      this.#buffer[at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#buffer[at++] = Number(rest);
    this.#at = at;
  }

  /**
   * UTF-8 text after its length, which `writeLength` writes and which must not pass `limit` bytes.
   *
   * @throws EncodeError when the text is longer than that.
   */
  text(text: string, limit: number, writeLength: (writer: Writer, length: number) => void): void {
    const length = utf8Length(text);
    if (length > limit)
      throw new EncodeError(`the text takes ${length} bytes in UTF-8 and at most ${limit} fit`);
    writeLength(this, length);
    const at = this.#reserve(length);
    encodeUtf8(text, this.#buffer, at);
  }

  /** Bytes as they are; large ones by reference, so they must not change before the output is used. */
  raw(bytes: Uint8Array): void {
    if (bytes.byteLength >= BY_REFERENCE && this.#openSizes === 0) {
      this.#closeChunk();
      this.#chunks.push(bytes);
      this.#chunkedLength += bytes.byteLength;
      return;
    }
    const at = this.#reserve(bytes.byteLength);
    this.#buffer.set(bytes, at);
  }

  /** Whatever `write` writes, after its size as an unsigned varint. */
  sized(write: (writer: Writer) => void): void {
    this.#openSizes++;
    const sizeAt = this.#reserve(1);
    const start = this.#at;
    write(this);
    const size = this.#at - start;
    const sizeLength = unsignedVarintLength(size);
    if (sizeLength > 1) {
      this.#reserve(sizeLength - 1);
      this.#buffer.copyWithin(start + sizeLength - 1, start, start + size);
    }
    putUnsignedVarint(this.#buffer, sizeAt, size);
    this.#openSizes--;
  }

  /** The output as chunks, in order. Further writing starts a new chunk. */
  chunks(): Uint8Array[] {
    this.#closeChunk();
    return [...this.#chunks];
  }

  /**
   * The output as {@link chunks}, after which writing begins anew. One writer may so serve for many messages, which
   * then share a buffer: an allocation for each costs more than most requests.
   */
  take(): Uint8Array[] {
    this.#closeChunk();
    const taken = this.#chunks;
    this.#begin();
    // What was taken keeps the buffer, so it is not written over; and growing copies it.
    if (this.#buffer.byteLength - this.#at < this.#buffer.byteLength / 8) {
      this.#buffer = new Uint8Array(this.#initialCapacity);
      this.#view = new DataView(this.#buffer.buffer);
      this.#at = this.#chunkStart = 0;
    }
    return taken;
  }

  /** Drops what was written since the last {@link take}. */
  drop(): void {
    this.#at = this.#chunkStart;
    this.#begin();
  }

  #begin(): void {
    this.#chunks = [];
    this.#chunkedLength = 0;
    this.#openSizes = 0;
  }

  /** The output as one piece. */
  toBytes(): Uint8Array {
    if (this.#chunks.length === 0) return this.#buffer.slice(this.#chunkStart, this.#at);
    const all = new Uint8Array(this.length);
    let at = 0;
    for (const chunk of this.chunks()) {
      all.set(chunk, at);
      at += chunk.byteLength;
    }
    return all;
  }

  #closeChunk(): void {
    if (this.#at === this.#chunkStart) return;
    const chunk = this.#buffer.subarray(this.#chunkStart, this.#at);
    this.#chunks.push(chunk);
    this.#chunkedLength += chunk.byteLength;
    this.#chunkStart = this.#at;
  }

  /** Makes room for `count` bytes, moves past them, and returns where they start. */
  #reserve(count: number): number {
    const at = this.#at;
    const end = at + count;
    if (end > this.#buffer.byteLength) this.#grow(end);
    this.#at = end;
    return at;
  }

  /** Chunks that were cut from the old buffer stay valid: growing copies and never moves them. */
  #grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, this.#buffer.byteLength * 2));
    grown.set(this.#buffer.subarray(0, this.#at));
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** Writes an unsigned varint at `at` and returns the index after it. The room must be there. */
function putUnsignedVarint(buffer: Uint8Array, at: number, value: number): number {
  let rest = value >>> 0;
  while (rest > 0x7f) {
    buffer[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  buffer[at++] = rest;
  return at;
}
