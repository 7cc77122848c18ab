import { checkSize, mismatch } from "./mismatch.ts";
import type { Serde } from "./serde.ts";

/** Numbers in four bytes, as Java's FloatSerializer writes them, rounded to what four bytes can hold. */
export function float32(): Serde<number> {
  return {
    serialize(data) {
      if (typeof data !== "number") throw mismatch("a number", data);
      // Runtimes may write any of the many NaNs; this is Java's.
      if (Number.isNaN(data)) return Uint8Array.of(0x7f, 0xc0, 0, 0);
      const written = new DataView(new ArrayBuffer(4));
      written.setFloat32(0, data);
      return new Uint8Array(written.buffer);
    },
    deserialize(data) {
      checkSize(data, 4);
      return new DataView(data.buffer, data.byteOffset).getFloat32(0);
    },
  };
}
