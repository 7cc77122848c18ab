import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface Socks5Server extends AsyncDisposable {
  readonly port: number;
  /** `host:port` of every connection that was asked for, in order. */
  readonly targets: readonly string[];
}

const REPLY_SUCCEEDED = [5, 0, 0, 1, 127, 0, 0, 1, 0, 0];
const REPLY_REFUSED = [5, 5, 0, 1, 0, 0, 0, 0, 0, 0];

/** A SOCKS5 proxy on a free port of 127.0.0.1, which answers a byte at a time. */
export async function socks5Server(
  credentials?: { readonly username: string; readonly password: string },
  /** Where the connections for a target really go. */
  route: (host: string, port: number) => { host: string; port: number } = (host, port) => ({ host, port }),
): Promise<Socks5Server> {
  const targets: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    serve(socket).catch(() => void socket.destroy());
  });

  async function serve(client: Socket): Promise<void> {
    const [, methods = 0] = await read(client, 2);
    await read(client, methods);
    await reply(client, [5, credentials === undefined ? 0 : 2]);
    if (credentials !== undefined) {
      const [, length = 0] = await read(client, 2);
      const username = (await read(client, length)).toString();
      const password = (await read(client, (await read(client, 1))[0] ?? 0)).toString();
      const isRight = username === credentials.username && password === credentials.password;
      await reply(client, [1, isRight ? 0 : 1]);
      if (!isRight) return void client.end();
    }
    const [, , , type] = await read(client, 4);
    let host: string;
    if (type === 1) host = (await read(client, 4)).join(".");
    else if (type === 3) host = (await read(client, (await read(client, 1))[0] ?? 0)).toString();
    else host = [...(await read(client, 16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const port = (await read(client, 2)).readUInt16BE();
    targets.push(`${host}:${port}`);
    const target = connect({ ...route(host, port), noDelay: true, allowHalfOpen: true });
    sockets.add(target);
    try {
      await once(target, "connect");
    } catch {
      await reply(client, REPLY_REFUSED);
      return void client.end();
    }
    await reply(client, REPLY_SUCCEEDED);
    target.on("error", () => void client.resetAndDestroy());
    client.on("error", () => void target.destroy());
    client.pipe(target);
    target.pipe(client);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    targets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function read(socket: Socket, size: number): Promise<Buffer> {
  if (size === 0) return Buffer.alloc(0);
  for (;;) {
    const bytes = socket.read(size) as Buffer | null;
    if (bytes !== null) return bytes;
    await once(socket, "readable", { signal: AbortSignal.timeout(5000) });
  }
}

async function reply(socket: Socket, bytes: readonly number[]): Promise<void> {
  for (const byte of bytes) {
    socket.write(Uint8Array.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
}
