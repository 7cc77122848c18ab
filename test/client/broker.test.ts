import { describe, expect, it } from "vitest";
import { ApiVersions, Fetch, Metadata } from "../../src/client/api.ts";
import { Broker, type RequestOptions } from "../../src/client/broker.ts";
import { FakeBroker, hangUp, silence } from "../support/fake-broker.ts";
import { settle } from "../support/fake-clock.ts";
import { brokerOptions, FakeLogger } from "../support/fake-kafka.ts";
import { FakePlatform, systemError } from "../support/fake-platform.ts";
import { countedSignal } from "../support/fake-signal.ts";

function setUp() {
  const platform = new FakePlatform();
  const peer = new FakeBroker(platform, "b1:9092");
  peer.handle(Metadata, () => ({}));
  peer.handle(Fetch, () => silence);
  const logger = new FakeLogger();
  const broker = new Broker({ host: "b1", port: 9092 }, brokerOptions(platform, { logger }));
  const ask = (options: Partial<RequestOptions> = {}) =>
    broker.request(Metadata, { topics: [] }, { timeoutMs: 1000, ...options });
  return { platform, peer, broker, ask, logger };
}

describe("connections", () => {
  it("are opened when they are needed, one for all who need it", async () => {
    const { platform, peer, broker, ask } = setUp();
    expect(broker.isConnected).toBe(false);
    const answers = await platform.run(Promise.all([ask(), ask(), ask()]));
    expect(answers[0]).toMatchObject({ version: 13, broker: "b1:9092" });
    await platform.run(ask());
    expect([platform.attempts.length, peer.of(ApiVersions).length]).toEqual([1, 1]);
    expect(broker.isConnected).toBe(true);
  });

  it("are there for each purpose", async () => {
    const { platform, peer, broker, ask } = setUp();
    const fetched = broker.request(Fetch, {}, { timeoutMs: 60_000, purpose: "fetch-1" }).catch((e) => e);
    await platform.run(ask());
    // The fetch that never comes back stands in nobody's way.
    await platform.run(ask(), 10);
    expect(platform.openConnections).toBe(2);
    const cause = new Error("over");
    broker.release("fetch-1", cause);
    expect(await fetched).toBe(cause);
    await platform.run(ask());
    expect([platform.openConnections, peer.of(ApiVersions).length]).toEqual([1, 2]);
  });

  it("are opened again after they were lost", async () => {
    const { platform, peer, broker, ask } = setUp();
    peer.script(Metadata, hangUp());
    expect(await platform.failure(ask())).toMatchObject({ code: "CONNECTION_CLOSED" });
    expect(broker.isConnected).toBe(false);
    await platform.run(ask());
    expect(platform.attempts).toHaveLength(2);
  });

  it("say the request in the version that was found", async () => {
    const { platform, peer, broker } = setUp();
    peer.versions.set(Metadata.apiKey, { lowest: 0, highest: 8 });
    const versions: number[] = [];
    const value = (version: number) => {
      versions.push(version);
      return { topics: [] };
    };
    const answer = await platform.run(broker.request(Metadata, value, { timeoutMs: 1000 }));
    expect([answer.version, versions]).toEqual([8, [8]]);
    expect(
      (await platform.run(broker.request(Metadata, value, { timeoutMs: 1000, maxVersion: 5 }))).version,
    ).toBe(5);
    peer.versions.delete(Metadata.apiKey);
    await platform.run(broker.request(Metadata, value, { timeoutMs: 1000 }));
  });
});

describe("failing to connect", () => {
  it("is waited out longer each time, up to the maximum, and then forgotten", async () => {
    const { platform, peer, broker, ask, logger } = setUp();
    peer.stop();
    const attemptsAtMs: number[] = [];
    const { connect } = platform;
    platform.connect = (...args) => {
      attemptsAtMs.push(platform.clock.monotonicMs());
      return connect.apply(platform, args);
    };
    for (let i = 0; i < 8; i++) {
      expect(await platform.failure(ask())).toMatchObject({ code: "CONNECTION_FAILED", retriable: true });
    }
    const waits = attemptsAtMs.map((atMs, i) => atMs - (attemptsAtMs[i - 1] ?? atMs));
    expect(waits).toEqual([0, 50, 100, 200, 400, 800, 1000, 1000]);
    expect([broker.isFailing, broker.trouble]).toEqual([
      true,
      expect.stringContaining("nothing listens there"),
    ]);
    // Once is enough to say.
    expect(logger.lines.filter((line) => line.startsWith("warn"))).toHaveLength(1);
    peer.start();
    await platform.run(ask());
    expect([broker.isFailing, broker.trouble, broker.lastFailure]).toEqual([false, null, null]);
  });

  it("is told to all who wait for the connection, and to nobody else", async () => {
    const { platform, ask } = setUp();
    platform.listeners.set("b1:9092", { refuse: systemError("EHOSTUNREACH") });
    const [first, second] = await Promise.all([platform.failure(ask()), platform.failure(ask())]);
    expect(first).toMatchObject({ message: expect.stringContaining("no route to that host") });
    expect(second).toBe(first);
    expect(platform.attempts).toHaveLength(1);
    await settle();
    expect(platform.keepsAlive).toBe(false);
  });

  it("counts a handshake that is not finished as failed", async () => {
    const { platform, peer, broker, ask } = setUp();
    peer.handle(ApiVersions, () => silence);
    const failed = ask().catch((error: unknown) => error);
    await platform.clock.advance(4000);
    expect(broker.trouble).toContain("has not completed the handshake for 4000 ms");
    expect(await platform.run(failed, 6000)).toMatchObject({ code: "REQUEST_TIMED_OUT" });
    expect(broker.isFailing).toBe(true);
    expect(platform.keepsAlive).toBe(false);
  });

  it("explains a peer by what it sent, when it hung up", async () => {
    const { platform, peer, broker, ask } = setUp();
    peer.handle(ApiVersions, (request) => {
      request.peer.send(Buffer.from("HTTP/1.1 400 Bad Request"));
      return hangUp();
    });
    expect(await platform.failure(ask())).toMatchObject({ code: "NOT_A_KAFKA_BROKER" });
    expect(broker.trouble).toContain("answers in HTTP");
  });
});

describe("giving up", () => {
  const reason = new Error("enough");

  it("of one caller does not end the connection for others", async () => {
    const { platform, ask } = setUp();
    const abort = new AbortController();
    const given = ask({ signal: abort.signal }).catch((error: unknown) => error);
    const kept = ask();
    abort.abort(reason);
    expect(await given).toBe(reason);
    await platform.run(kept);
    expect(platform.attempts).toHaveLength(1);
  });

  it("of all callers leaves no rejection unhandled", async () => {
    const { platform, peer, ask } = setUp();
    peer.stop();
    const unhandled: unknown[] = [];
    const listener = (error: unknown): void => void unhandled.push(error);
    process.on("unhandledRejection", listener);
    const abort = new AbortController();
    const given = [ask({ signal: abort.signal }), ask({ signal: AbortSignal.abort(reason) })];
    abort.abort(reason);
    for (const call of given) await expect(call).rejects.toBe(reason);
    await platform.clock.advance(60_000);
    process.off("unhandledRejection", listener);
    expect(unhandled).toEqual([]);
  });

  it("lets go of the signal", async () => {
    const { platform, ask } = setUp();
    const { signal, listeners } = countedSignal();
    await platform.run(ask({ signal }));
    expect(listeners()).toBe(0);
  });
});

describe("closing", () => {
  const cause = new Error("over");

  it.each([
    [
      "the name is looked up",
      (platform: FakePlatform) => {
        platform.lookup = () => new Promise(() => {});
      },
    ],
    ["the socket connects", (platform: FakePlatform) => void platform.listeners.set("b1:9092", "blackhole")],
    [
      "the versions are negotiated",
      (_: FakePlatform, peer: FakeBroker) => peer.handle(ApiVersions, () => silence),
    ],
    ["a backoff is waited out", (_: FakePlatform, peer: FakeBroker) => peer.stop()],
  ])("ends a connection on its way while %s", async (what, prepare) => {
    const { platform, peer, broker, ask } = setUp();
    prepare(platform, peer);
    if (what.startsWith("a backoff")) await platform.failure(ask());
    const waiting = [ask(), ask({ purpose: "fetch-1" })].map((call) => call.catch((error: unknown) => error));
    await platform.clock.advance(10);
    broker.close(cause);
    expect(await Promise.all(waiting)).toEqual([cause, cause]);
    await settle();
    expect(platform.keepsAlive).toBe(false);
    expect(await ask().catch((error: unknown) => error)).toBe(cause);
  });

  it("ends the connections there are", async () => {
    const { platform, broker, ask } = setUp();
    await platform.run(ask());
    const fetched = broker.request(Fetch, {}, { timeoutMs: 60_000, purpose: "fetch-1" }).catch((e) => e);
    await settle();
    broker.close(cause);
    expect(await fetched).toBe(cause);
    await settle();
    expect(platform.keepsAlive).toBe(false);
  });
});
