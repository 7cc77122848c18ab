/** Follows Kafka's frames through a stream of bytes, wherever that is cut, without holding any of it back. */
export class FrameFollower {
  readonly #headerSize: number;
  readonly #onFrame: (header: Buffer, start: number) => void;
  #header = Buffer.alloc(0);
  /** Bytes of the frame behind its header that are still to come. */
  #left = 0;

  /**
   * @param headerSize How many bytes at the start of a frame are wanted, its size included.
   * @param onFrame Gets those, and where in the chunk that completes them the frame starts: before it, perhaps.
   */
  constructor(headerSize: number, onFrame: (header: Buffer, start: number) => void) {
    this.#headerSize = headerSize;
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, chunk.length - at);
        this.#left -= skipped;
        at += skipped;
        continue;
      }
      const wanted = this.#headerSize - this.#header.length;
      this.#header = Buffer.concat([this.#header, chunk.subarray(at, at + wanted)]);
      at = Math.min(at + wanted, chunk.length);
      if (this.#header.length < this.#headerSize) continue;
      const header = this.#header;
      this.#header = Buffer.alloc(0);
      this.#left = Math.max(0, 4 + header.readInt32BE(0) - this.#headerSize);
      this.#onFrame(header, at - this.#headerSize);
    }
  }
}
