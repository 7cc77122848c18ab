import { type Chunking, randomCuts } from "../../src/platform/memory.ts";
import type { ByteStream, ByteStreamHandler } from "../../src/platform/platform.ts";

/**
 * How a run has the bytes of all its peers cut: `bytes`, `cuts` or, by default, `whole`. What is asserted of the
 * client has to hold whichever it is, so that some suites run with each (vitest.config.ts).
 */
function chunkingOfRun(): Chunking {
  const chosen = process.env["KAFKAWIRE_CHUNKING"] ?? "whole";
  if (chosen === "whole" || chosen === "bytes") return chosen;
  if (chosen === "cuts") return randomCuts(1);
  throw new Error(`KAFKAWIRE_CHUNKING is ${chosen}, which is none of whole, bytes, cuts`);
}

/**
 * The other end of a connection. Bytes arrive a moment after they were sent, never within the call.
 *
 * Unlike the network in memory of the sources it is at the test's command: how full it is, how it ends, and when.
 */
export class FakePeer {
  /** What the client holds. */
  readonly stream: ByteStream;
  /** Takes what the client sends. */
  onData: (bytes: Uint8Array) => void = () => {};
  /** All that the client has sent. */
  received = Buffer.alloc(0);
  chunking: Chunking = chunkingOfRun();
  /** While true, `write` tells the client to wait. */
  isFull = false;
  isClosed = false;
  /** Whether the client says that this connection is no reason for its process to live. */
  isIdle = false;
  readonly #handler: ByteStreamHandler;
  #isPaused = false;
  /** Sent and not arrived. */
  #underWay: Uint8Array[] = [];
  /** Set once the connection is to end, after what is under way. */
  #end: { readonly error: Error | null } | null = null;
  #isScheduled = false;

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
        this.#schedule();
      },
      close: () => this.close(),
      keepAlive: (keep) => {
        this.isIdle = !keep;
      },
    };
  }

  /** Sends each byte by itself. */
  set byteByByte(isSo: boolean) {
    if (isSo) this.chunking = "bytes";
  }

  /** Sends bytes to the client. */
  send(bytes: Uint8Array): void {
    if (bytes.byteLength > 0) this.#underWay.push(bytes);
    this.#schedule();
  }

  /** Lets the client write again. */
  drain(): void {
    this.isFull = false;
    queueMicrotask(() => this.#handler.onDrain());
  }

  /** Ends the connection, in order or with an error; what was sent before still arrives, but not while paused. */
  close(error: Error | null = null): void {
    this.#end ??= { error };
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.isClosed) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#arrive();
    });
  }

  /** One chunk, so that what it sets off happens before the next. */
  #arrive(): void {
    if (this.isClosed) return;
    if (this.#end !== null && (this.#isPaused || this.#underWay.length === 0)) {
      this.isClosed = true;
      this.#handler.onClose(this.#end.error);
      return;
    }
    if (this.#isPaused || this.#underWay.length === 0) return;
    this.#schedule();
    this.#handler.onData(this.#next());
  }

  #next(): Uint8Array {
    if (this.chunking === "whole") return this.#underWay.shift() as Uint8Array;
    const all =
      this.#underWay.length === 1 ? (this.#underWay[0] as Uint8Array) : Buffer.concat(this.#underWay);
    const size =
      this.chunking === "bytes"
        ? 1
        : Math.min((this.chunking as (n: number) => number)(all.length), all.length);
    this.#underWay = size === all.length ? [] : [all.subarray(size)];
    return Uint8Array.from(all.subarray(0, size));
  }

  #take(bytes: Buffer): void {
    this.received = Buffer.concat([this.received, bytes]);
    this.onData(bytes);
  }
}
