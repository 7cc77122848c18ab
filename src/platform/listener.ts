/** What a runtime gives to those who take connections: the embedded broker. The client needs none of it. */

import type { ByteStream, ByteStreamHandler } from "./platform.ts";

/** The side of a connection that was connected to. */
export interface ServerStream extends ByteStream {
  /** Sends nothing more, as the end of a socket does, after what was written. */
  end(): void;
  /** Drops the connection; the other side sees it break. */
  reset(): void;
  /**
   * The subject of the other side's certificate, such as `CN=client,O=Example` (RFC 2253: the last part of the name
   * first). Absent without TLS, and where the other side has shown no certificate.
   */
  readonly clientName?: string;
}

/**
 * Takes a connection: what the other side sends goes to the handler that it gives.
 *
 * @param peer Address and port of the other side, such as `127.0.0.1:51234`.
 */
export type Acceptor = (stream: ServerStream, peer: string) => ByteStreamHandler;

/** A server's certificates. All of them are PEM text. */
export interface ServerTls {
  readonly cert: string;
  readonly key: string;
  /** Authorities of client certificates, which are then asked for. Default: none is asked for. */
  readonly ca?: string;
  /** Whether a client without a certificate is refused. Default: false. */
  readonly requireClientCertificate?: boolean;
}

export interface ListenOptions {
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  /** Null for connections without TLS. */
  readonly tls: ServerTls | null;
}

/** Where something listens. */
export interface Listener {
  readonly port: number;
  /** Takes no more connections; those that are open stay open. */
  close(): Promise<void>;
}

/** Listens; rejects with the system's error where that cannot be done. */
export type Listen = (options: ListenOptions, accept: Acceptor) => Promise<Listener>;
