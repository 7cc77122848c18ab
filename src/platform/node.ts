/** Node.js; Deno and Bun offer the same modules. */

import { lookup } from "node:dns/promises";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { gunzipSync, gzipSync } from "node:zlib";
import type {
  ByteStream,
  ByteStreamHandler,
  Clock,
  ConnectOptions,
  Platform,
  ResolvedAddress,
  Zlib,
} from "./platform.ts";

const clock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  random: () => Math.random(),
  setTimer(delayMs, fire, options) {
    const timer = setTimeout(fire, delayMs);
    if (options?.background === true) timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

// Synchronous on purpose: batches are small, and a trip through the thread pool costs more than it frees.
const zlib: Zlib = {
  gzip: (bytes, level) => gzipSync(bytes, level === undefined ? {} : { level }),
  gunzip: (bytes, maxSize) => gunzipSync(bytes, { maxOutputLength: maxSize }),
};

function open(options: ConnectOptions): Socket {
  const { host, port, tls } = options;
  if (tls === null) return connectTcp({ host, port, noDelay: true, keepAlive: true });
  const serverName = tls.serverName ?? host;
  return connectTls({
    host,
    port,
    // RFC 6066 forbids addresses as SNI; the certificate is still checked against them.
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    ...(tls.passphrase === undefined ? {} : { passphrase: tls.passphrase }),
    ...(tls.verifyHostname === false ? { checkServerIdentity: () => undefined } : {}),
  });
}

async function connect(options: ConnectOptions, handler: ByteStreamHandler): Promise<ByteStream> {
  const { signal } = options;
  signal.throwIfAborted();
  const socket = open(options);
  await new Promise<void>((resolve, reject) => {
    const settle = (finish: () => void): void => {
      socket.removeListener(event, connected);
      socket.removeListener("error", failed);
      socket.removeListener("close", closed);
      signal.removeEventListener("abort", aborted);
      finish();
    };
    const fail = (error: unknown): void =>
      settle(() => {
        // The socket can report another error while it goes down; by then it is nobody's.
        socket.on("error", () => {});
        socket.destroy();
        reject(error);
      });
    const event = options.tls === null ? "connect" : "secureConnect";
    const connected = (): void => settle(resolve);
    const failed = (error: Error): void => fail(error);
    const closed = (): void => fail(new Error("the connection was closed before it was set up"));
    const aborted = (): void => fail(signal.reason);
    socket.once(event, connected);
    socket.once("error", failed);
    socket.once("close", closed);
    signal.addEventListener("abort", aborted);
  });
  socket.setNoDelay(true);
  return attach(socket, handler);
}

function attach(socket: Socket, handler: ByteStreamHandler): ByteStream {
  let failure: Error | null = null;
  socket.on("data", (chunk: Uint8Array) => handler.onData(chunk));
  socket.on("drain", () => handler.onDrain());
  socket.on("error", (error) => {
    failure = error;
  });
  // A broker that half-closes will answer nothing more: there is no use in keeping our half.
  socket.on("end", () => socket.destroy());
  socket.on("close", () => handler.onClose(failure));
  return {
    write(chunks) {
      // Corked writes leave in one system call.
      socket.cork();
      let more = true;
      for (const chunk of chunks) more = socket.write(chunk);
      socket.uncork();
      return more;
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close: () => void socket.destroy(),
  };
}

/** The platform of Node.js, Deno and Bun. */
export const platform: Platform = {
  name: "node",
  clock,
  zlib,
  connect,
  async lookup(host): Promise<readonly ResolvedAddress[]> {
    const found = await lookup(host, { all: true, verbatim: true });
    return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
  },
};
