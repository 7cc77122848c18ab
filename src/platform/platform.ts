/**
 * What kafkawire needs from the runtime it runs in. Everything else in `src/` goes through this interface, so
 * that one source serves Node.js, Deno, Bun and edge runtimes, and so that tests can bring their own network and
 * clock. A user may pass an implementation of their own as `platform` to tunnel connections elsewhere.
 */

/** Certificates and names of a TLS connection. All of them are PEM text. */
export interface TlsOptions {
  /** Certificates of the authorities that are trusted. Default: those of the runtime. */
  readonly ca?: string;
  /** The client's own certificate chain, where the broker asks for one. */
  readonly cert?: string;
  /** The private key of that certificate. */
  readonly key?: string;
  /** Password of that key. */
  readonly passphrase?: string;
  /** Name that the broker's certificate must carry; it is also sent as SNI. Default: the host. */
  readonly serverName?: string;
  /** False accepts a certificate for any host name. Default: true. */
  readonly verifyHostname?: boolean;
}

/** A part of {@link TlsOptions} that cannot be used; `pair` when key and certificate do not belong together. */
export interface TlsProblem {
  readonly part: "ca" | "cert" | "key" | "passphrase" | "pair";
  readonly cause: unknown;
}

/** Where to connect. */
export interface ConnectOptions {
  readonly host: string;
  readonly port: number;
  /** Null for a connection without TLS. */
  readonly tls: TlsOptions | null;
  /** Ends the attempt; its reason is what `connect` rejects with. */
  readonly signal: AbortSignal;
}

/**
 * Who takes what a {@link ByteStream} gives. None of these may throw: what is thrown is nobody's, and comes out as
 * an uncaught exception of the process.
 */
export interface ByteStreamHandler {
  /** Whether `onData` keeps nothing of what it is given. Absent: it may. */
  readonly keepsNothing?: true;
  /**
   * Where the next bytes may be put, if the platform can: `onData` is then given the part that was filled, from its start.
   * Null or absent: in memory of the platform's.
   */
  room?(): Uint8Array | null;
  /**
   * The next bytes from the peer. They may be kept, unless the handler says that it does not: the platform does not
   * write to them again.
   */
  onData(chunk: Uint8Array): void;
  /** More can be written after {@link ByteStream.write} gave false. */
  onDrain(): void;
  /** Called once, last of all: null when either side closed in order, else what broke. */
  onClose(error: Error | null): void;
}

/** A connected stream of bytes in both directions. */
export interface ByteStream {
  /**
   * Sends the chunks in order; they must not change until they are out.
   *
   * @returns false when so much is buffered that the next write should wait for `onDrain`.
   */
  write(chunks: readonly Uint8Array[]): boolean;
  /** Stops `onData`, so that the peer is slowed down. */
  pause(): void;
  /** Undoes {@link pause}. */
  resume(): void;
  /** Drops the connection and what was not yet sent. May be called again. */
  close(): void;
  /**
   * Says whether this stream by itself keeps the process alive: an open one does, until it is told otherwise.
   * Absent where that is nobody's concern.
   */
  keepAlive?(keep: boolean): void;
}

/** How a stream that is already there is to be secured. */
export interface SecureOptions {
  /** The host that is at its other end; unless `tls` says otherwise, its certificate must carry that name. */
  readonly host: string;
  readonly tls: TlsOptions;
  /** Ends the handshake; its reason is what `secure` rejects with. */
  readonly signal: AbortSignal;
}

/** One address of a name. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** A timer that has not fired. */
export interface Timer {
  cancel(): void;
}

/** Time and chance, injected so that tests need not wait. */
export interface Clock {
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonicMs(): number;
  /** Milliseconds since the epoch. */
  wallMs(): number;
  /** Calls `fire` once after `delayMs`. A background timer does not keep the process alive. */
  setTimer(delayMs: number, fire: () => void, options?: { readonly background?: boolean }): Timer;
  /** A number in [0, 1). */
  random(): number;
}

/** gzip, zstd and CRC-32, in whatever way the runtime offers them. */
export interface Zlib {
  gzip(bytes: Uint8Array, level?: number): Uint8Array | Promise<Uint8Array>;
  /** @throws RangeError when the result would be larger than `maxSize` bytes; anything else counts as damage. */
  gunzip(bytes: Uint8Array, maxSize: number): Uint8Array | Promise<Uint8Array>;
  /** Absent where there is none; records can then be read with zstd and not be written. */
  zstdCompress?(bytes: Uint8Array, level?: number): Uint8Array | Promise<Uint8Array>;
  /** As {@link gunzip}, for one frame. Absent where there is none; it is then done in JavaScript. */
  zstdDecompress?(bytes: Uint8Array, maxSize: number): Uint8Array | Promise<Uint8Array>;
  /** CRC-32 as an unsigned number. Absent where there is none; records of magic 0 and 1 then cannot be checked. */
  crc32?(bytes: Uint8Array): number;
}

/** A named channel on which any part of the process may listen, as node:diagnostics_channel has them. */
export interface DiagnosticsChannel {
  readonly hasSubscribers: boolean;
  publish(message: unknown): void;
}

/** A runtime. */
export interface Platform {
  /** Such as `node`. */
  readonly name: string;
  readonly clock: Clock;
  readonly zlib: Zlib;
  /** Memory for bytes to be written, which need not be zeroed. Absent where `new Uint8Array` is as good. */
  allocate?(size: number): Uint8Array;
  /** Opens a connection; the handler gets nothing before the promise resolves. */
  connect(options: ConnectOptions, handler: ByteStreamHandler): Promise<ByteStream>;
  /** What of these cannot be used; null where nothing is known to. Absent where only connecting shows. */
  checkTls?(options: TlsOptions): TlsProblem | null;
  /**
   * Speaks TLS over a stream that `open` brings about, such as one through a proxy. Absent where the runtime
   * cannot.
   */
  secure?(
    open: (handler: ByteStreamHandler) => Promise<ByteStream>,
    options: SecureOptions,
    handler: ByteStreamHandler,
  ): Promise<ByteStream>;
  /** All addresses of a name, in the resolver's order. */
  lookup(host: string): Promise<readonly ResolvedAddress[]>;
  /** The channel of that name. Absent where the runtime has none. */
  diagnostics?(name: string): DiagnosticsChannel;
}
