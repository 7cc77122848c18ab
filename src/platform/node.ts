/** Node.js; Deno and Bun offer the same modules. */

import { channel } from "node:diagnostics_channel";
import { lookup } from "node:dns/promises";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import {
  type ConnectionOptions,
  connect as connectTls,
  createSecureContext,
  type SecureContextOptions,
} from "node:tls";
import * as nodeZlib from "node:zlib";
import * as bufferCrc32 from "buffer-crc32";
import { duplexOver } from "./node-duplex.ts";
import { ReadBuffer } from "./node-read-buffer.ts";
import { attach } from "./node-stream.ts";
import type {
  ByteStream,
  ByteStreamHandler,
  Clock,
  ConnectOptions,
  Platform,
  ResolvedAddress,
  SecureOptions,
  TlsOptions,
  TlsProblem,
  Zlib,
} from "./platform.ts";

/** Node.js fires a timer that is set for longer at once. */
const LONGEST_TIMER_MS = 0x7fff_ffff;

const clock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  random: () => Math.random(),
  setTimer(delayMs, fire, options) {
    const timer = setTimeout(fire, Math.min(delayMs, LONGEST_TIMER_MS));
    if (options?.background === true) timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

/** The library's types say that the function is the module; in ESM it is the module's default export. */
const { default: crc32 } = bufferCrc32 as unknown as {
  readonly default: { readonly unsigned: (bytes: Uint8Array) => number };
};

/** What node:zlib has of zstd from Node.js 22.15 and 23.8 on. */
interface NodeZstd {
  readonly zstdCompressSync: (
    bytes: Uint8Array,
    options: { readonly params: { readonly [parameter: number]: number } },
  ) => Uint8Array;
  readonly zstdDecompressSync: (
    bytes: Uint8Array,
    options: { readonly maxOutputLength: number },
  ) => Uint8Array;
  readonly constants: { readonly ZSTD_c_compressionLevel: number };
}

function hasZstd(zlib: object): zlib is NodeZstd {
  return "zstdCompressSync" in zlib && "zstdDecompressSync" in zlib;
}

function zstdOf(zlib: object): Pick<Zlib, "zstdCompress" | "zstdDecompress"> {
  if (!hasZstd(zlib)) return {};
  const { ZSTD_c_compressionLevel } = zlib.constants;
  return {
    zstdCompress: (bytes, level) =>
      plain(
        zlib.zstdCompressSync(bytes, {
          params: level === undefined ? {} : { [ZSTD_c_compressionLevel]: level },
        }),
      ),
    zstdDecompress: (bytes, maxSize) => limited(zlib.zstdDecompressSync, bytes, maxSize),
  };
}

/** A `Buffer` is a class of its own to the code that reads it, which is slower with two than with one. */
function plain({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function limited(
  decompress: (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array,
  bytes: Uint8Array,
  maxSize: number,
): Uint8Array {
  // Node.js takes no limit of 0.
  const content = decompress(bytes, { maxOutputLength: Math.max(maxSize, 1) });
  if (content.byteLength > maxSize) throw new RangeError(`There are ${content.byteLength} bytes`);
  return plain(content);
}

// Synchronous on purpose: batches are small, and a trip through the thread pool costs more than it frees.
const zlib: Zlib = {
  gzip: (bytes, level) => plain(nodeZlib.gzipSync(bytes, level === undefined ? {} : { level })),
  gunzip: (bytes, maxSize) => limited(nodeZlib.gunzipSync, bytes, maxSize),
  ...zstdOf(nodeZlib),
  crc32: (bytes) => crc32.unsigned(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
};

/** Others do not have it, or not quite as Node.js has. */
const hasReadBuffers = !("bun" in process.versions || "deno" in process.versions);

function open({ host, port, tls }: ConnectOptions, readBuffer: ReadBuffer | null): Socket {
  if (tls === null) return connectTcp({ host, port, ...readBuffer?.options });
  return connectTls({ host, port, ...tlsSettings(host, tls) });
}

function tlsSettings(host: string, tls: TlsOptions): ConnectionOptions {
  const serverName = tls.serverName ?? host;
  return {
    // RFC 6066 forbids addresses as SNI; the certificate is still checked against them.
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    ...(tls.passphrase === undefined ? {} : { passphrase: tls.passphrase }),
    ...(tls.verifyHostname === false ? { checkServerIdentity: () => undefined } : {}),
  };
}

/**
 * Node.js takes certificates that it cannot read for none, and says of the rest what is wrong, but not with which
 * part: so one part is added after the other.
 */
function checkTls({ ca, cert, key, passphrase }: TlsOptions): TlsProblem | null {
  const failure = (context: SecureContextOptions): unknown => {
    try {
      // No authorities but these: those of the system take time to load.
      createSecureContext({ ca: [], ...context });
      return null;
    } catch (error) {
      return error;
    }
  };
  const ofCa = ca === undefined ? null : failure({ cert: ca });
  // As a certificate of our own it may be too weak, for instance; as an authority that is for the handshake to say.
  if (ofCa instanceof Error && /PEM routines|asn1/i.test(ofCa.message)) return { part: "ca", cause: ofCa };
  if (cert === undefined || key === undefined) return null;
  const ofCert = failure({ cert });
  if (ofCert !== null) return { part: "cert", cause: ofCert };
  const ofKey = failure({ key, ...(passphrase === undefined ? {} : { passphrase }) });
  if (ofKey !== null) return { part: key.includes("ENCRYPTED") ? "passphrase" : "key", cause: ofKey };
  const ofPair = failure({ cert, key, ...(passphrase === undefined ? {} : { passphrase }) });
  return ofPair === null ? null : { part: "pair", cause: ofPair };
}

async function connect(options: ConnectOptions, handler: ByteStreamHandler): Promise<ByteStream> {
  const { signal, tls } = options;
  signal.throwIfAborted();
  const isReused = hasReadBuffers && tls === null && handler.keepsNothing === true;
  const readBuffer = isReused ? new ReadBuffer(() => handler.room?.() ?? null) : null;
  const socket = open(options, readBuffer);
  await whenOpen(socket, tls === null ? "connect" : "secureConnect", signal);
  return attach(socket, handler, { readBuffer });
}

/** Waits for the event that makes a socket usable. One that fails first is destroyed. */
async function whenOpen(
  socket: Socket,
  event: "connect" | "secureConnect",
  signal: AbortSignal,
): Promise<void> {
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
    const connected = (): void => settle(resolve);
    const failed = (error: Error): void => fail(error);
    const closed = (): void => fail(new Error("the connection was closed before it was set up"));
    const aborted = (): void => fail(signal.reason);
    socket.once(event, connected);
    socket.once("error", failed);
    socket.once("close", closed);
    signal.addEventListener("abort", aborted);
  });
  // Here, since for TLS the options of the same names have no effect.
  socket.setNoDelay(true);
  socket.setKeepAlive(true);
}

async function secure(
  openStream: (handler: ByteStreamHandler) => Promise<ByteStream>,
  { host, tls, signal }: SecureOptions,
  handler: ByteStreamHandler,
): Promise<ByteStream> {
  const { duplex, stream } = await duplexOver(openStream);
  const socket = connectTls({ socket: duplex, ...tlsSettings(host, tls) });
  // Those of the tunnel are the socket's as well, once it is there.
  socket.on("close", () => duplex.destroy());
  await whenOpen(socket, "secureConnect", signal);
  return { ...attach(socket, handler, { under: duplex }), keepAlive: (keep) => stream.keepAlive?.(keep) };
}

/** The platform of Node.js, Deno and Bun. */
export const platform: Platform = {
  name: "node",
  clock,
  zlib,
  // Small ones are parts of a pool, which takes a sixth of the time of an array of their own.
  allocate: (size) => Buffer.allocUnsafe(size),
  connect,
  checkTls,
  secure,
  async lookup(host): Promise<readonly ResolvedAddress[]> {
    const found = await lookup(host, { all: true, verbatim: true });
    return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
  },
  diagnostics: (name) => channel(name),
};
