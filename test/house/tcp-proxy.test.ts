import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FrameFollower } from "../support/frame-follower.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";

/** A frame of Kafka's form: size, then `words`, four bytes each, then filling. */
function frame(words: readonly number[], filling = 0): Buffer {
  const bytes = Buffer.alloc(4 + 4 * words.length + filling, 0x2e);
  bytes.writeInt32BE(bytes.length - 4, 0);
  words.forEach((word, i) => {
    bytes.writeInt32BE(word, 4 + 4 * i);
  });
  return bytes;
}

/** What came through a socket, and how it ended. */
class Client {
  received = Buffer.alloc(0);
  pieces = 0;
  ending: "open" | "end" | string = "open";
  readonly socket: Socket;

  constructor(port: number) {
    this.socket = connect({ host: "127.0.0.1", port, noDelay: true });
    this.socket.on("data", (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.pieces++;
    });
    this.socket.on("end", () => {
      this.ending = "end";
    });
    this.socket.on("error", (error) => {
      this.ending = "code" in error ? String(error.code) : error.message;
    });
  }

  async until(condition: (client: this) => boolean): Promise<void> {
    await expect.poll(() => condition(this), { interval: 5, timeout: 5000 }).toBe(true);
  }
}

describe("the TCP proxy", () => {
  let server: Server;
  let peers: Socket[];
  let proxy: TcpProxy;
  let clients: Client[];

  beforeEach(async () => {
    peers = [];
    clients = [];
    server = createServer({ allowHalfOpen: true }, (socket) => {
      peers.push(socket);
      socket.on("error", () => {});
      socket.pipe(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    proxy = await TcpProxy.open({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
  });

  afterEach(async () => {
    for (const { socket } of clients) socket.destroy();
    for (const peer of peers) peer.destroy();
    await proxy[Symbol.asyncDispose]();
    await new Promise((resolve) => server.close(resolve));
    await expect.poll(() => proxy.connections).toEqual([]);
  });

  const client = (): Client => {
    const made = new Client(proxy.port);
    clients.push(made);
    return made;
  };
  /** One that has been answered, so that its connection stands on both sides. */
  const settled = async (): Promise<Client> => {
    const made = client();
    made.socket.write("hi");
    await made.until(({ received }) => received.length === 2);
    made.received = Buffer.alloc(0);
    made.pieces = 0;
    return made;
  };

  it("passes bytes and the end on, and counts them", async () => {
    const one = await settled();
    const bytes = Buffer.alloc(3_000_000, "kafka");
    one.socket.write(bytes);
    await one.until(({ received }) => received.length === bytes.length);
    expect(one.received.equals(bytes)).toBe(true);
    expect(proxy.counters).toMatchObject({ accepted: 1, toBroker: 3_000_002, toClient: 3_000_002 });
    expect(proxy.connections).toHaveLength(1);
    one.socket.end();
    await expect.poll(() => proxy.connections.length).toBe(0);
    const two = await settled();
    peers[1]?.end();
    await two.until(({ ending }) => ending === "end");
  });

  it("resets connections, all or one", async () => {
    const [one, two] = [await settled(), await settled()];
    proxy.connections[0]?.reset();
    await one.until(({ ending }) => ending === "ECONNRESET");
    two.socket.write("still here");
    await two.until(({ received }) => received.length === 10);
    proxy.resetAll();
    await two.until(({ ending }) => ending === "ECONNRESET");
  });

  it("resets a connection after so many bytes", async () => {
    proxy.toClient.resetAfterBytes = 1000;
    const one = client();
    one.socket.write(Buffer.alloc(5000));
    // libuv reports a RST that it finds together with data as the end of the stream.
    await one.until(({ ending }) => ending !== "open");
    expect(one.received).toHaveLength(1000);
    expect(proxy.counters.toClient).toBe(1000);
  });

  it.each(["toBroker", "toClient"] as const)(
    "swallows what goes %s, and the broker's end too",
    async (direction) => {
      const one = await settled();
      const connection = proxy.connections[0] ?? expect.fail("no connection");
      connection[direction].swallow = true;
      if (direction === "toBroker") connection.toClient.swallow = true;
      const before = peers[0]?.bytesRead ?? 0;
      one.socket.write("lost");
      // Another connection of the same proxy is not concerned, and by its answer all of this has happened.
      const two = await settled();
      if (direction === "toClient") await expect.poll(() => peers[0]?.bytesRead).toBe(before + 4);
      else expect(peers[0]?.bytesRead).toBe(before);
      peers[0]?.destroy();
      two.socket.write("there");
      await two.until(({ received }) => received.length === 5);
      expect(one.ending).toBe("open");
      expect(one.received).toHaveLength(0);
      // The client's own end is the end.
      one.socket.destroy();
      await expect.poll(() => proxy.connections.length).toBe(1);
    },
  );

  it("accepts and never answers", async () => {
    proxy.toBroker.swallow = true;
    const one = client();
    one.socket.write("anybody?");
    await expect.poll(() => peers.length).toBe(1);
    proxy.heal();
    await settled();
    expect(one.received).toHaveLength(0);
    expect(one.ending).toBe("open");
  });

  it("takes it when the broker breaks while it has no room", async () => {
    const one = await settled();
    peers[0]?.unpipe().pause();
    // More than the sockets and the proxy hold.
    one.socket.write(Buffer.alloc(40_000_000));
    await expect.poll(() => proxy.counters.toBroker).toBeGreaterThan(100_000);
    peers[0]?.resetAndDestroy();
    await one.until(({ ending }) => ending !== "open");
  });

  it("refuses connections, and accepts them again at the same port or at another", async () => {
    const { port } = proxy;
    const open = await settled();
    proxy.refuse();
    const refused = client();
    await refused.until(({ ending }) => ending === "ECONNREFUSED");
    open.socket.write("ok");
    await open.until(({ received }) => received.length === 2);
    await proxy.accept();
    expect(proxy.port).toBe(port);
    await settled();
    await proxy.move();
    expect(proxy.port).not.toBe(port);
    await open.until(({ ending }) => ending === "ECONNRESET");
    await settled();
  });

  it("delays bytes without holding up those that follow", async () => {
    const one = await settled();
    proxy.toBroker.latencyMs = 150;
    proxy.toClient.latencyMs = 50;
    const start = performance.now();
    for (let i = 0; i < 10; i++) {
      one.socket.write("x");
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await one.until(({ received }) => received.length > 0);
    expect(performance.now() - start).toBeGreaterThanOrEqual(195);
    await one.until(({ received }) => received.length === 10);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it("limits bandwidth", async () => {
    const one = await settled();
    proxy.toClient.bytesPerSecond = 100_000;
    const start = performance.now();
    one.socket.write(Buffer.alloc(30_000));
    await one.until(({ received }) => received.length === 30_000);
    expect(performance.now() - start).toBeGreaterThan(250);
  });

  it("cuts the stream into single bytes", async () => {
    const one = await settled();
    proxy.toBroker.pieceBytes = 1;
    proxy.toClient.pieceBytes = 1;
    const bytes = Buffer.from(Array.from({ length: 300 }, (_, i) => i % 256));
    one.socket.write(bytes);
    await one.until(({ received }) => received.length === 300);
    expect(one.received.equals(bytes)).toBe(true);
    expect(one.pieces).toBeGreaterThan(10);
  });

  it("cuts a response of the API that is meant, wherever chunks end", async () => {
    server.removeAllListeners("connection");
    server.on("connection", (socket: Socket) => {
      peers.push(socket);
      // Answers each request with its correlation id and a lot more, in chunks that fit nothing.
      const requests = new FrameFollower(12, (header) => {
        const answer = frame([header.readInt32BE(8)], 92);
        for (let at = 0; at < answer.length; at += 7) socket.write(answer.subarray(at, at + 7));
      });
      socket.on("data", (chunk: Buffer) => requests.push(chunk));
    });
    const request = (apiKey: number, correlationId: number): Buffer =>
      frame([apiKey << 16, correlationId], 50);
    const cut = proxy.cutResponse({ apiKey: 1, afterBytes: 42 });
    const one = client();
    one.socket.write(Buffer.concat([request(0, 7), request(3, 8), request(1, 9), request(0, 10)]));
    await cut;
    await one.until(({ ending }) => ending === "end");
    expect(one.received).toHaveLength(2 * 100 + 42);
    expect([...proxy.counters.requests]).toEqual([
      [0, 2],
      [3, 1],
      [1, 1],
    ]);
    // Once only.
    const two = client();
    two.socket.write(request(1, 11));
    await two.until(({ received }) => received.length === 100);
  });
});
