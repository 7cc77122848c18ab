import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Zstd, zstdCompressor, zstdDecompressor } from "../../src/compression/zstd.ts";
import { platform } from "../../src/platform/node.ts";
import type { Decompressor } from "../../src/protocol/records/compression-type.ts";
import { fromHex, toHex } from "../protocol/records/support.ts";
import { mutated } from "../support/mutations.ts";
import { bytesOf, joined, outcome, words } from "./support.ts";
import { vectors } from "./zstd-vectors.ts";

const LIMIT = 1 << 20;
const byFzstd = zstdDecompressor({});
const runtimes: readonly (readonly [string, Decompressor])[] = [
  ["fzstd", byFzstd],
  ...(platform.zlib.zstdDecompress === undefined
    ? []
    : [["the runtime's own", zstdDecompressor(platform.zlib)] as const]),
];

const [sized, unsized] = vectors.map(({ hex }) => fromHex(hex)) as [Uint8Array, Uint8Array];
/** Three bytes in a frame that is to be skipped. */
const skipped = fromHex("502a4d18030000000a0b0c");

/** A frame with a window of 128 KB and these blocks, as hex. */
const frame = (blocks: string): Uint8Array => fromHex(`28b52ffd0038${blocks}`);
const rawBlock = (text: string, last = true): string => {
  const header = (text.length << 3) | (last ? 1 : 0);
  return toHex(Uint8Array.of(header & 0xff, header >>> 8, header >>> 16)) + toHex(bytesOf(text));
};

describe.each(runtimes)("zstd through %s", (_, zstd) => {
  const decompress = (bytes: Uint8Array, maxSize = LIMIT): Uint8Array =>
    zstd.decompress(bytes, maxSize) as Uint8Array;

  it.each(vectors)("reads a frame with $name", ({ content, hex }) => {
    expect(Buffer.compare(decompress(fromHex(hex)), content())).toBe(0);
  });

  it.each(vectors)("makes exactly as much as is allowed of a frame with $name", ({ content, hex }) => {
    const size = content().byteLength;
    expect(decompress(fromHex(hex), size)).toHaveLength(size);
    if (size === 0) return;
    for (const maxSize of [size - 1, 1, 0]) {
      expect(outcome(() => decompress(fromHex(hex), maxSize))).toBe("too large");
    }
  });

  it.each(vectors)("refuses a frame with $name that is cut off anywhere", ({ hex }) => {
    const whole = fromHex(hex);
    for (let size = 0; size < whole.byteLength; size++) {
      const result = outcome(() => decompress(whole.subarray(0, size)));
      // Where one frame ends and the next one would start there is nothing to see.
      if (result !== "damaged") expect(toHex(whole.subarray(size, size + 4))).toBe("28b52ffd");
    }
  });

  it("reads all frames, and skips those that are to be", () => {
    const text = words(200);
    for (const [bytes, times] of [
      [joined(sized, unsized), 2],
      [joined(unsized, skipped, unsized, sized), 3],
      [joined(skipped, sized), 1],
      [joined(unsized, skipped, skipped), 1],
    ] as const) {
      const expected = joined(...Array.from({ length: times }, () => text));
      expect(Buffer.compare(decompress(bytes), expected)).toBe(0);
      expect(outcome(() => decompress(bytes, expected.byteLength - 1))).toBe("too large");
    }
  });

  it("allocates nothing for a bomb", () => {
    // 2,000 blocks of 128 KB, each of one byte that is repeated.
    const bomb = frame(`${"02001061".repeat(2000)}03001061`);
    const before = process.memoryUsage().arrayBuffers;
    expect(outcome(() => decompress(bomb, 1000))).toBe("too large");
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2_000_000);
    expect(decompress(frame(`${"02001061".repeat(4)}03001061`))).toHaveLength(5 * 131_072);
  });

  it.each([
    ["nothing", "", "there is no frame", 0],
    ["nothing but what is skipped", toHex(skipped), "there is no frame", 0],
    ["what is no frame", "28b52ffe0000", "this is no zstd frame", 0],
    ["something after the frame", `${toHex(sized)}01020304`, "this is no zstd frame", sized.byteLength],
    ["a rest after the frame", `${toHex(sized)}0102`, "it ends inside a frame", sized.byteLength],
    ["a reserved bit", "28b52ffd0838010000", "sets a reserved bit", 4],
    ["a dictionary", "28b52ffd013807010000", "needs a dictionary", 6],
    ["a kind of block that does not exist", "28b52ffd0038070000", "no such kind of block", 6],
    [
      "a block larger than 128 KB",
      "28b52ffd0058 0a0010 61".replaceAll(" ", ""),
      "a block has 131073 bytes",
      6,
    ],
    ["a block larger than the window", "28b52ffd00000a200061", "a block has 1025 bytes", 6],
    ["a frame to skip that is cut off", "502a4d180300000001", "it ends inside a frame", 0],
  ])("refuses %s, and says where", (_, hex, problem, at) => {
    expect(() => decompress(fromHex(hex))).toThrow(problem);
    expect(() => decompress(fromHex(hex))).toThrow(
      expect.objectContaining({ code: "DECODE_ERROR", offset: at }),
    );
  });

  it("takes a dictionary id of 0, which stands for none", () => {
    expect(decompress(fromHex(`28b52ffd033800000000${rawBlock("abc")}`))).toEqual(bytesOf("abc"));
  });

  it("refuses a content size past the limit at once", () => {
    const bytes = fromHex(`28b52ffde0ffffffffffffff7f${rawBlock("abc")}`);
    expect(outcome(() => decompress(bytes))).toBe("too large");
  });

  it("refuses another size than the frame says", () => {
    expect(outcome(() => decompress(fromHex(`28b52ffd2004${rawBlock("abc")}`)))).toBe("damaged");
  });

  it("allocates no window larger than what can come of the blocks", () => {
    // 2 TB, or as much as a frame can say.
    for (const window of ["f8", "ff", "a8"]) {
      const before = process.memoryUsage().arrayBuffers;
      const result = outcome(() => decompress(fromHex(`28b52ffd00${window}${rawBlock("abc")}`)));
      // libzstd refuses windows of more than 128 MB.
      expect(["damaged", "abc"]).toContain(
        typeof result === "string" ? result : new TextDecoder().decode(result),
      );
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2_000_000);
    }
  });

  it("gives bytes or a proper error, whatever is done to a frame", () => {
    const outcomes = { bytes: 0, damaged: 0, "too large": 0 };
    const small = vectors.filter(({ hex }) => hex.length < 400);
    fc.assert(
      fc.property(
        fc.constantFrom(...small).chain(({ hex }) => mutated(fromHex(hex))),
        (bytes) => {
          const result = outcome(() => decompress(bytes));
          outcomes[typeof result === "string" ? result : "bytes"]++;
          if (typeof result !== "string") expect(result.byteLength).toBeLessThanOrEqual(LIMIT);
        },
      ),
      // The same each time: fzstd can be kept busy for ever, and a run that comes by that says nothing new.
      { seed: 1, numRuns: 3_000 },
    );
    expect(outcomes.damaged).toBeGreaterThan(500);
    expect(outcomes.bytes).toBeGreaterThan(50);
  });
});

describe("zstd through a platform", () => {
  const text = words(200);

  it("hands over one frame as it is, with the limit", () => {
    const calls: unknown[] = [];
    const zstd = zstdDecompressor({
      zstdDecompress: (bytes, maxSize) => {
        calls.push([toHex(bytes), maxSize]);
        return text;
      },
    });
    expect(zstd.decompress(unsized, 5000)).toBe(text);
    expect(zstd.decompress(joined(skipped, unsized), 5000)).toBe(text);
    expect(calls).toEqual([
      [toHex(unsized), 5000],
      [toHex(unsized), 5000],
    ]);
  });

  it("does not trust it with several frames, of which Node.js drops all but the first", () => {
    const zstd = zstdDecompressor({ zstdDecompress: () => new Uint8Array(0) });
    expect(zstd.decompress(joined(unsized, unsized), LIMIT)).toHaveLength(2 * text.byteLength);
  });

  it.each([
    ["at once", (action: () => Uint8Array) => action()],
    ["later", async (action: () => Uint8Array) => action()],
  ])("explains what it throws %s", async (_, timed) => {
    const failing = (error: Error | null): Zstd => ({
      zstdDecompress: () =>
        timed(() => {
          if (error !== null) throw error;
          return new Uint8Array(3);
        }),
    });
    const decompress = async (error: Error | null) =>
      zstdDecompressor(failing(error)).decompress(sized, 2000);
    await expect(decompress(new RangeError("too much"))).rejects.toMatchObject({
      code: "DECOMPRESSED_SIZE_EXCEEDED",
    });
    await expect(decompress(new Error("bad block"))).rejects.toThrow(/zstd data is damaged \(bad block\)/);
    // Node.js 22 gives what it has when the frame is not whole.
    await expect(decompress(null)).rejects.toThrow(/3 bytes instead of 1\d+/);
  });

  it("compresses only where there is something to do it", () => {
    expect(zstdCompressor({}, 3)).toBeNull();
    const compress = (bytes: Uint8Array, level?: number) => Uint8Array.of(bytes.byteLength, level ?? 0);
    const compressor = zstdCompressor({ zstdCompress: compress }, 7);
    expect(compressor?.compress(bytesOf("ab"))).toEqual(Uint8Array.of(2, 7));
  });
});
