import { decodeUtf8 } from "../../protocol/utf8.ts";
import { mismatch } from "./mismatch.ts";
import type { Serde } from "./serde.ts";

/**
 * Text in UTF-8, as Java's StringSerializer writes it: a lone surrogate is sent as `?`. Bytes that are no UTF-8 are
 * read as U+FFFD.
 */
export function string(): Serde<string> {
  return {
    serialize(data) {
      // Encoded where the record is, straight into its batch.
      if (typeof data === "string") return data;
      throw mismatch("a string", data);
    },
    deserialize: (data) => decodeUtf8(data, 0, data.byteLength),
  };
}
