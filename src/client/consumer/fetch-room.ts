import type { FetchBuffer } from "./fetch-buffer.ts";

/** One answer of each broker being read, one fetched meanwhile. */
const ANSWERS = 2;

/** How much may be fetched, so that what is held in memory is bounded whatever the backlog, and nobody starves. */
export class FetchRoom {
  readonly #fetchMaxBytes: number;
  readonly #buffer: FetchBuffer;

  constructor(fetchMaxBytes: number, buffer: FetchBuffer) {
    this.#fetchMaxBytes = fetchMaxBytes;
    this.#buffer = buffer;
  }

  /** How large an answer may be, so that those of all these brokers together are bounded. */
  share(brokers: readonly number[]): number {
    return Math.max(1, Math.floor(this.#fetchMaxBytes / Math.max(1, new Set(brokers).size)));
  }

  /**
   * Whether as much more may be fetched. It always may where the reader wants something and nothing of what is there
   * is for it: all of it is in its hands already, or of partitions that it does not want now.
   */
  hasRoom(bytes: number, underWay: readonly { readonly reservedBytes: number }[]): boolean {
    const reserved = underWay.reduce((sum, { reservedBytes }) => sum + reservedBytes, 0);
    const isFull = (): boolean => {
      const taken = this.#buffer.heldBytes + reserved;
      return taken > 0 && taken + bytes > ANSWERS * this.#fetchMaxBytes;
    };
    if (isFull()) this.#makeRoom(isFull);
    return !isFull() || (reserved === 0 && this.#buffer.isAskedInVain);
  }

  /** What paused partitions hold can be fetched again; it must not keep others from being read. */
  #makeRoom(isFull: () => boolean): void {
    for (const state of this.#buffer.holders(({ isPaused, isHeld }) => isPaused || isHeld)) {
      if (!isFull()) return;
      this.#buffer.rewind(state);
    }
  }
}
