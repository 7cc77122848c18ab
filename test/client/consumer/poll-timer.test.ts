import { describe, expect, it } from "vitest";
import type { PartitionState } from "../../../src/client/consumer/fetch-state.ts";
import { Hands } from "../../../src/client/consumer/hands.ts";
import { PollTimer } from "../../../src/client/consumer/poll-timer.ts";
import { FakeClock } from "../../support/fake-clock.ts";

function setUp() {
  const clock = new FakeClock();
  const hands = new Hands();
  const application = { asked: 0, isAsking: false };
  const expiries: number[] = [];
  const timer = new PollTimer({
    clock,
    maxPollIntervalMs: 1000,
    hands,
    asked: () => application.asked,
    isAsking: () => application.isAsking,
    onExpired: () => expiries.push(clock.monotonicMs()),
  });
  const start = clock.monotonicMs();
  timer.start();
  return { clock, hands, application, timer, expiredAfter: () => expiries.map((ms) => ms - start) };
}

describe("maxPollIntervalMs", () => {
  it("is over when nobody has asked for so long, and not before", async () => {
    const { clock, expiredAfter } = setUp();
    await clock.advance(999);
    expect(expiredAfter()).toEqual([]);
    await clock.advance(5000);
    expect(expiredAfter()).toEqual([1000]);
  });

  it("begins anew with each asking, and is found out within a quarter", async () => {
    const { application, clock, expiredAfter } = setUp();
    for (let i = 0; i < 20; i++) {
      await clock.advance(300);
      application.asked++;
    }
    expect(expiredAfter()).toEqual([]);
    await clock.advance(5000);
    expect(expiredAfter()[0]).toBeGreaterThanOrEqual(7000);
    expect(expiredAfter()[0]).toBeLessThanOrEqual(7250);
  });

  it("does not pass while the application waits for records", async () => {
    const { application, clock, expiredAfter } = setUp();
    application.isAsking = true;
    await clock.advance(20_000);
    expect(expiredAfter()).toEqual([]);
  });

  it("passes for one handler that does not end, though others ask on", async () => {
    const { application, clock, expiredAfter, hands } = setUp();
    application.isAsking = true;
    hands.give({ topic: "t", partition: 0 } as PartitionState, { offset: 0n, leaderEpoch: 0 });
    await clock.advance(5000);
    expect(expiredAfter()).toEqual([1250]);
  });

  it("is not looked at once it was stopped", async () => {
    const { clock, expiredAfter, timer } = setUp();
    timer.stop();
    await clock.advance(5000);
    expect(expiredAfter()).toEqual([]);
  });
});
