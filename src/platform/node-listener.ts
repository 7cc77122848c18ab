/** Listening on TCP in Node.js, Deno and Bun. */

import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { distinguishedName } from "./distinguished-name.ts";
import type { Acceptor, Listen, ServerTls } from "./listener.ts";
import { attach } from "./node-stream.ts";
import type { ByteStreamHandler } from "./platform.ts";

export const listen: Listen = async ({ host, port, tls }, accept) => {
  const server = tls === null ? createServer() : createTlsServer(settings(tls));
  if (tls === null) server.on("connection", (socket: Socket) => serve(socket, accept, null));
  else server.on("secureConnection", (socket: TLSSocket) => serveTls(socket, accept, tls));
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

function serveTls(socket: TLSSocket, accept: Acceptor, { ca }: ServerTls): void {
  const subject = ca === undefined ? undefined : socket.getPeerCertificate().subject;
  // Showing none may be good enough, but not one that nobody known has signed.
  if (subject !== undefined && !socket.authorized) socket.destroy();
  else serve(socket, accept, subject === undefined ? null : distinguishedName(Object.entries(subject)));
}

function serve(socket: Socket, accept: Acceptor, clientName: string | null): void {
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
    {
      ...stream,
      end: () => queueMicrotask(() => socket.end()),
      reset: () => void socket.resetAndDestroy(),
      ...(clientName === null ? {} : { clientName }),
    },
    `${remoteAddress}:${remotePort}`,
  );
}
