import { checkSize, mismatch, outOfRange } from "./mismatch.ts";
import type { Serde } from "./serde.ts";

/** Whole numbers from -2147483648 to 2147483647 in four bytes, as Java's IntegerSerializer writes them. */
export function int32(): Serde<number> {
  return {
    serialize(data) {
      if (typeof data !== "number") throw mismatch("a number", data);
      if ((data | 0) !== data) throw outOfRange("a whole number from -2147483648 to 2147483647");
      return Uint8Array.of(data >> 24, data >> 16, data >> 8, data);
    },
    deserialize(data) {
      checkSize(data, 4);
      return new DataView(data.buffer, data.byteOffset).getInt32(0);
    },
  };
}
