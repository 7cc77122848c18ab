import { putText } from "../../../protocol/records/put-text.ts";
import { murmur2, positiveMurmur2OfAscii } from "./murmur2.ts";

/** Of UTF-16 as UTF-8. */
const MOST_BYTES_PER_UNIT = 3;

/**
 * The partition of a record with a key: the same as with Kafka's Java client, for any key (empty ones included)
 * and any number of partitions.
 *
 * @example
 * ```ts
 * import { partitionForKey } from "kafkawire";
 *
 * console.log(partitionForKey("order-42", 12));
 * ```
 */
export function partitionForKey(key: string | Uint8Array, partitionCount: number): number {
  if (typeof key !== "string") return (murmur2(key) & 0x7fff_ffff) % partitionCount;
  let hash = positiveMurmur2OfAscii(key);
  if (hash < 0) {
    const bytes = new Uint8Array(MOST_BYTES_PER_UNIT * key.length);
    hash = murmur2(bytes, putText(bytes, 0, key)) & 0x7fff_ffff;
  }
  return hash % partitionCount;
}
