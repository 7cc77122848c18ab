import { channel } from "node:diagnostics_channel";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { platform } from "../../src/platform/node.ts";

const { clock, zlib } = platform;

describe("the clock", () => {
  it("goes forward", () => {
    const first = clock.monotonicMs();
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(first);
    expect(Math.abs(clock.wallMs() - Date.now())).toBeLessThan(1000);
    const random = clock.random();
    expect(random >= 0 && random < 1).toBe(true);
  });

  it("fires a timer once, and not after it was cancelled", async () => {
    let fired = 0;
    const cancelled = clock.setTimer(1, () => fired++);
    await new Promise<void>((resolve) => {
      clock.setTimer(5, () => {
        fired += 10;
        resolve();
      });
      cancelled.cancel();
      cancelled.cancel();
    });
    expect(fired).toBe(10);
  });

  it.each([2 ** 31, 1e12, Number.POSITIVE_INFINITY])(
    "does not fire at once what is %d ms away",
    async (delayMs) => {
      const warnings: Error[] = [];
      const listener = (warning: Error): void => void warnings.push(warning);
      process.on("warning", listener);
      let fired = false;
      const timer = clock.setTimer(delayMs, () => {
        fired = true;
      });
      await new Promise((resolve) => setTimeout(resolve, 20));
      timer.cancel();
      process.off("warning", listener);
      expect([fired, warnings]).toEqual([false, []]);
    },
  );
});

describe("gzip", () => {
  const bytes = Buffer.alloc(100_000, "kafka");

  it("comes back as it was", async () => {
    for (const level of [undefined, 1, 9]) {
      const packed = await zlib.gzip(bytes, level);
      expect(packed.byteLength).toBeLessThan(2000);
      expect(Buffer.compare(await zlib.gunzip(packed, bytes.length), bytes)).toBe(0);
    }
    expect(await zlib.gunzip(await zlib.gzip(new Uint8Array()), 1)).toHaveLength(0);
  });

  it("is cut off at its largest size, before that much is made", () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    expect(() => zlib.gunzip(bomb, 49_999_999)).toThrow(RangeError);
    expect(() => zlib.gunzip(gzipSync(bytes), bytes.length - 1)).toThrow(RangeError);
  });

  it("is an error when it is damaged, and not one of size", () => {
    const whole = gzipSync(bytes);
    const flipped = Uint8Array.from(whole);
    flipped[whole.length - 6] = (flipped[whole.length - 6] as number) ^ 1;
    for (const damaged of [new Uint8Array(), Buffer.from("plain"), whole.subarray(0, 50), flipped]) {
      const act = (): unknown => zlib.gunzip(damaged, 1e6);
      expect(act).toThrow();
      expect(act).not.toThrow(RangeError);
    }
  });
});

describe("lookup", () => {
  it("gives the addresses of a name with their families", async () => {
    expect(await platform.lookup("127.0.0.1")).toEqual([{ address: "127.0.0.1", family: 4 }]);
    expect(await platform.lookup("::1")).toEqual([{ address: "::1", family: 6 }]);
    const local = await platform.lookup("localhost");
    expect(local.length).toBeGreaterThan(0);
    expect(local.every(({ address, family }) => (family === 6) === address.includes(":"))).toBe(true);
  });

  it("rejects where there is none", async () => {
    // RFC 6761 keeps this name from ever having one.
    await expect(platform.lookup("kafka.invalid")).rejects.toMatchObject({
      code: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/),
    });
  });
});

describe("diagnostics", () => {
  it("are the runtime's own channels", () => {
    const ours = platform.diagnostics?.("kafkawire:test") ?? expect.fail("there are none");
    expect(ours.hasSubscribers).toBe(false);
    const heard: unknown[] = [];
    const listener = (message: unknown): void => void heard.push(message);
    channel("kafkawire:test").subscribe(listener);
    expect(ours.hasSubscribers).toBe(true);
    ours.publish({ what: "this" });
    channel("kafkawire:test").unsubscribe(listener);
    ours.publish({ what: "not this" });
    expect(heard).toEqual([{ what: "this" }]);
  });
});
