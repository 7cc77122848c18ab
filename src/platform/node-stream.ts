/** A socket of Node.js, Deno or Bun as a stream of bytes, whichever side opened it. */

import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { GatheredWrites } from "./gathered-writes.ts";
import type { ReadBuffer } from "./node-read-buffer.ts";
import type { ByteStream, ByteStreamHandler } from "./platform.ts";

/**
 * So many bytes that have not left are enough. Fewer make a writer stop and go: each time both processes have to be
 * woken, which costs more than the memory.
 */
const FULL = 1024 * 1024;

/** Where a socket differs from one that reads into memory of its own and writes to the system. */
interface Attachment {
  /** What the socket writes to itself, where that is not of the system: Bun's TLS does not heed it. */
  readonly under?: Duplex;
  /** What the socket reads into, and gives no `data` then. */
  readonly readBuffer?: ReadBuffer | null;
}

export function attach(
  socket: Socket,
  handler: ByteStreamHandler,
  { under, readBuffer = null }: Attachment = {},
): ByteStream {
  let failure: Error | null = null;
  const writes = new GatheredWrites();
  /** Whether the writer was told to wait. */
  let isFull = false;
  const flush = (): void => {
    const chunks = writes.take();
    if (chunks.length === 0 || socket.destroyed) return;
    // Corked writes leave in one system call.
    if (chunks.length > 1) socket.cork();
    for (const chunk of chunks) socket.write(chunk);
    if (chunks.length > 1) socket.uncork();
    // The socket tells of a drain only where it was full itself.
    drained();
  };
  const drained = (): void => {
    if (!isFull || socket.writableNeedDrain || under?.writableNeedDrain === true) return;
    isFull = false;
    handler.onDrain();
  };
  if (readBuffer === null) socket.on("data", (chunk: Uint8Array) => handler.onData(chunk));
  else readBuffer.attach((chunk) => handler.onData(chunk));
  socket.on("drain", drained);
  under?.on("drain", drained);
  socket.on("error", (error) => {
    failure = error;
  });
  // A broker that half-closes will answer nothing more: there is no use in keeping our half.
  socket.on("end", () => socket.destroy());
  socket.on("close", () => handler.onClose(failure));
  return {
    write(chunks) {
      // Whatever is written in one run of code leaves together.
      if (writes.byteLength === 0) queueMicrotask(flush);
      writes.add(chunks);
      isFull = socket.writableLength + (under?.writableLength ?? 0) + writes.byteLength >= FULL;
      return !isFull;
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close: () => void socket.destroy(),
    keepAlive: (keep) => void (keep ? socket.ref() : socket.unref()),
  };
}
