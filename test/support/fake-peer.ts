import type { ByteStream, ByteStreamHandler } from "../../src/platform/platform.ts";

/** The other end of a connection. Bytes arrive a moment after they were sent, never within the call. */
export class FakePeer {
  /** What the client holds. */
  readonly stream: ByteStream;
  /** Takes what the client sends. */
  onData: (bytes: Uint8Array) => void = () => {};
  /** All that the client has sent. */
  received = Buffer.alloc(0);
  /** Sends each byte by itself. */
  byteByByte = false;
  /** While true, `write` tells the client to wait. */
  isFull = false;
  isClosed = false;
  readonly #handler: ByteStreamHandler;
  #isPaused = false;
  readonly #held: Uint8Array[] = [];

  constructor(handler: ByteStreamHandler) {
    this.#handler = handler;
    this.stream = {
      write: (chunks) => {
        const bytes = Buffer.concat(chunks);
        if (!this.isClosed) queueMicrotask(() => this.#take(bytes));
        return !this.isFull;
      },
      pause: () => {
        this.#isPaused = true;
      },
      resume: () => {
        this.#isPaused = false;
        for (const bytes of this.#held.splice(0)) this.send(bytes);
      },
      close: () => this.close(),
    };
  }

  /** Sends bytes to the client. */
  send(bytes: Uint8Array): void {
    const chunks = this.byteByByte ? Array.from(bytes, (byte) => Uint8Array.of(byte)) : [bytes];
    for (const chunk of chunks) {
      queueMicrotask(() => {
        if (this.isClosed) return;
        if (this.#isPaused) this.#held.push(chunk);
        else this.#handler.onData(chunk);
      });
    }
  }

  /** Lets the client write again. */
  drain(): void {
    this.isFull = false;
    queueMicrotask(() => this.#handler.onDrain());
  }

  /** Ends the connection, in order or with an error; what was sent before still arrives. */
  close(error: Error | null = null): void {
    queueMicrotask(() => {
      if (this.isClosed) return;
      this.isClosed = true;
      this.#handler.onClose(error);
    });
  }

  #take(bytes: Buffer): void {
    this.received = Buffer.concat([this.received, bytes]);
    this.onData(bytes);
  }
}
