import { describe, expect, it } from "vitest";
import { Metadata } from "../../src/client/api.ts";
import { Broker, type BrokerOptions, type RequestOptions } from "../../src/client/broker.ts";
import { FakeBroker, later, silence } from "../support/fake-broker.ts";
import { settle } from "../support/fake-clock.ts";
import { brokerOptions } from "../support/fake-kafka.ts";
import { FakePlatform } from "../support/fake-platform.ts";

function setUp(options: Partial<BrokerOptions> = {}) {
  const platform = new FakePlatform();
  const peer = new FakeBroker(platform, "b1:9092");
  peer.handle(Metadata, () => ({ clusterId: "c" }));
  const broker = new Broker({ host: "b1", port: 9092 }, brokerOptions(platform, options));
  const ask = async (request: Partial<RequestOptions> = {}): Promise<string | null> =>
    (await broker.request(Metadata, {}, { timeoutMs: 10_000, ...request })).response.clusterId;
  const startMs = platform.clock.monotonicMs();
  const askedAtMs = (): number[] => peer.of(Metadata).map(({ atMs }) => atMs - startMs);
  return { platform, peer, broker, ask, askedAtMs };
}

describe("a connection that is not used", () => {
  it("is closed after its time, and opened again when it is needed", async () => {
    const { platform, ask } = setUp({ maxIdleMs: 60_000 });
    await platform.run(ask());
    await platform.clock.advance(59_000);
    await platform.run(ask());
    await platform.clock.advance(59_000);
    expect(platform.openConnections).toBe(1);
    await platform.clock.advance(2000);
    expect(platform.openConnections).toBe(0);
    expect(platform.clock.foregroundTimers).toBe(0);
    expect(await platform.run(ask())).toBe("c");
  });

  it("does not count as such while an answer is awaited", async () => {
    const { platform, peer, ask } = setUp({ maxIdleMs: 1000 });
    peer.script(Metadata, later(4000, { clusterId: "late" }));
    expect(await platform.run(ask())).toBe("late");
  });
});

describe("a broker that throttles (KIP-219)", () => {
  it("is sent nothing for as long as it says", async () => {
    const { platform, peer, ask, askedAtMs } = setUp();
    peer.script(Metadata, { clusterId: "c", throttleTimeMs: 3000 });
    await platform.run(ask());
    await platform.clock.advance(1000);
    await Promise.all([platform.run(ask()), platform.run(ask())]);
    expect(askedAtMs()).toEqual([0, 3000, 3000]);
  });

  it("makes a request that has no time for that fail, saying why, and keeps the connection", async () => {
    const { platform, peer, ask, askedAtMs } = setUp();
    peer.script(Metadata, { clusterId: "c", throttleTimeMs: 30_000 });
    await platform.run(ask());
    expect(await platform.failure(ask())).toMatchObject({
      code: "REQUEST_TIMED_OUT",
      message: expect.stringContaining("throttles this client"),
    });
    expect(askedAtMs()).toEqual([0]);
    expect(platform.openConnections).toBe(1);
  });
});

describe("a broker that left the cluster", () => {
  const gone = new Error("it left");

  it("may still answer what it was asked, and is asked nothing more", async () => {
    const { platform, peer, broker, ask } = setUp();
    peer.script(Metadata, later(500, { clusterId: "late" }));
    const asked = ask();
    await platform.clock.advance(100);
    const ended = broker.retire(gone);
    expect(await platform.failure(ask())).toBe(gone);
    expect(await platform.run(asked)).toBe("late");
    await platform.run(ended);
    expect(platform.openConnections).toBe(0);
  });

  it("ends at once where nothing is awaited, also while connecting", async () => {
    const { platform, peer, broker, ask } = setUp();
    await platform.run(ask());
    const fetching = ask({ purpose: "fetch" }).catch((error: unknown) => error);
    peer.handle(Metadata, () => silence);
    await platform.run(broker.retire(gone));
    expect(await fetching).toBe(gone);
    expect(platform.openConnections).toBe(0);
  });
});

describe("the time to set up a connection (KIP-601)", () => {
  it("grows with each attempt that failed, up to the maximum, and is as before after one that did not", async () => {
    const { platform, peer, ask } = setUp({ reconnectBackoff: { initialMs: 0, maxMs: 0 } });
    const waitedMs: number[] = [];
    const attempt = async (): Promise<void> => {
      const startMs = platform.clock.monotonicMs();
      await platform.failure(ask({ timeoutMs: 60_000 }));
      waitedMs.push(platform.clock.monotonicMs() - startMs);
    };
    platform.listeners.set("b1:9092", "blackhole");
    for (let i = 0; i < 4; i++) await attempt();
    peer.start();
    await platform.run(ask());
    peer.stop();
    platform.listeners.set("b1:9092", "blackhole");
    await settle();
    await attempt();
    expect(waitedMs).toEqual([10_000, 20_000, 30_000, 30_000, 10_000]);
  });
});
