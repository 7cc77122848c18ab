import { checkSize, mismatch } from "./mismatch.ts";
import type { Serde } from "./serde.ts";

/** Numbers in eight bytes, as Java's DoubleSerializer writes them. */
export function float64(): Serde<number> {
  return {
    serialize(data) {
      if (typeof data !== "number") throw mismatch("a number", data);
      // Runtimes may write any of the many NaNs; this is Java's.
      if (Number.isNaN(data)) return Uint8Array.of(0x7f, 0xf8, 0, 0, 0, 0, 0, 0);
      const written = new DataView(new ArrayBuffer(8));
      written.setFloat64(0, data);
      return new Uint8Array(written.buffer);
    },
    deserialize(data) {
      checkSize(data, 8);
      return new DataView(data.buffer, data.byteOffset).getFloat64(0);
    },
  };
}
