/**
 * Connections over the sockets of edge runtimes, which are a readable and a writable stream, such as those of
 * `connect` of `cloudflare:sockets`:
 *
 *     import { connect } from "cloudflare:sockets";
 *     const platform: Platform = { name: "edge", clock, zlib, lookup, connect: edgeConnect(connect) };
 *
 * Certificates of one's own cannot be given there: with TLS, brokers need public ones.
 */

import type { ByteStream, Platform } from "kafkawire";

/** What those sockets have in common. */
export interface EdgeSocket {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  /** Fulfilled once it is connected. */
  readonly opened: Promise<unknown>;
  close(): Promise<void>;
}

/** How the runtime connects. */
export type EdgeConnect = (
  address: { readonly hostname: string; readonly port: number },
  options: { readonly secureTransport: "on" | "off"; readonly allowHalfOpen: false },
) => EdgeSocket;

/** The `connect` of a platform. */
export function edgeConnect(connect: EdgeConnect): Platform["connect"] {
  return async ({ host, port, tls, signal }, handler) => {
    signal.throwIfAborted();
    const secureTransport = tls === null ? "off" : "on";
    const socket = connect({ hostname: host, port }, { secureTransport, allowHalfOpen: false });
    await whenOpen(socket, signal);
    const writer = socket.writable.getWriter();
    const reader = socket.readable.getReader();
    let isClosed = false;
    let resume: (() => void) | null = null;
    let resumed: Promise<void> | null = null;
    const finish = (error: Error | null): void => {
      if (isClosed) return;
      isClosed = true;
      ignoreFailure(reader.cancel());
      ignoreFailure(writer.abort());
      ignoreFailure(socket.close());
      // Not within a call of the client's own.
      queueMicrotask(() => handler.onClose(error));
    };
    const failed = (error: unknown): void =>
      finish(error instanceof Error ? error : new Error(String(error)));
    // Counted here: what the stream itself counts in is not said.
    let underWay = 0;
    let isFull = false;
    const written = (bytes: number): void => {
      underWay -= bytes;
      if (!isFull || underWay > 0) return;
      isFull = false;
      queueMicrotask(() => isClosed || handler.onDrain());
    };
    const pump = async (): Promise<void> => {
      while (!isClosed) {
        const { done, value } = await reader.read();
        // What came while it was paused has to wait as well.
        while (resumed !== null) await resumed;
        if (isClosed) return;
        if (done) return finish(null);
        // By itself, so that what the handler throws does not end the reading unseen.
        queueMicrotask(() => isClosed || handler.onData(value));
        await null;
      }
    };
    // The caller has the stream before anything comes of it.
    setTimeout(() => pump().catch(failed), 0);
    const stream: ByteStream = {
      write(chunks) {
        if (isClosed) return false;
        for (const chunk of chunks) {
          if (chunk.byteLength === 0) continue;
          underWay += chunk.byteLength;
          // In memory of its own: the socket may keep it for longer than the caller does.
          writer.write(chunk.slice()).then(() => written(chunk.byteLength), failed);
        }
        isFull = underWay >= HIGH_WATER_MARK;
        return !isFull;
      },
      pause() {
        resumed ??= new Promise((resolve) => {
          resume = resolve;
        });
      },
      resume() {
        resumed = null;
        resume?.();
      },
      close: () => finish(null),
    };
    return stream;
  };
}

/** Bytes from which on a writer should wait. */
const HIGH_WATER_MARK = 65_536;

async function whenOpen(socket: EdgeSocket, signal: AbortSignal): Promise<void> {
  let aborted = (): void => {};
  try {
    await new Promise<void>((resolve, reject) => {
      aborted = () => reject(signal.reason);
      signal.addEventListener("abort", aborted);
      socket.opened.then(() => resolve(), reject);
    });
  } catch (error) {
    ignoreFailure(socket.close());
    throw error;
  } finally {
    signal.removeEventListener("abort", aborted);
  }
}

/** Of a stream that is given up, nothing that still fails is of interest. */
function ignoreFailure(promise: Promise<unknown>): void {
  promise.catch(() => {});
}
