/**
 * Memory that a socket of Node.js reads into again and again. By itself a socket takes new memory for each 64 KiB that
 * come, which a consumer pays for: collecting that garbage takes as long as all else that it does.
 */

import type { ConnectOpts } from "node:net";

/** As much as a socket of Node.js reads at once by itself. */
const SIZE = 64 * 1024;

export class ReadBuffer {
  readonly #bytes = new Uint8Array(SIZE);
  /** What came before somebody was there to take it. */
  readonly #early: Uint8Array[] = [];
  #onData: ((chunk: Uint8Array) => void) | null = null;

  /** For the making of the socket. */
  get options(): Pick<ConnectOpts, "onread"> {
    const callback = (size: number): boolean => {
      const chunk = this.#bytes.subarray(0, size);
      if (this.#onData === null) this.#early.push(chunk.slice());
      else this.#onData(chunk);
      return true;
    };
    return { onread: { buffer: this.#bytes, callback } };
  }

  /** @param onData is given what comes, which is overwritten once it has returned; never before this has */
  attach(onData: (chunk: Uint8Array) => void): void {
    if (this.#early.length === 0) {
      this.#onData = onData;
      return;
    }
    // Not before whoever attaches has got its stream.
    setImmediate(() => {
      this.#onData = onData;
      for (const chunk of this.#early.splice(0)) onData(chunk);
    });
  }
}
