import { sizeExceeded } from "./failures.ts";

/** What comes out of all frames: memory that grows with it, up to a limit. */
export class ZstdOutput {
  bytes: Uint8Array;
  size = 0;
  readonly #input: Uint8Array;
  readonly #maxSize: number;

  /**
   * @param input for the error that is thrown
   * @param expected how much may come; too little only costs time
   */
  constructor(input: Uint8Array, expected: number, maxSize: number) {
    this.#input = input;
    this.#maxSize = maxSize;
    this.bytes = new Uint8Array(Math.min(expected, maxSize));
  }

  /**
   * Makes room for `size` bytes in all.
   *
   * @throws KafkaError `DECOMPRESSED_SIZE_EXCEEDED` when that is more than the limit.
   */
  grow(size: number): void {
    if (size > this.#maxSize) throw sizeExceeded("zstd", this.#input, this.#maxSize);
    if (size <= this.bytes.byteLength) return;
    const larger = new Uint8Array(Math.min(this.#maxSize, Math.max(size, 2 * this.bytes.byteLength)));
    larger.set(this.bytes);
    this.bytes = larger;
  }

  toBytes(): Uint8Array {
    return this.bytes.subarray(0, this.size);
  }
}
