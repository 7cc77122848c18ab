import { describe, expect, it } from "vitest";
import { BrokerSilence } from "../../../../src/client/producer/partitioners/broker-silence.ts";

describe("a broker's silence", () => {
  it("begins with the first request that is not answered, and ends with its answer", () => {
    const silence = new BrokerSilence();
    expect(silence.forMs(1, 900)).toBe(0);
    silence.sent(1, 1000);
    silence.sent(2, 1400);
    expect([silence.forMs(1, 1500), silence.forMs(2, 1500)]).toEqual([500, 100]);
    silence.answered(1, 1600);
    // Nothing is asked meanwhile: that is no silence.
    expect([silence.forMs(1, 9000), silence.forMs(2, 9000)]).toEqual([0, 7600]);
    silence.sent(1, 9000);
    expect(silence.forMs(1, 9100)).toBe(100);
  });

  it("begins anew with each answer while others are owed", () => {
    const silence = new BrokerSilence();
    for (const atMs of [1000, 1100, 1200]) silence.sent(1, atMs);
    silence.answered(1, 1500);
    expect(silence.forMs(1, 1800)).toBe(300);
    silence.answered(1, 1900);
    silence.answered(1, 1950);
    expect(silence.forMs(1, 2500)).toBe(0);
  });

  it("goes on where requests fail without an answer", () => {
    const silence = new BrokerSilence();
    silence.sent(1, 1000);
    silence.failed(1);
    expect(silence.forMs(1, 1200)).toBe(200);
    silence.sent(1, 1300);
    silence.failed(1);
    silence.sent(1, 1400);
    expect(silence.forMs(1, 1500)).toBe(500);
    silence.answered(1, 1600);
    expect(silence.forMs(1, 1700)).toBe(0);
  });
});
