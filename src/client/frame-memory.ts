/** Smaller ones are made anew. */
const LEAST = 64 * 1024;
/** Answers differ by a batch or so, and shall find room in each other's memory all the same. */
const STEP = 256 * 1024;
/** How many are kept while nobody uses them. */
const MOST_KEPT = 2;

/**
 * Memory that large answers are gathered in. Who is done with an answer, and knows that nobody else has a view on it,
 * gives it back for the next one; the rest is left to the garbage collector, for which each megabyte costs as much as
 * reading it from the socket.
 */
export class FrameMemory {
  readonly #lent = new WeakSet<ArrayBufferLike>();
  #free: ArrayBufferLike[] = [];

  /** So many bytes, with whatever was in them. */
  take(size: number): Uint8Array {
    if (size < LEAST) return new Uint8Array(size);
    let buffer = this.#free.find(({ byteLength }) => byteLength >= size);
    this.#free = this.#free.filter((each) => each !== buffer);
    buffer ??= new ArrayBuffer(Math.ceil(size / STEP) * STEP);
    this.#lent.add(buffer);
    return new Uint8Array(buffer, 0, size);
  }

  /** Whether it was taken from here, to be given back. */
  isLent(buffer: ArrayBufferLike): boolean {
    return this.#lent.has(buffer);
  }

  /** Nobody reads or writes it any more. */
  giveBack(buffer: ArrayBufferLike): void {
    if (this.#lent.delete(buffer)) this.#free = [buffer, ...this.#free].slice(0, MOST_KEPT);
  }
}
