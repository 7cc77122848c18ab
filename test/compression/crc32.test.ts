import fc from "fast-check";
import { expect, it } from "vitest";
import { crc32 } from "../../src/compression/crc32.ts";
import { bitwiseCrc32 } from "../protocol/records/support.ts";
import { seed } from "../support/seed.ts";

it("gives the check value of CRC-32", () => {
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf4_3926);
  expect(crc32(new Uint8Array(0))).toBe(0);
});

it(`gives what dividing bit by bit gives, of any part of any memory, seed ${seed}`, () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat({ max: 8 }), (bytes, skip) => {
      const part = bytes.subarray(skip);
      expect(crc32(part)).toBe(bitwiseCrc32(part));
    }),
    { seed },
  );
});
