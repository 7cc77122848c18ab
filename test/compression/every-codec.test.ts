import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mutated } from "../support/mutations.ts";
import { seed } from "../support/seed.ts";
import { anyContent, noise, outcome, words, writable } from "./support.ts";

const LIMIT = 1 << 20;

describe.each(writable)("$type", (codec) => {
  const compress = (bytes: Uint8Array): Uint8Array => codec.compress(bytes) as Uint8Array;
  const decompress = (bytes: Uint8Array, maxSize = LIMIT): Uint8Array =>
    codec.decompress(bytes, maxSize) as Uint8Array;

  it("gives back what it was given, wherever that lies in its memory", () => {
    fc.assert(
      fc.property(anyContent, fc.nat({ max: 9 }), (content, before) => {
        const memory = new Uint8Array(before + content.byteLength + 5);
        memory.set(content, before);
        const compressed = compress(memory.subarray(before, before + content.byteLength));
        const apart = new Uint8Array(before + compressed.byteLength + 5);
        apart.set(compressed, before);
        const back = decompress(apart.subarray(before, before + compressed.byteLength));
        // Comparing element by element, as toEqual does, would take seconds.
        expect(Buffer.compare(back, content)).toBe(0);
      }),
      { seed, numRuns: 60 },
    );
  });

  it("makes repetitions small, and nothing much larger", () => {
    expect(compress(words(20_000)).byteLength).toBeLessThan(words(20_000).byteLength / 2);
    expect(compress(new Uint8Array(200_000)).byteLength).toBeLessThan(200_000 / 15);
    expect(compress(noise(200_000)).byteLength).toBeLessThan(200_000 * 1.01);
  });

  it("shares no memory with what it was given", () => {
    for (const content of [words(50), noise(500), noise(70_000)]) {
      const given = Uint8Array.from(content);
      const compressed = compress(given);
      given.fill(0);
      const back = decompress(compressed);
      compressed.fill(0);
      expect(Buffer.compare(back, content)).toBe(0);
    }
  });

  it("takes a Buffer, and its result is right there too", () => {
    const content = Buffer.from(words(30));
    expect(Buffer.compare(decompress(Buffer.from(compress(content))), content)).toBe(0);
  });

  it("makes exactly as much as is allowed, and never more", () => {
    for (const content of [words(40), noise(300), new Uint8Array(150_000)]) {
      const compressed = compress(content);
      expect(decompress(compressed, content.byteLength)).toHaveLength(content.byteLength);
      for (const maxSize of [content.byteLength - 1, 1, 0]) {
        expect(outcome(() => decompress(compressed, maxSize))).toBe("too large");
      }
    }
  });

  it("allocates nothing for a bomb", () => {
    const bomb = compress(new Uint8Array(100_000_000));
    const before = process.memoryUsage().arrayBuffers;
    expect(() => decompress(bomb, 1000)).toThrow(/more than 1000 bytes when decompressed/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5_000_000);
  });

  it("says that data is damaged where it is cut off, at any place", () => {
    for (const content of [words(40), noise(40), new Uint8Array(70_000)]) {
      const compressed = compress(content);
      for (let size = 0; size < compressed.byteLength; size++) {
        const result = outcome(() => decompress(compressed.subarray(0, size)));
        // What snappy's frames lack is an end: whole blocks are all that there is.
        if (codec.type !== "snappy" || typeof result === "string") expect(result).toBe("damaged");
        else expect(result.byteLength % 32_768).toBe(0);
      }
    }
  });

  it("gives bytes or a proper error, whatever is done to its own", () => {
    const outcomes = { bytes: 0, damaged: 0, "too large": 0 };
    const contents = fc.oneof(
      fc.nat({ max: 60 }).map(words),
      fc.nat({ max: 60 }).map((size) => noise(size)),
    );
    fc.assert(
      fc.property(
        contents.chain((content) => mutated(compress(content))),
        (bytes) => {
          const result = outcome(() => decompress(bytes));
          outcomes[typeof result === "string" ? result : "bytes"]++;
          if (typeof result !== "string") expect(result.byteLength).toBeLessThanOrEqual(LIMIT);
        },
      ),
      { seed, numRuns: 4_000 },
    );
    expect(outcomes.damaged).toBeGreaterThan(500);
    expect(outcomes.bytes).toBeGreaterThan(50);
  });

  it("gives bytes or a proper error for noise", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void outcome(() => decompress(bytes))),
      { seed, numRuns: 2_000 },
    );
  });
});
