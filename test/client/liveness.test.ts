import { describe, expect, it } from "vitest";
import { ApiVersions, Metadata } from "../../src/client/api.ts";
import { Broker, type RequestOptions } from "../../src/client/broker.ts";
import { type Liveness, suspiciousAtMs } from "../../src/client/liveness.ts";
import { FakeBroker, later, silence } from "../support/fake-broker.ts";
import { brokerOptions, FakeLogger } from "../support/fake-kafka.ts";
import type { FakePeer } from "../support/fake-peer.ts";
import { FakePlatform, systemError } from "../support/fake-platform.ts";

const TIMEOUT_MS = 60_000;

async function setUp() {
  const platform = new FakePlatform();
  const peer = new FakeBroker(platform, "b1:9092");
  peer.handle(Metadata, () => ({ clusterId: "c" }));
  const logger = new FakeLogger();
  const broker = new Broker({ host: "b1", port: 9092 }, brokerOptions(platform, { logger }));
  const ask = async (options: Partial<RequestOptions> = {}): Promise<string | null> =>
    (await broker.request(Metadata, {}, { timeoutMs: TIMEOUT_MS, ...options })).response.clusterId;
  await platform.run(ask());
  /** From here on nothing that goes over the connection that is open gets through, in neither direction. */
  const cut = (): FakePeer => {
    const socket = platform.peers.at(-1) as FakePeer;
    socket.onData = () => {};
    return socket;
  };
  return { platform, peer, broker, ask, cut, logger };
}

describe("a half-open connection", () => {
  it("is found out by a second one, and ended within 10 s", async () => {
    const { platform, ask, cut, logger } = await setUp();
    const dead = cut();
    const failure = await platform.failure(ask(), 10_000);
    expect(failure).toMatchObject({ code: "CONNECTION_CLOSED", retriable: true, broker: "b1:9092" });
    expect((failure as Error).message).toContain("Metadata");
    expect((failure as Error).message).toContain("the connection is dead and will be replaced");
    expect(dead.isClosed).toBe(true);
    expect(logger.lines).toContain(`warn ${(failure as Error).message}`);
    // The question was asked on a connection of its own, which is gone as well.
    expect([platform.peers.length, platform.openConnections]).toEqual([2, 0]);
    expect(await platform.run(ask())).toBe("c");
  });

  it("is ended also where the broker cannot be reached any more", async () => {
    const { platform, ask, cut } = await setUp();
    cut();
    platform.listeners.set("b1:9092", { refuse: systemError("EHOSTUNREACH") });
    expect(await platform.failure(ask(), 10_000)).toMatchObject({
      code: "CONNECTION_CLOSED",
      message: expect.stringContaining("cannot be connected to any more"),
    });
  });

  it("is ended where the packets to the broker vanish", async () => {
    const { platform, ask, cut } = await setUp();
    cut();
    platform.listeners.set("b1:9092", "blackhole");
    expect(await platform.failure(ask(), 10_000)).toMatchObject({ code: "CONNECTION_CLOSED" });
  });

  it("is looked into once, however many requests wait on it", async () => {
    const { platform, ask, cut } = await setUp();
    cut();
    const failures = await Promise.all([1, 2, 3].map(() => platform.failure(ask(), 10_000)));
    expect(new Set(failures).size).toBe(1);
    expect(platform.attempts).toHaveLength(2);
  });

  it("does not end another connection to the same broker", async () => {
    const { platform, broker, ask, cut } = await setUp();
    const fetch = (): Promise<string | null> => ask({ purpose: "fetch" });
    cut();
    expect(await platform.run(fetch())).toBe("c");
    await platform.failure(ask(), 10_000);
    expect(platform.openConnections).toBe(1);
    expect(broker.isConnected).toBe(true);
    expect(await platform.run(fetch())).toBe("c");
    expect(platform.openConnections).toBe(1);
  });
});

describe("a slow broker", () => {
  it("is waited for when it answers nobody", async () => {
    const { platform, peer, ask } = await setUp();
    peer.script(Metadata, later(20_000, { clusterId: "late" }));
    peer.handle(ApiVersions, () => silence);
    expect(await platform.run(ask(), 30_000)).toBe("late");
    expect(platform.openConnections).toBe(1);
  });

  it("is waited for when the request itself may take so long", async () => {
    const { platform, peer, ask } = await setUp();
    peer.script(Metadata, later(20_000, { clusterId: "late" }));
    expect(await platform.run(ask({ mayTakeMs: 16_000 }), 30_000)).toBe("late");
    expect(platform.attempts).toHaveLength(1);
  });

  it("is waited for when it says on the second connection what it waits for", async () => {
    const { platform, peer, ask } = await setUp();
    peer.script(Metadata, later(12_000, { clusterId: "late" }));
    const heard: unknown[] = [];
    const answer = ask({
      stillWaiting: async (question) => {
        heard.push((await question(Metadata, {})).response.clusterId);
        return true;
      },
    });
    expect(await platform.run(answer, 30_000)).toBe("late");
    // At 5 s, and after as much silence again.
    expect(heard).toEqual(["c", "c"]);
    expect(platform.openConnections).toBe(1);
  });

  it("is asked again less and less soon, when a replaced connection is silent as well", async () => {
    const { platform, peer, ask } = await setUp();
    peer.handle(Metadata, () => silence);
    const startMs = platform.clock.monotonicMs();
    const endsMs: number[] = [];
    for (let i = 0; i < 4; i++) {
      expect(await platform.failure(ask())).toMatchObject({ code: "CONNECTION_CLOSED" });
      endsMs.push(platform.clock.monotonicMs() - startMs);
    }
    expect(endsMs).toEqual([5300, 15_600, 35_900, 76_200]);
    peer.handle(Metadata, () => ({ clusterId: "c" }));
    await platform.run(ask());
    peer.handle(Metadata, () => silence);
    const againMs = platform.clock.monotonicMs();
    await platform.failure(ask());
    expect(platform.clock.monotonicMs() - againMs).toBe(5300);
  });

  it("that sends its answer in small pieces over a long time is left alone", async () => {
    const { platform, peer, ask } = await setUp();
    peer.handle(Metadata, ({ peer: socket }) => {
      const frame = new Uint8Array([0, 0, 1, 0]);
      let sent = 0;
      const drip = (): void => {
        socket.send(sent < 4 ? frame.subarray(sent, ++sent) : new Uint8Array([0]));
        platform.clock.setTimer(4000, drip, { background: true });
      };
      drip();
      return silence;
    });
    expect(await platform.failure(ask({ timeoutMs: 30_000 }))).toMatchObject({ code: "REQUEST_TIMED_OUT" });
    expect(platform.attempts).toHaveLength(1);
  });
});

describe("looking into a connection", () => {
  it("ends with the broker", async () => {
    const { platform, broker, peer, ask, cut } = await setUp();
    cut();
    peer.handle(ApiVersions, () => silence);
    const answer = ask().catch((error: unknown) => error);
    await platform.clock.advance(6000);
    expect(platform.openConnections).toBe(2);
    const reason = new Error("enough");
    broker.close(reason);
    expect(await answer).toBe(reason);
    await platform.clock.advance(0);
    expect(platform.openConnections).toBe(0);
    expect(platform.clock.foregroundTimers).toBe(0);
  });

  it("does nothing to a process that is done", async () => {
    const { platform, ask, cut } = await setUp();
    cut();
    void ask().catch(() => {});
    await platform.clock.advance(1000);
    expect(platform.clock.foregroundTimers).toBe(0);
  });
});

describe("suspiciousAtMs", () => {
  const liveness: Liveness = { lastSignMs: 0, lastAnswerMs: 0, patienceMs: 100, hasAnswered: false };
  const oldest = { sentAtMs: 1000, mayTakeMs: 0 };
  const patient = { sentAtMs: 1000, mayTakeMs: 500 };

  it.each([
    ["nothing is owed", {}, null, Number.POSITIVE_INFINITY],
    ["nothing came since it was sent", {}, oldest, 1100],
    ["bytes came since", { lastSignMs: 1500 }, oldest, 1600],
    ["the broker may take its time", {}, patient, 1600],
    ["bytes came within that time", { lastSignMs: 1200 }, patient, 1600],
    ["the broker has only begun with it", { lastAnswerMs: 1300, lastSignMs: 1300 }, patient, 1900],
  ] as const)("when %s", (_, change, request, expected) => {
    expect(suspiciousAtMs({ ...liveness, ...change }, request)).toBe(expected);
  });
});
