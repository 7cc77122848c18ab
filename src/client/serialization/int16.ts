import { checkSize, mismatch, outOfRange } from "./mismatch.ts";
import type { Serde } from "./serde.ts";

/** Whole numbers from -32768 to 32767 in two bytes, as Java's ShortSerializer writes them. */
export function int16(): Serde<number> {
  return {
    serialize(data) {
      if (typeof data !== "number") throw mismatch("a number", data);
      if ((data << 16) >> 16 !== data) throw outOfRange("a whole number from -32768 to 32767");
      return Uint8Array.of(data >> 8, data);
    },
    deserialize(data) {
      checkSize(data, 2);
      return new DataView(data.buffer, data.byteOffset).getInt16(0);
    },
  };
}
