import { describe, expect, it } from "vitest";
import { xxh32 } from "../../src/compression/xxh32.ts";
import { bytesOf } from "./support.ts";

describe("xxh32", () => {
  it.each([
    ["nothing", "", 0x02cc_5d05],
    ["less than four bytes", "abc", 0x32d1_53ff],
    ["32 bytes", "a".repeat(32), 2737000382],
  ])("gives the published value for %s", (_, text, expected) => {
    expect(xxh32(bytesOf(text))).toBe(expected);
  });

  it("takes any part of any view", () => {
    const memory = bytesOf(`xx${"a".repeat(32)}yy`);
    expect(xxh32(memory, 2, 34)).toBe(2737000382);
    expect(xxh32(memory.subarray(1), 1, 33)).toBe(2737000382);
  });
});
