import { describe, expect, it } from "vitest";
import { Connection, type ConnectionOptions } from "../../src/client/connection.ts";
import { ConnectionError } from "../../src/client/errors.ts";
import { settle } from "../support/fake-clock.ts";
import { connectionOptions } from "../support/fake-kafka.ts";
import { FakePlatform, systemError } from "../support/fake-platform.ts";
import { countedSignal } from "../support/fake-signal.ts";

const accept = { accept: () => {} };

function open(
  platform: FakePlatform,
  options: Partial<ConnectionOptions> = {},
  signal?: AbortSignal,
): Promise<Connection> {
  return Connection.open({ host: "kafka", port: 9092 }, connectionOptions(platform, options), signal);
}

describe("Connection.open", () => {
  it("tries the addresses of a name one after another", async () => {
    const platform = new FakePlatform();
    platform.names.set("kafka", ["::1", "10.0.0.1", "10.0.0.2"]);
    platform.listeners.set("10.0.0.2:9092", accept);
    const connection = await platform.run(open(platform));
    expect(connection.name).toBe("kafka:9092");
    expect(platform.attempts.map(({ host }) => host)).toEqual(["::1", "10.0.0.1", "10.0.0.2"]);
  });

  it("gives up an address that does not answer, and tries the next", async () => {
    const platform = new FakePlatform();
    platform.names.set("kafka", ["10.0.0.1", "10.0.0.2"]);
    platform.listeners.set("10.0.0.1:9092", "blackhole");
    platform.listeners.set("10.0.0.2:9092", accept);
    await platform.run(open(platform, { setupTimeoutMs: 500 }), 1000);
    expect(platform.attempts).toHaveLength(2);
  });

  it("checks the certificate against the name, not against the address", async () => {
    const platform = new FakePlatform();
    platform.names.set("kafka", ["10.0.0.1"]);
    platform.listeners.set("10.0.0.1:9092", accept);
    await platform.run(open(platform, { tls: {} }));
    await platform.run(open(platform, { tls: { serverName: "other" } }));
    expect(platform.attempts.map(({ host, tls }) => [host, tls?.serverName])).toEqual([
      ["10.0.0.1", "kafka"],
      ["10.0.0.1", "other"],
    ]);
  });

  it.each([
    ["refuses", { refuse: systemError("ECONNREFUSED") }, "CONNECTION_FAILED", "nothing listens there"],
    ["is silent", "blackhole", "CONNECTION_TIMED_OUT", "did not accept a connection within 500 ms"],
  ] as const)("names the address when it %s", async (_, listener, code, message) => {
    const platform = new FakePlatform();
    platform.listeners.set("kafka:9092", listener);
    const error = await platform.failure(open(platform, { setupTimeoutMs: 500 }), 500);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ code, retriable: true, message: expect.stringContaining(message) });
    expect((error as Error).message).toContain("kafka:9092");
    await settle();
    expect(platform.keepsAlive).toBe(false);
  });

  it("bounds the wait for the resolver too", async () => {
    const platform = new FakePlatform();
    platform.lookup = () => new Promise(() => {});
    expect(await platform.failure(open(platform, { setupTimeoutMs: 500 }), 500)).toMatchObject({
      code: "NAME_NOT_RESOLVED",
    });
  });

  it("names a host that does not resolve", async () => {
    const platform = new FakePlatform();
    platform.names.set("kafka", []);
    expect(await platform.failure(open(platform))).toMatchObject({
      code: "NAME_NOT_RESOLVED",
      message: expect.stringContaining('The name "kafka" does not resolve (ENOTFOUND)'),
    });
  });

  it.each(["before", "during the look-up", "while connecting"])("is aborted %s", async (moment) => {
    const platform = new FakePlatform();
    platform.listeners.set("kafka:9092", "blackhole");
    if (moment === "during the look-up") platform.lookup = () => new Promise(() => {});
    const abort = new AbortController();
    const reason = new Error("enough");
    if (moment === "before") abort.abort(reason);
    const opening = open(platform, {}, abort.signal).catch((error: unknown) => error);
    await settle();
    abort.abort(reason);
    expect(await opening).toBe(reason);
    expect(platform.keepsAlive).toBe(false);
  });

  it("lets go of the signal", async () => {
    const platform = new FakePlatform();
    platform.names.set("kafka", ["10.0.0.1", "10.0.0.2"]);
    platform.listeners.set("10.0.0.2:9092", accept);
    const { signal, listeners } = countedSignal();
    await platform.run(open(platform, {}, signal));
    expect(listeners()).toBe(0);
  });
});
