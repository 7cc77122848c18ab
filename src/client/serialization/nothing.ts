import { mismatch, typeName } from "./mismatch.ts";
import type { Serde } from "./serde.ts";

/** For keys or values that are always null, as Java's VoidSerializer: anything else is an error. */
export function nothing(): Serde<null> {
  return {
    serialize(data: unknown) {
      throw mismatch("null", data);
    },
    deserialize(data) {
      throw new TypeError(`it reads null, and there is ${typeName(data)} of ${data.byteLength} bytes`);
    },
  };
}
