import { checkSize, mismatch } from "./mismatch.ts";
import type { Serde } from "./serde.ts";

/** True and false in one byte, 1 and 0, as Java's BooleanSerializer writes them (KIP-907). */
export function boolean(): Serde<boolean> {
  return {
    serialize(data) {
      if (typeof data !== "boolean") throw mismatch("a boolean", data);
      return Uint8Array.of(data ? 1 : 0);
    },
    deserialize(data) {
      checkSize(data, 1);
      const byte = data[0] as number;
      if (byte > 1) throw new RangeError(`it reads a byte of 0 or 1, and there is ${byte}`);
      return byte === 1;
    },
  };
}
