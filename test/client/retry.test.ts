import { describe, expect, it } from "vitest";
import { backoffMs, Deadline, orAborted, sleep, within } from "../../src/client/retry.ts";
import { FakeClock, settle } from "../support/fake-clock.ts";

const never = new Promise<never>(() => {});
const reason = new Error("enough");

describe("backoffMs", () => {
  const backoff = { initialMs: 100, maxMs: 1000 };

  it("doubles up to the maximum", () => {
    const waits = [0, 1, 2, 3, 4, 5, 6, 1000, 1e9].map((attempt) => backoffMs(backoff, attempt, 0.5));
    expect(waits).toEqual([100, 100, 200, 400, 800, 1000, 1000, 1000, 1000]);
  });

  it("is moved by up to a fifth either way", () => {
    expect(backoffMs(backoff, 1, 0)).toBe(80);
    expect(backoffMs(backoff, 5, 0.999_999)).toBeCloseTo(1200, 1);
  });

  it("can be none", () => {
    expect(backoffMs({ initialMs: 0, maxMs: 0 }, 5, 0.5)).toBe(0);
    expect(backoffMs({ initialMs: 500, maxMs: 100 }, 1, 0.5)).toBe(100);
  });
});

describe("Deadline", () => {
  it("counts down to 0 and no further", async () => {
    const clock = new FakeClock();
    const deadline = new Deadline(clock, 100);
    await clock.advance(99);
    expect([deadline.remainingMs, deadline.expired]).toEqual([1, false]);
    await clock.advance(2);
    expect([deadline.remainingMs, deadline.expired, deadline.timeoutMs]).toEqual([0, true, 100]);
  });
});

describe("within", () => {
  const call = (promise: Promise<unknown>, timeoutMs: number, signal?: AbortSignal) => {
    const clock = new FakeClock();
    const outcome = within(
      clock,
      promise,
      new Deadline(clock, timeoutMs),
      signal,
      () => new Error("too late"),
    );
    return { clock, outcome };
  };

  it("gives what the promise comes to, and leaves no timer behind", async () => {
    const resolved = call(Promise.resolve(5), 100);
    expect(await resolved.outcome).toBe(5);
    const rejected = call(Promise.reject(reason), 100);
    await expect(rejected.outcome).rejects.toBe(reason);
    expect([resolved.clock.foregroundTimers, rejected.clock.foregroundTimers]).toEqual([0, 0]);
  });

  it("rejects at the deadline, and keeps the process alive until then", async () => {
    const { clock, outcome } = call(never, 100);
    expect(clock.foregroundTimers).toBe(1);
    await expect(clock.run(outcome, 100)).rejects.toThrow("too late");
  });

  it.each(["before", "meanwhile"])("rejects when the signal is aborted %s", async (moment) => {
    const abort = new AbortController();
    if (moment === "before") abort.abort(reason);
    const { clock, outcome } = call(never, 100, abort.signal);
    abort.abort(reason);
    await expect(outcome).rejects.toBe(reason);
    expect(clock.foregroundTimers).toBe(0);
  });

  it.each(["before", "meanwhile"])(
    "leaves no rejection unhandled that comes after an abort %s",
    async (moment) => {
      const unhandled: unknown[] = [];
      const listener = (error: unknown): void => void unhandled.push(error);
      process.on("unhandledRejection", listener);
      const abort = new AbortController();
      if (moment === "before") abort.abort(reason);
      const late = settle().then(() => Promise.reject(new Error("late")));
      const outcomes = [call(late, 100, abort.signal).outcome, orAborted(late, abort.signal)];
      abort.abort(reason);
      for (const outcome of outcomes) await expect(outcome).rejects.toBe(reason);
      await settle();
      await settle();
      process.off("unhandledRejection", listener);
      expect(unhandled).toEqual([]);
    },
  );
});

describe("sleep", () => {
  it("waits, and keeps the process alive", async () => {
    const clock = new FakeClock();
    const startMs = clock.monotonicMs();
    const slept = sleep(clock, 50);
    expect(clock.foregroundTimers).toBe(1);
    await clock.run(slept);
    expect(clock.monotonicMs() - startMs).toBe(50);
  });

  it("ends with the signal's reason, and leaves no timer behind", async () => {
    const clock = new FakeClock();
    const abort = new AbortController();
    const slept = sleep(clock, 50, abort.signal);
    abort.abort(reason);
    await expect(slept).rejects.toBe(reason);
    await expect(sleep(clock, 50, abort.signal)).rejects.toBe(reason);
    expect(clock.foregroundTimers).toBe(0);
  });

  it("takes an abort that comes later for nothing", async () => {
    const clock = new FakeClock();
    const abort = new AbortController();
    await clock.run(sleep(clock, 50, abort.signal));
    abort.abort(reason);
    await settle();
  });
});
