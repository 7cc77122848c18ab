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
  readonly #room: () => Uint8Array | null;
  #onData: ((chunk: Uint8Array) => void) | null = null;

  /** @param room other memory, for what comes next; null where there is none */
  constructor(room: () => Uint8Array | null) {
    this.#room = room;
  }

  /** For the making of the socket. */
  get options(): Pick<ConnectOpts, "onread"> {
    const buffer = (): Uint8Array => this.#room() ?? this.#bytes;
    const callback = (size: number, bytes: Uint8Array): boolean => {
      const chunk = bytes.subarray(0, size);
      if (this.#onData === null) this.#early.push(chunk.slice());
      else this.#onData(chunk);
      return true;
    };
    return { onread: { buffer, callback } };
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
