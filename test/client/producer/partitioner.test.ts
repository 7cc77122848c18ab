import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { murmur2 } from "../../../src/client/producer/murmur2.ts";
import { partitionForKey, StickyPartitioner } from "../../../src/client/producer/partitioner.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("murmur2", () => {
  // From the tests of Kafka's own Utils.murmur2.
  it.each([
    ["21", -973932308],
    ["foobar", -790332482],
    ["a-little-bit-long-string", -985981536],
    ["a-little-bit-longer-string", -1486304829],
    ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
    ["abc", 479470107],
    ["", 275646681],
  ])("of %j is Kafka's", (text, hash) => {
    expect(murmur2(utf8(text))).toBe(hash);
  });

  it("looks at the bytes that it is told to", () => {
    expect(murmur2(utf8("abcdef"), 3)).toBe(murmur2(utf8("abc")));
  });
});

describe("partitionForKey", () => {
  it("takes text as its UTF-8 bytes, and always names a partition", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 1000 }), (key, count) => {
        const partition = partitionForKey(key, count);
        expect(partition).toBe(partitionForKey(utf8(key), count));
        expect(partition).toBe((murmur2(utf8(key)) & 0x7fff_ffff) % count);
        expect(Number.isInteger(partition) && partition >= 0 && partition < count).toBe(true);
      }),
    );
  });
});

describe("StickyPartitioner", () => {
  function counter(): () => number {
    let state = 1;
    return () => {
      state = (state * 48271) % 0x7fff_ffff;
      return state / 0x7fff_ffff;
    };
  }

  it("stays until a batch's worth of bytes went there, and then never draws the same again", () => {
    const sticky = new StickyPartitioner(100, counter());
    const runs: { partition: number; bytes: number }[] = [];
    for (let i = 0; i < 1000; i++) {
      const partition = sticky.partition([0, 1, 2], 30);
      const run = runs.at(-1);
      if (run?.partition === partition) run.bytes += 30;
      else runs.push({ partition, bytes: 30 });
    }
    expect(new Set(runs.slice(0, -1).map(({ bytes }) => bytes))).toEqual(new Set([120]));
  });

  it("gives every partition its share", () => {
    const sticky = new StickyPartitioner(1, counter());
    const counts = new Map([0, 1, 2, 3, 4].map((partition) => [partition, 0]));
    for (let i = 0; i < 10_000; i++) {
      const partition = sticky.partition([...counts.keys()], 1);
      counts.set(partition, (counts.get(partition) as number) + 1);
    }
    for (const count of counts.values()) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });

  it("leaves a partition that is no longer to be had, and takes the only one there is", () => {
    const sticky = new StickyPartitioner(1000, counter());
    const first = sticky.partition([0, 1], 1);
    expect(sticky.partition([1 - first], 1)).toBe(1 - first);
    const only = new StickyPartitioner(1, counter());
    expect([only.partition([3], 5), only.partition([3], 5)]).toEqual([3, 3]);
  });
});
