/** Memory of batches that were delivered, for the next ones: fresh memory costs more than writing to it. */

const SMALLEST = 1024;

/** Hands out buffers of a few sizes, each twice the one before, and takes them back. */
export class BatchBuffers {
  readonly #batchSize: number;
  readonly #mostKept: number;
  readonly #allocate: (size: number) => Uint8Array;
  readonly #free = new Map<number, Uint8Array[]>();
  #kept = 0;

  /**
   * @param batchSize Larger buffers are made for one use: a single record needed them.
   * @param mostKept Bytes that are kept while nobody uses them.
   */
  constructor(
    batchSize: number,
    mostKept: number,
    allocate: (size: number) => Uint8Array = (size) => new Uint8Array(size),
  ) {
    this.#batchSize = batchSize;
    this.#mostKept = mostKept;
    this.#allocate = allocate;
  }

  /** At least `size` bytes with whatever was in them. */
  take(size: number): Uint8Array {
    const rounded = this.#rounded(size);
    const buffer = this.#free.get(rounded)?.pop();
    if (buffer === undefined) return this.#allocate(rounded);
    this.#kept -= rounded;
    return buffer;
  }

  /** Nobody may read or write it any more. */
  giveBack(buffer: Uint8Array): void {
    const size = buffer.byteLength;
    if (size !== this.#rounded(size) || size > this.#batchSize) return;
    if (this.#kept + size > this.#mostKept) this.#dropSmallerThan(size);
    if (this.#kept + size > this.#mostKept) return;
    const free = this.#free.get(size);
    if (free === undefined) this.#free.set(size, [buffer]);
    else free.push(buffer);
    this.#kept += size;
  }

  /** Makes room for one of that size: the larger it is, the more a fresh one costs. */
  #dropSmallerThan(size: number): void {
    for (const [smaller, free] of this.#free) {
      if (smaller >= size) continue;
      while (free.length > 0 && this.#kept + size > this.#mostKept) {
        free.pop();
        this.#kept -= smaller;
      }
    }
  }

  #rounded(size: number): number {
    if (size > this.#batchSize) return size;
    let rounded = SMALLEST;
    while (rounded < size) rounded *= 2;
    return Math.min(rounded, this.#batchSize);
  }
}
