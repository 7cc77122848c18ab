import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { platform } from "../../src/platform/node.ts";
import type { ByteStream, ByteStreamHandler, TlsOptions } from "../../src/platform/platform.ts";

const fixture = (name: string): string =>
  readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8");

/** A certificate for localhost and 127.0.0.1. */
export const certificate = {
  ca: fixture("ca.pem"),
  cert: fixture("localhost.pem"),
  key: fixture("localhost.key"),
};

export interface TestServer extends AsyncDisposable {
  readonly port: number;
  /** The next connection that comes, or the oldest that was not asked for. */
  connection(): Promise<Socket>;
}

/** A server on a free port of 127.0.0.1; its end closes all connections. */
export async function serve({
  tls = false,
  onConnection = (_: Socket): void => {},
} = {}): Promise<TestServer> {
  const sockets: Socket[] = [];
  const queued: Socket[] = [];
  const waiting: ((socket: Socket) => void)[] = [];
  const accept = (socket: Socket): void => {
    socket.on("error", () => {});
    sockets.push(socket);
    const taker = waiting.shift();
    if (taker === undefined) queued.push(socket);
    else taker(socket);
    onConnection(socket);
  };
  const options = { allowHalfOpen: true };
  const server: Server = tls
    ? createTlsServer({ ...options, cert: certificate.cert, key: certificate.key }, accept)
    : createServer(options, accept);
  server.on("tlsClientError", () => {});
  // Where a handshake fails, this is all that is ever seen of a connection.
  if (tls) server.on("connection", (socket: Socket) => void sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connection: () => {
      const socket = queued.shift();
      return socket === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(socket);
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What a stream gave so far, with waits for more. */
export class Recorder implements ByteStreamHandler {
  received = Buffer.alloc(0);
  drains = 0;
  readonly closes: (Error | null)[] = [];
  #changed: () => void = () => {};

  onData(chunk: Uint8Array): void {
    this.received = Buffer.concat([this.received, chunk]);
    this.#changed();
  }

  onDrain(): void {
    this.drains++;
    this.#changed();
  }

  onClose(error: Error | null): void {
    this.closes.push(error);
    this.#changed();
  }

  /** Waits until `condition` holds of this. */
  async until(condition: (recorder: this) => boolean): Promise<void> {
    while (!condition(this)) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }
}

/** A connection of the Node platform, and what it gives. */
export async function connected(
  port: number,
  tls: TlsOptions | null = null,
  host = "127.0.0.1",
): Promise<{ readonly stream: ByteStream; readonly recorder: Recorder }> {
  const recorder = new Recorder();
  const { signal } = new AbortController();
  const stream = await platform.connect({ host, port, tls, signal }, recorder);
  return { stream, recorder };
}
