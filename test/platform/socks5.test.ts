/** The platform of examples/socks5.ts, and with it how a platform may be built on that of the runtime. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { socks5 } from "../../examples/socks5.ts";
import type { ByteStream } from "../../src/platform/platform.ts";
import { type Socks5Server, socks5Server } from "../support/socks5-server.ts";
import { type Connect, socketTransport } from "./socket-transport.ts";
import { certificate, serve } from "./support.ts";
import { conformance } from "./transport-conformance.ts";

let proxy: Socks5Server;
beforeAll(async () => {
  proxy = await socks5Server();
});
afterAll(() => proxy[Symbol.asyncDispose]());

const connect: Connect = (options, handler) =>
  socks5({ host: "127.0.0.1", port: proxy.port }).connect(options, handler);
const ignore = { onData: () => {}, onDrain: () => {}, onClose: () => {} };
const { signal } = new AbortController();

describe.each([
  ["", null],
  [", with TLS", certificate],
])("streams through a proxy%s", (_, secured) => {
  // The proxy's own buffers come on top.
  const direct = socketTransport(connect, secured);
  const transport = { ...direct, mostUnderWay: 2 * direct.mostUnderWay, bulk: 2_000_000 };
  for (const { name, run } of conformance) it(name, () => run(transport));
});

describe("a proxy", () => {
  it("is given names as they are, and addresses as such", async () => {
    await using server = await serve();
    const { port } = server;
    await using routed = await socks5Server(undefined, () => ({ host: "127.0.0.1", port }));
    const platform = socks5({ host: "127.0.0.1", port: routed.port });
    for (const host of ["kafka.invalid", "192.0.2.7", "2001:db8::ff"]) {
      const [address] = await platform.lookup(host);
      const to = { host: address?.address ?? "", port: 9092, tls: null, signal };
      (await platform.connect(to, ignore)).close();
    }
    const ipv6 = "20010db80000000000000000000000ff";
    expect(routed.targets).toEqual(["kafka.invalid:9092", "192.0.2.7:9092", `${ipv6}:9092`]);
  });

  it("that wants a password is given it, and says when it is wrong", async () => {
    await using server = await serve();
    const credentials = { username: "me", password: "pässword" };
    await using guarded = await socks5Server(credentials);
    const open = (given: object): Promise<ByteStream> => {
      const platform = socks5({ host: "127.0.0.1", port: guarded.port, ...given });
      return platform.connect({ host: "127.0.0.1", port: server.port, tls: null, signal }, ignore);
    };
    (await open(credentials)).close();
    await expect(open({ ...credentials, password: "wrong" })).rejects.toThrow("refuses this username");
    await expect(open({})).rejects.toThrow("wants another way of authentication (2)");
  });

  it("that is silent, or no proxy, is given up", async () => {
    await using silent = await serve();
    const abort = new AbortController();
    const options = { host: "b", port: 1, tls: null, signal: abort.signal };
    const connecting = socks5({ host: "127.0.0.1", port: silent.port }).connect(options, ignore);
    const reason = new Error("enough");
    await silent.connection();
    abort.abort(reason);
    await expect(connecting).rejects.toBe(reason);
    await using hangsUp = await serve({ onConnection: (socket) => void socket.end() });
    await expect(
      socks5({ host: "127.0.0.1", port: hangsUp.port }).connect({ ...options, signal }, ignore),
    ).rejects.toThrow("closed the connection");
  });
});
