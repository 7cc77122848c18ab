import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bigInt64At,
  bigIntOf,
  int8At,
  int16At,
  int32At,
  int64At,
  putBigInt64,
  putInt16,
  putInt32,
  putInt64,
  uint32At,
} from "../../../src/protocol/records/big-endian.ts";
import { seed } from "../../support/seed.ts";

/** Three bytes in front, so that what looks at the wrong place shows. */
const AT = 3;

describe("integers of fixed size", () => {
  it("are read as a DataView reads them, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: AT + 8, maxLength: AT + 8 }), (bytes) => {
        const view = new DataView(bytes.buffer, bytes.byteOffset);
        expect(int8At(bytes, AT)).toBe(view.getInt8(AT));
        expect(int16At(bytes, AT)).toBe(view.getInt16(AT));
        expect(int32At(bytes, AT)).toBe(view.getInt32(AT));
        expect(uint32At(bytes, AT)).toBe(view.getUint32(AT));
        expect(int64At(bytes, AT)).toBe(Number(view.getBigInt64(AT)));
        expect(bigInt64At(bytes, AT)).toBe(view.getBigInt64(AT));
        expect(bigIntOf(view.getInt32(AT), view.getInt32(AT + 4))).toBe(view.getBigInt64(AT));
      }),
      { seed, numRuns: 1_000 },
    );
  });

  it("are written as a DataView writes them", () => {
    const written = (put: (bytes: Uint8Array) => void): number[] => {
      const bytes = new Uint8Array(AT + 8).fill(0xaa);
      put(bytes);
      return [...bytes];
    };
    const viewed = (put: (view: DataView) => void): number[] =>
      written(({ buffer }) => put(new DataView(buffer)));
    const int = fc.oneof(fc.integer(), fc.constantFrom(-1, 0x7fff_ffff, -0x8000_0000));
    fc.assert(
      fc.property(
        int,
        fc.maxSafeInteger(),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        (a, b, c) => {
          expect(written((bytes) => putInt16(bytes, AT, a))).toEqual(viewed((view) => view.setInt16(AT, a)));
          expect(written((bytes) => putInt32(bytes, AT, a))).toEqual(viewed((view) => view.setInt32(AT, a)));
          expect(written((bytes) => putInt64(bytes, AT, b))).toEqual(
            viewed((view) => view.setBigInt64(AT, BigInt(b))),
          );
          expect(written((bytes) => putBigInt64(bytes, AT, c))).toEqual(
            viewed((view) => view.setBigInt64(AT, c)),
          );
        },
      ),
      { seed, numRuns: 1_000 },
    );
  });

  it("are exact as numbers in the whole safe range", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const bytes = new Uint8Array(8);
        putInt64(bytes, 0, value);
        expect(int64At(bytes, 0)).toBe(value + 0);
      }),
      { seed, numRuns: 1_000 },
    );
  });
});
