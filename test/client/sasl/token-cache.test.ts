import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FetchedToken, refreshAtMs, TokenCache } from "../../../src/client/sasl/token-cache.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { FakeLogger } from "../../support/fake-kafka.ts";

const JAVA = { windowFactor: 0.8, windowJitter: 0.05, minPeriodMs: 60_000, bufferMs: 300_000 };
const HOUR_MS = 3_600_000;

/** A cache whose tokens are numbered and live an hour. */
function setUp(lifetimeMs: number | null = HOUR_MS) {
  const clock = new FakeClock();
  const logger = new FakeLogger();
  const asked: AbortSignal[] = [];
  let fails: Error | null = null;
  let gate: Promise<void> = Promise.resolve();
  const fetch = async (_: number, signal: AbortSignal): Promise<FetchedToken> => {
    asked.push(signal);
    const value = `t${asked.length}`;
    await gate;
    if (fails !== null) throw fails;
    const issuedAtMs = clock.wallMs();
    return { value, issuedAtMs, expiresAtMs: lifetimeMs === null ? null : issuedAtMs + lifetimeMs };
  };
  const cache = new TokenCache(fetch, JAVA, { clock, logger });
  const get = (signal = new AbortController().signal) => cache.get(1000, signal);
  return {
    ...{ clock, logger, asked, get },
    fail: (error: Error | null) => {
      fails = error;
    },
    hold: () => {
      let open = (): void => {};
      gate = new Promise((resolve) => {
        open = resolve;
      });
      return () => open();
    },
  };
}

describe("the time to replace a token", () => {
  const token = { issuedAtMs: 0, expiresAtMs: HOUR_MS };

  it.each([
    ["at 80 % of its lifetime", token, 0, 0, 0.8 * HOUR_MS],
    ["with up to 5 % by chance", token, 0, 1, 0.85 * HOUR_MS],
    ["with the buffer before its end", { issuedAtMs: 0, expiresAtMs: 1_000_000 }, 0, 0, 700_000],
    [
      "not before the least period",
      { issuedAtMs: 0, expiresAtMs: HOUR_MS },
      0.9 * HOUR_MS - 1,
      0,
      0.9 * HOUR_MS - 1 + 60_000,
    ],
    ["without both when there is no time for them", { issuedAtMs: 0, expiresAtMs: 300_000 }, 0, 0, 240_000],
  ])("is %s", (_, times, nowMs, random, expected) => {
    expect(refreshAtMs(times, JAVA, nowMs, random)).toBeCloseTo(expected, 3);
  });

  it("is never behind its end", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e9 }),
        fc.integer({ min: 1, max: 1e9 }),
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        (issuedAtMs, lifetimeMs, random) => {
          const expiresAtMs = issuedAtMs + lifetimeMs;
          expect(refreshAtMs({ issuedAtMs, expiresAtMs }, JAVA, issuedAtMs, random)).toBeLessThanOrEqual(
            expiresAtMs,
          );
        },
      ),
    );
  });
});

describe("a token", () => {
  it("serves until it is due, and is then replaced when it is wanted", async () => {
    const { clock, asked, get } = setUp();
    expect([await get(), await get()]).toEqual(["t1", "t1"]);
    await clock.advance(0.8 * HOUR_MS);
    expect(await get()).toBe("t1");
    await clock.advance(0.03 * HOUR_MS);
    expect(await get()).toBe("t2");
    expect(asked).toHaveLength(2);
    expect(clock.timers).toBe(0);
  });

  it("is fetched once for all who want it at the same time", async () => {
    const { asked, get, hold } = setUp();
    const open = hold();
    const wanted = [get(), get(), get()];
    open();
    expect(await Promise.all(wanted)).toEqual(["t1", "t1", "t1"]);
    expect(asked).toHaveLength(1);
  });

  it("serves on when it cannot be replaced, and that is tried no more often than allowed", async () => {
    const { clock, logger, asked, get, fail } = setUp();
    await get();
    await clock.advance(0.9 * HOUR_MS);
    fail(new Error("no endpoint"));
    expect([await get(), await get()]).toEqual(["t1", "t1"]);
    expect(asked).toHaveLength(2);
    expect(logger.lines).toEqual(["warn The token was not replaced, and the old one serves on: no endpoint"]);
    await clock.advance(60_000);
    fail(null);
    expect(await get()).toBe("t3");
  });

  it("serves no longer than it lives", async () => {
    const { clock, get, fail } = setUp();
    await get();
    await clock.advance(HOUR_MS);
    const error = new Error("no endpoint");
    fail(error);
    await expect(get()).rejects.toBe(error);
  });

  it.each([null, -5])(
    "that says nothing of its end, or has passed it, is used once (%s)",
    async (lifetimeMs) => {
      const { get } = setUp(lifetimeMs);
      expect([await get(), await get()]).toEqual(["t1", "t2"]);
    },
  );

  it("is given up when nobody wants it any more, and not before", async () => {
    const { asked, get, hold } = setUp();
    const open = hold();
    const [first, second] = [new AbortController(), new AbortController()];
    const wanted = [get(first.signal), get(second.signal)].map((each) =>
      each.catch((error: unknown) => error),
    );
    const cause = new Error("over");
    first.abort(cause);
    expect(await wanted[0]).toBe(cause);
    expect(asked[0]?.aborted).toBe(false);
    second.abort(cause);
    expect(await wanted[1]).toBe(cause);
    expect(asked[0]?.aborted).toBe(true);
    // Who comes now does not get what was given up.
    const next = get();
    open();
    expect(await next).toBe("t2");
  });
});
