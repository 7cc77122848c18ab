/** Listening on TCP in Node.js, Deno and Bun. */

import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Acceptor, Listen, ServerTls } from "./listener.ts";
import { attach } from "./node-stream.ts";
import type { ByteStreamHandler } from "./platform.ts";

export const listen: Listen = async ({ host, port, tls }, accept) => {
  const server = tls === null ? createServer() : createTlsServer(settings(tls));
  server.on(tls === null ? "connection" : "secureConnection", (socket: Socket) => serve(socket, accept));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
  // A connection that cannot be taken is the other side's loss, and no reason for the process to end.
  server.on("error", () => {});
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    // It reports that it is closed once all connections are, for which nobody waits here.
    close: async () => void server.close(),
  };
};

function settings({ cert, key, ca, requireClientCertificate = false }: ServerTls): object {
  const asking = { ca, requestCert: true, rejectUnauthorized: requireClientCertificate };
  return ca === undefined ? { cert, key } : { cert, key, ...asking };
}

function serve(socket: Socket, accept: Acceptor): void {
  socket.setNoDelay(true);
  // The stream has to be there before its handler can be.
  let handler: ByteStreamHandler | undefined;
  const stream = attach(socket, {
    onData: (chunk) => handler?.onData(chunk),
    onDrain: () => handler?.onDrain(),
    onClose: (error) => handler?.onClose(error),
  });
  const { remoteAddress = "unknown", remotePort = 0 } = socket;
  handler = accept(
    // What was written before leaves with the end of this run of code, and the end after it.
    { ...stream, end: () => queueMicrotask(() => socket.end()), reset: () => void socket.resetAndDestroy() },
    `${remoteAddress}:${remotePort}`,
  );
}
