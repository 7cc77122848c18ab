import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Metadata, SaslAuthenticate, SaslHandshake } from "../../../src/client/api.ts";
import type { SaslCredentials } from "../../../src/client/sasl/credentials.ts";
import { established, isDue, mayGo } from "../../../src/client/sasl/reauthentication.ts";
import { hangUp, later, silence } from "../../support/fake-broker.ts";
import { settle } from "../../support/fake-clock.ts";
import { setUp, USER } from "./support.ts";

const LIFETIME_MS = 20_000;
/** With chance in the middle. */
const DUE_MS = LIFETIME_MS * 0.9;

const answers = (peer: ReturnType<typeof setUp>["peer"]): string[] =>
  peer.requests.map(({ api, body }) =>
    api === "Metadata" ? ((body as { topics: { name: string }[] }).topics[0]?.name ?? "") : api,
  );

/** A client that is connected and has authenticated. */
async function connected(source = USER, sessionLifetimeMs = LIFETIME_MS) {
  const all = setUp(source, { sessionLifetimeMs });
  await all.platform.run(all.ask("first"));
  const [connection] = all.platform.peers;
  const times = (): number => all.sasl.authentications.get(connection as never) ?? 0;
  return { ...all, times };
}

describe("the time of a session", () => {
  it("is over at 85 to 95 % of what the broker says", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        fc.integer({ min: 20_000, max: 1e12 }),
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        (beganAtMs, lifetimeMs, random) => {
          const state = established({ beganAtMs, lifetimeMs }, random);
          const at = (part: number): number => beganAtMs + lifetimeMs * part;
          expect(isDue(state, at(0.8499), 0)).toBe(false);
          expect(isDue(state, at(0.9501), 0)).toBe(true);
          expect([mayGo(state, at(0.999), 0), mayGo(state, at(1), 0)]).toEqual([true, false]);
        },
      ),
    );
  });

  it("leaves a second to a short one, if that is not more than 30 to 40 % of it", () => {
    const due = (lifetimeMs: number, random: number): number => {
      const state = established({ beganAtMs: 0, lifetimeMs }, random);
      return state.kind === "valid" ? state.dueAtMs : expect.fail("not valid");
    };
    expect([due(10_000, 0), due(10_000, 1)]).toEqual([8000, 9000]);
    expect(due(5000, 0)).toBe(3500);
    expect([due(1000, 0), due(1000, 1)]).toEqual([600, 700]);
  });

  it("comes sooner where a request would come too late, but not much sooner", () => {
    const state = established({ beganAtMs: 0, lifetimeMs: 100_000 }, 0.5);
    expect([isDue(state, 80_000, 9_900), isDue(state, 80_000, 10_000)]).toEqual([false, true]);
    expect([isDue(state, 59_900, 500_000), isDue(state, 60_000, 500_000)]).toEqual([false, true]);
    const preparing = { kind: "preparing", endsAtMs: 100_000 } as const;
    expect([mayGo(preparing, 80_000, 9_900), mayGo(preparing, 80_000, 10_000)]).toEqual([true, false]);
  });

  it("never comes where there is none", () => {
    for (const lifetimeMs of [0, -1]) {
      const state = established({ beganAtMs: 0, lifetimeMs }, 0.5);
      expect([isDue(state, 1e15, 1e6), mayGo(state, 1e15, 1e6)]).toEqual([false, true]);
    }
  });
});

describe("authenticating again", () => {
  it("happens on the same connection before the session ends, in front of the request that meets it", async () => {
    const { platform, peer, sasl, ask, times, logger } = await connected();
    await platform.clock.advance(DUE_MS - 100);
    await platform.run(ask("before"));
    expect(times()).toBe(1);
    await platform.clock.advance(100);
    // Requests go on while the credentials are fetched, and here they are there at once.
    expect(await platform.run(Promise.all(["a", "b", "c"].map((name) => ask(name))))).toEqual([
      "a",
      "b",
      "c",
    ]);
    expect(times()).toBe(2);
    await platform.clock.advance(DUE_MS);
    await platform.run(ask("later"));
    await platform.run(ask("last"));
    expect([times(), platform.peers.length, sasl.strays]).toEqual([3, 1, []]);
    expect(peer.of(SaslHandshake).map(({ body }) => body.mechanism)).toEqual(["PLAIN", "PLAIN", "PLAIN"]);
    expect(logger.lines).toContain("debug b1:9092 has authenticated this client again");
  });

  it("holds requests for the round trips only, and keeps their order", async () => {
    const { platform, peer, sasl, ask, times } = await connected();
    peer.handle(Metadata, ({ body }) =>
      body.topics?.[0]?.name === "slow" ? later(300, { clusterId: "slow" }) : undefined,
    );
    await platform.clock.advance(DUE_MS - 100);
    const slow = ask("slow");
    await platform.clock.advance(150);
    const asked: Promise<string | null>[] = [];
    const expected: string[] = [];
    peer.script(SaslHandshake, later(50, undefined));
    for (let i = 0; i < 40; i++) {
      asked.push(ask(`r${i}`));
      expected.push(`r${i}`);
      await platform.clock.advance(10);
    }
    expect(await platform.run(Promise.all([slow, ...asked]))).toEqual(["slow", ...expected]);
    const order = answers(peer).filter((name) => /^(slow|r\d+)$/.test(name));
    expect(order).toEqual(["slow", ...expected]);
    expect([times(), platform.peers.length, sasl.strays]).toEqual([2, 1, []]);
  });

  it("happens in time on a connection whose requests queue up at the broker", async () => {
    const { platform, peer, sasl, ask, times } = await connected(USER, 5000);
    // Each takes the broker 200 ms, and five are on their way at once: the last is looked at a second later.
    peer.handle(Metadata, ({ body }) => {
      const name = body.topics?.[0]?.name ?? "";
      return later(200, { clusterId: name });
    });
    sasl.guard(Metadata as never);
    platform.clock.nextRandom = () => 0.99;
    const asked = Array.from({ length: 120 }, (_, i) => ask(`r${i}`, { timeoutMs: 60_000 }));
    expect(await platform.run(Promise.all(asked))).toEqual(asked.map((_, i) => `r${i}`));
    expect(times()).toBeGreaterThan(4);
    expect([platform.peers.length, sasl.strays]).toEqual([1, []]);
  });

  it("happens to an idle connection whose session has ended, when it is used again", async () => {
    const { platform, sasl, ask, times } = await connected();
    expect(platform.clock.foregroundTimers).toBe(0);
    await platform.clock.advance(LIFETIME_MS * 5);
    // Nobody was asked for anything meanwhile.
    expect(times()).toBe(1);
    expect(await platform.run(Promise.all([ask("a"), ask("b")]))).toEqual(["a", "b"]);
    expect([times(), platform.peers.length, sasl.strays]).toEqual([2, 1, []]);
  });

  it("lets requests go on while credentials are fetched, until the session ends", async () => {
    let slow = false;
    let give = (_: SaslCredentials): void => {};
    const user = { username: "user", password: "pencil" };
    const credentials = () =>
      slow ? new Promise<SaslCredentials>((resolve) => (give = resolve)) : Promise.resolve(user);
    const { platform, sasl, ask, times } = await connected({ mechanism: "PLAIN", credentials });
    slow = true;
    await platform.clock.advance(DUE_MS);
    expect(await platform.run(ask("a"))).toBe("a");
    expect(times()).toBe(1);
    await platform.clock.advance(LIFETIME_MS - DUE_MS);
    const held = ask("held");
    await platform.clock.advance(100);
    expect(sasl.strays).toEqual([]);
    give(user);
    expect(await platform.run(held)).toBe("held");
    expect([times(), platform.peers.length, sasl.strays]).toEqual([2, 1, []]);
  });

  it("tries again when credentials fail and the session still lasts", async () => {
    let failures = 0;
    let broken = false;
    const credentials = () => {
      if (!broken) return { username: "user", password: "pencil" };
      failures++;
      throw new Error("no vault");
    };
    const { platform, ask, times, logger } = await connected({ mechanism: "PLAIN", credentials }, 60_000);
    broken = true;
    await platform.clock.advance(54_000);
    for (let i = 0; i < 30; i++) {
      expect(await platform.run(ask("a"))).toBe("a");
      await platform.clock.advance(100);
    }
    expect(failures).toBeLessThanOrEqual(4);
    expect(failures).toBeGreaterThan(1);
    expect(logger.lines.join("\n")).toMatch(
      /warn There are no PLAIN credentials .*no vault\. The session goes on/,
    );
    broken = false;
    await platform.clock.advance(1000);
    await platform.run(ask("a"));
    await platform.run(ask("b"));
    expect([times(), platform.peers.length]).toEqual([2, 1]);
  });

  it("that fails ends the connection with its cause, and a new one is opened", async () => {
    const users: { [name: string]: string } = { user: "pencil", other: "crayon" };
    let name = "user";
    const credentials = () => ({ username: name, password: users[name] ?? "" });
    const { platform, sasl, ask, logger } = await connected({ mechanism: "PLAIN", credentials });
    sasl.options = { ...sasl.options, users };
    // A connection cannot change to another user; a new one can begin with it.
    name = "other";
    await platform.clock.advance(LIFETIME_MS);
    const error = await platform.failure(ask("held"));
    expect(error).toMatchObject({
      code: "CONNECTION_CLOSED",
      retriable: true,
      message: expect.stringContaining("could not authenticate again"),
      cause: {
        code: "SASL_AUTHENTICATION_FAILED",
        message: expect.stringContaining("Cannot change principals"),
      },
    });
    expect(logger.lines.at(-1)).toContain("could not authenticate again");
    expect(await platform.run(ask("again"))).toBe("again");
    expect([platform.peers.length, sasl.strays]).toEqual([2, []]);
  });

  it("that is refused for good fails the next connection at once", async () => {
    const { platform, sasl, ask } = await connected();
    sasl.options = { ...sasl.options, users: {} };
    await platform.clock.advance(LIFETIME_MS);
    expect(await platform.failure(ask())).toMatchObject({ code: "CONNECTION_CLOSED", retriable: true });
    expect(await platform.failure(ask())).toMatchObject({
      code: "SASL_AUTHENTICATION_FAILED",
      retriable: false,
    });
  });

  it.each([
    ["hangs up", hangUp(), "CONNECTION_CLOSED"],
    ["is silent", silence, "REQUEST_TIMED_OUT"],
    ["refuses the handshake", { errorCode: 34 }, "CONNECTION_CLOSED"],
  ])("with a broker that %s fails what is held, and nothing hangs", async (_, reply, code) => {
    const { platform, peer, ask } = await connected();
    peer.script(SaslHandshake, reply as never);
    await platform.clock.advance(LIFETIME_MS);
    const failed = [ask("a", { timeoutMs: 60_000 }), ask("b", { timeoutMs: 60_000 })].map((each) =>
      each.catch((error: unknown) => error),
    );
    for (const each of failed) {
      expect(await platform.run(each)).toMatchObject({ retriable: true });
    }
    expect([code, "CONNECTION_CLOSED"]).toContain(((await failed[0]) as { code: string }).code);
    expect(await platform.run(ask("again"))).toBe("again");
    await settle();
    expect(platform.clock.foregroundTimers).toBe(0);
  });

  it("that does not come to an end fails each request at its own deadline, and says why it was not sent", async () => {
    let slow = false;
    const credentials = () => {
      if (slow) return new Promise<never>(() => {});
      return { username: "user", password: "pencil" };
    };
    const { platform, ask } = await connected({ mechanism: "PLAIN", credentials });
    slow = true;
    await platform.clock.advance(LIFETIME_MS);
    const error = await platform.failure(ask("a", { timeoutMs: 100 }));
    expect(error).toMatchObject({
      code: "REQUEST_TIMED_OUT",
      message: expect.stringContaining("had to authenticate again first"),
    });
  });

  it("leaves nothing behind when the connection is closed meanwhile", async () => {
    const unhandled: unknown[] = [];
    const listener = (error: unknown): void => void unhandled.push(error);
    process.on("unhandledRejection", listener);
    const { platform, peer, broker, ask } = await connected();
    peer.handle(SaslAuthenticate, () => silence);
    await platform.clock.advance(LIFETIME_MS);
    const held = ask().catch((error: unknown) => error);
    await platform.clock.advance(10);
    const cause = new Error("over");
    broker.close(cause);
    expect(await held).toBe(cause);
    await platform.clock.advance(60_000);
    process.off("unhandledRejection", listener);
    expect(unhandled).toEqual([]);
    expect(platform.keepsAlive).toBe(false);
  });

  it("never loses, reorders or fails a request, whenever they come", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 20, maxLength: 60 }),
        fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 5, maxLength: 5 }),
        async (pauses, randoms) => {
          const { platform, peer, sasl, ask, times } = await connected(USER, 2000);
          let next = 0;
          platform.clock.nextRandom = () => randoms[next++ % randoms.length] as number;
          const asked: Promise<string | null>[] = [];
          for (const [i, pauseMs] of pauses.entries()) {
            asked.push(ask(`r${i}`));
            await platform.clock.advance(pauseMs);
          }
          const expected = pauses.map((_, i) => `r${i}`);
          expect(await platform.run(Promise.all(asked))).toEqual(expected);
          expect(answers(peer).filter((name) => name.startsWith("r"))).toEqual(expected);
          expect([platform.peers.length, sasl.strays]).toEqual([1, []]);
          const elapsedMs = pauses.slice(0, -1).reduce((sum, ms) => sum + ms, 0);
          if (elapsedMs > 2000) expect(times()).toBeGreaterThan(1);
        },
      ),
      { numRuns: 25 },
    );
  }, 30_000);
});
