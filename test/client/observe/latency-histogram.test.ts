import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LatencyHistogram } from "../../../src/client/observe/latency-histogram.ts";

/** Longest duration with a bucket of its own. */
const HIGHEST_MS = 0x7fff_ffff / 1000;

/** Even over its range, which the doubles of fast-check are not: nearly all of theirs are next to nothing. */
const fraction = fc.integer({ min: 0, max: 1_000_000 }).map((millionths) => millionths / 1_000_000);

/** Durations of every order of size, not only large ones. */
const duration = fc
  .tuple(fraction, fc.integer({ min: -3, max: 6 }))
  .map(([part, exponent]) => Math.min(HIGHEST_MS, part * 10 ** exponent));

function recorded(durations: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const ms of durations) histogram.record(ms);
  return histogram;
}

describe("LatencyHistogram", () => {
  it("gives quantiles at most a thirty-second and a microsecond off the exact ones", () => {
    fc.assert(
      fc.property(fc.array(duration, { minLength: 1, maxLength: 300 }), fraction, (durations, q) => {
        const sorted = durations.toSorted((a, b) => a - b);
        const exact = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] as number;
        const error = Math.abs(recorded(durations).quantileMs(q) - exact);
        expect(error).toBeLessThanOrEqual(exact / 32 + 0.001);
      }),
    );
  });

  it("keeps count, sum, least and greatest exactly", () => {
    fc.assert(
      fc.property(fc.array(duration, { minLength: 1 }), (durations) => {
        const { count, sumMs, minMs, maxMs } = recorded(durations).snapshot();
        expect(count).toBe(durations.length);
        expect(sumMs).toBeCloseTo(
          durations.reduce((sum, ms) => sum + ms, 0),
          3,
        );
        expect(minMs).toBeCloseTo(Math.min(...durations), 2);
        expect(maxMs).toBeCloseTo(Math.max(...durations), 2);
      }),
    );
  });

  it("puts each duration in the first bucket that reaches so far", () => {
    fc.assert(
      fc.property(fc.array(duration), fc.nat(), (durations, pick) => {
        const { buckets } = recorded(durations).snapshot();
        expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(durations.length);
        const limits = buckets.map(({ upToMs }) => upToMs);
        expect(limits).toEqual(limits.toSorted((a, b) => a - b));
        const limit = limits[pick % Math.max(1, limits.length)];
        if (limit === undefined) return;
        const within = buckets.filter(({ upToMs }) => upToMs <= limit);
        expect(within.reduce((sum, { count }) => sum + count, 0)).toBe(
          durations.filter((ms) => Math.round(ms * 1000) <= Math.round(limit * 1000)).length,
        );
      }),
    );
  });

  it("adds up to what one histogram of all would be", () => {
    fc.assert(
      fc.property(fc.array(duration), fc.array(duration), (some, others) => {
        const sum = recorded(some);
        sum.add(recorded(others));
        const { sumMs, ...rest } = sum.snapshot();
        const { sumMs: expectedSum, ...expected } = recorded([...some, ...others]).snapshot();
        expect(rest).toEqual(expected);
        expect(sumMs).toBeCloseTo(expectedSum, 6);
      }),
    );
  });

  it("takes what is longer than it has buckets for, what is negative, and nothing at all", () => {
    const day = 86_400_000;
    const { maxMs, p99Ms, buckets } = recorded([day]).snapshot();
    expect([maxMs, p99Ms, buckets]).toEqual([day, day, [{ upToMs: day, count: 1 }]]);
    expect(recorded([-1]).snapshot()).toMatchObject({ count: 1, minMs: 0, maxMs: 0, p50Ms: 0 });
    expect(new LatencyHistogram().snapshot()).toEqual({
      count: 0,
      sumMs: 0,
      minMs: 0,
      maxMs: 0,
      p50Ms: 0,
      p95Ms: 0,
      p99Ms: 0,
      buckets: [],
    });
  });
});
