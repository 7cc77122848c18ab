import { describe, expect, it } from "vitest";
import { platform } from "../../src/platform/node.ts";
import { bitwiseCrc32 } from "../protocol/records/support.ts";

const { zlib } = platform;

describe("the zlib of Node.js", () => {
  it("has CRC-32, of any part of any memory", () => {
    const bytes = new TextEncoder().encode("xx123456789");
    expect(zlib.crc32?.(bytes.subarray(2))).toBe(0xcbf4_3926);
    expect(zlib.crc32?.(new Uint8Array(0))).toBe(0);
    expect(zlib.crc32?.(Buffer.from("abc"))).toBe(bitwiseCrc32(Buffer.from("abc")));
  });

  it("has zstd from 22.15 and 23.8 on, and does not pretend to before", () => {
    const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
    const expected = major > 23 || (major === 23 && minor >= 8) || (major === 22 && minor >= 15);
    expect(zlib.zstdCompress !== undefined).toBe(expected);
    expect(zlib.zstdDecompress !== undefined).toBe(expected);
  });
});
