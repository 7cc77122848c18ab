import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { crc32c } from "../../../src/protocol/records/crc32c.ts";
import { seed } from "../../support/seed.ts";
import { bitwiseCrc32c, fromHex } from "./support.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Bytes without a short period. */
function noise(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 23);
}

describe("crc32c", () => {
  it.each([
    ["Kafka's Crc32CTest", text("Some String"), 608512271],
    ["the catalogue's check value", text("123456789"), 0xe3069283],
    ["RFC 3720: 32 zeros", new Uint8Array(32), 0x8a9136aa],
    ["RFC 3720: 32 ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ["RFC 3720: ascending", Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ["RFC 3720: descending", Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    [
      "RFC 3720: an iSCSI read command",
      fromHex(
        "01c000000000000000000000000000001400000000000400000000140000001828000000000000000200000000000000",
      ),
      0xd9963a56,
    ],
    ["nothing", new Uint8Array(0), 0],
  ])("gives the published value for %s", (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  // Every way through: rests of 0 to 15 bytes, and both lengths of lanes with every rest that they can leave.
  it("equals the definition for every length up to 1,200 and around whole rounds of lanes", () => {
    const bytes = noise(12_000);
    const lengths = Array.from({ length: 1201 }, (_, i) => i);
    for (const whole of [3 * 1024, 3 * 1024 + 3 * 128, 6 * 1024, 9 * 1024 + 640]) {
      for (let delta = -17; delta <= 17; delta++) lengths.push(whole + delta);
    }
    const differing = lengths.filter(
      (length) => crc32c(bytes, 0, length) !== bitwiseCrc32c(bytes.subarray(0, length)),
    );
    expect(differing).toEqual([]);
  });

  // Folding starts at 4 KiB, changes its polynomial at 16 KiB, and works on 64 KiB at a time.
  it("equals the definition around every length at which folding changes", () => {
    const bytes = noise(200_000);
    const lengths = [4 * 1024, 16 * 1024, 64 * 1024, 128 * 1024, 128 * 1024 + 3344, 192 * 1024].flatMap(
      (whole) => Array.from({ length: 35 }, (_, i) => whole + i - 17),
    );
    const differing = lengths.filter(
      (length) => crc32c(bytes, 5, 5 + length) !== bitwiseCrc32c(bytes.subarray(5, 5 + length)),
    );
    expect(differing).toEqual([]);
  });

  it("remembers nothing from one long input to the next", () => {
    const lengths = [90_000, 5_000, 20_000, 4_096, 70_000];
    const inputs = lengths.map((length) => noise(length));
    const before = inputs.map((bytes) => crc32c(bytes));
    expect(before).toEqual(inputs.map((bytes) => bitwiseCrc32c(bytes)));
    expect(inputs.map((bytes) => crc32c(bytes)).toReversed()).toEqual(
      inputs.toReversed().map((bytes) => crc32c(bytes)),
    );
  });

  it.each([
    ["has no WebAssembly", undefined],
    [
      "does not let WebAssembly be made from bytes",
      {
        Module: class {
          constructor() {
            throw new Error("Wasm code generation disallowed by embedder");
          }
        },
      },
    ],
  ])("gives the same where the runtime %s", async (_, webAssembly) => {
    vi.stubGlobal("WebAssembly", webAssembly);
    vi.resetModules();
    const alone = await import("../../../src/protocol/records/crc32c.ts");
    vi.unstubAllGlobals();
    expect(alone.crc32c).not.toBe(crc32c);
    const bytes = noise(70_000);
    for (const length of [100, 4_096, 16_400, 70_000]) {
      expect(alone.crc32c(bytes, 0, length, 17)).toBe(crc32c(bytes, 0, length, 17));
    }
  });

  it("takes any part of any view, and goes on from a previous CRC", () => {
    const memory = noise(30_000);
    fc.assert(
      fc.property(
        fc.nat({ max: 100 }),
        fc.nat({ max: 4_000 }),
        fc.oneof(fc.nat({ max: 4_800 }), fc.nat({ max: 25_000 })),
        (byteOffset, start, length) => {
          const view = new Uint8Array(memory.buffer, byteOffset);
          const middle = start + (length >> 1);
          const expected = bitwiseCrc32c(view.subarray(start, start + length));
          expect(crc32c(view, start, start + length)).toBe(expected);
          expect(crc32c(view, middle, start + length, crc32c(view, start, middle))).toBe(expected);
        },
      ),
      { seed, numRuns: 200 },
    );
  });
});
