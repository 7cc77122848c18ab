import { type Int64Input, toBigInt } from "../../protocol/int64.ts";
import { checkSize, mismatch, outOfRange } from "./mismatch.ts";
import type { Serde } from "./serde.ts";

const RANGE = "a whole number from -(2n ** 63n) to 2n ** 63n - 1n";

/**
 * Whole numbers in eight bytes, as Java's LongSerializer writes them: a bigint, a `Long`, or a number as far as
 * numbers are exact, to `Number.MAX_SAFE_INTEGER`. Read as bigint.
 */
export function int64(): Serde<Int64Input | number, bigint> {
  return {
    serialize(data) {
      const written = new DataView(new ArrayBuffer(8));
      if (typeof data === "number") {
        if (!Number.isSafeInteger(data)) throw outOfRange("a safe integer, or a bigint");
        written.setInt32(0, Math.floor(data / 2 ** 32));
        // Modulo 2^32, for negative ones too.
        written.setInt32(4, data | 0);
      } else {
        const value = toBigInt(data);
        if (value === null) throw mismatch("a bigint or a number", data);
        if (BigInt.asIntN(64, value) !== value) throw outOfRange(RANGE);
        written.setBigInt64(0, value);
      }
      return new Uint8Array(written.buffer);
    },
    deserialize(data) {
      checkSize(data, 8);
      return new DataView(data.buffer, data.byteOffset).getBigInt64(0);
    },
  };
}
