import { decodeUtf8 } from "../../protocol/utf8.ts";
import { mismatch } from "./mismatch.ts";
import type { Serde } from "./serde.ts";

const FORM = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const EXPECTED = "a uuid as text of 36 characters, such as crypto.randomUUID() makes";

/**
 * Uuids as text of 36 characters in lower case, as Java's UUIDSerializer writes them. `crypto.randomUUID()` makes
 * some.
 */
export function uuid(): Serde<string> {
  return {
    serialize(data) {
      if (typeof data !== "string") throw mismatch(EXPECTED, data);
      if (!FORM.test(data)) throw new TypeError(`it takes ${EXPECTED}, and the text is none`);
      return data.toLowerCase();
    },
    deserialize(data) {
      const text = decodeUtf8(data, 0, data.byteLength);
      if (!FORM.test(text)) throw new TypeError(`the ${data.byteLength} bytes are not the text of a uuid`);
      return text.toLowerCase();
    },
  };
}
