/** Memory in which the batches of a log stand one behind the other, so that many of them are read as one view. */

/** The first of a log is small: most partitions of a test hold a few records. */
const SMALLEST = 4 * 1024;
const LARGEST = 1024 * 1024;

export class Slab {
  readonly bytes: Uint8Array;
  #size: number;

  private constructor(bytes: Uint8Array, size: number) {
    this.bytes = bytes;
    this.#size = size;
  }

  /** One that is full of what is there already. */
  static of(bytes: Uint8Array): Slab {
    return new Slab(bytes, bytes.byteLength);
  }

  /** The one to write into once `previous` is full: twice as large, up to a limit that only `needed` lifts. */
  static after(previous: Slab | null, needed: number): Slab {
    const doubled = previous === null ? SMALLEST : Math.min(previous.bytes.byteLength * 2, LARGEST);
    return new Slab(new Uint8Array(Math.max(doubled, needed)), 0);
  }

  hasRoomFor(size: number): boolean {
    return this.#size + size <= this.bytes.byteLength;
  }

  /** Copies bytes in, and says where they are. What is in a slab is not written over: responses refer to it. */
  put(bytes: Uint8Array): number {
    const at = this.#size;
    this.bytes.set(bytes, at);
    this.#size += bytes.byteLength;
    return at;
  }
}
