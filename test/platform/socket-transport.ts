import type { AddressInfo, Server, Socket } from "node:net";
import { createServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Platform } from "kafkawire";
import type { Listening, PeerEnd, PeerHandler, TransportUnderTest } from "./transport-conformance.ts";

/** PEM of a server's certificate for 127.0.0.1, and of what it is signed by. */
export interface ServerCertificate {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Loopback TCP buffers up to 6 MB for the receiver and 4 MB for the sender, by Linux's defaults. */
const SOCKET_BUFFERS = 16_000_000;

/** How a platform connects: by itself, or through something of the test's. */
export type Connect = Platform["connect"];

/** Real sockets on loopback, with TLS where a certificate is given. */
export function socketTransport(connect: Connect, certificate: ServerCertificate | null): TransportUnderTest {
  return {
    mostUnderWay: SOCKET_BUFFERS,
    async listen(accept): Promise<Listening> {
      const sockets = new Set<Socket>();
      const server = listener(certificate, (socket, reset) => {
        sockets.add(socket);
        serve(socket, reset, accept);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const { port } = server.address() as AddressInfo;
      const to = { host: "127.0.0.1", tls: certificate === null ? null : { ca: certificate.ca } };
      return {
        connect: (handler, signal) => connect({ ...to, port, signal }, handler),
        connectToNothing: async (handler, signal) => {
          const other = createServer();
          await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
          const { port: free } = other.address() as AddressInfo;
          await new Promise((resolve) => other.close(resolve));
          return connect({ ...to, port: free, signal }, handler);
        },
        async [Symbol.asyncDispose]() {
          for (const socket of sockets) socket.destroy();
          await new Promise((resolve) => server.close(resolve));
        },
      };
    },
  };
}

/** Calls `accept` with each connection that is ready, and what resets it. */
function listener(
  certificate: ServerCertificate | null,
  accept: (socket: Socket, reset: () => void) => void,
): Server {
  const options = { allowHalfOpen: true, noDelay: true };
  if (certificate === null) {
    return createServer(options, (socket) => accept(socket, () => void socket.resetAndDestroy()));
  }
  // Only what is under the TLS can be reset.
  const under = new Map<number | undefined, Socket>();
  const { cert, key } = certificate;
  const server = createTlsServer({ ...options, cert, key }, (socket) => {
    const raw = under.get(socket.remotePort);
    accept(socket, () => void raw?.resetAndDestroy());
  });
  server.on("connection", (raw: Socket) => under.set(raw.remotePort, raw));
  // An attempt that is given up in the middle of its handshake.
  server.on("tlsClientError", () => {});
  return server;
}

function serve(socket: Socket, reset: () => void, accept: (end: PeerEnd) => PeerHandler): void {
  socket.on("error", () => {});
  const handler = accept({
    write: (bytes) => socket.write(bytes),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end: () => void socket.end(),
    reset,
  });
  const isPaused = socket.isPaused();
  socket.on("data", (bytes: Uint8Array) => handler.onData(bytes));
  if (isPaused) socket.pause();
  socket.on("drain", () => handler.onDrain());
  socket.on("end", () => socket.end());
  socket.on("close", () => handler.onClose());
}
