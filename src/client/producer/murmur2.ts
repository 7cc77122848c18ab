const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/**
 * The 32-bit murmur2 hash of Kafka's Java client, as a signed int32.
 *
 * Every client that is to put a key into the same partition as Java does has to agree with it to the bit.
 */
export function murmur2(bytes: Uint8Array, length: number = bytes.byteLength): number {
  let hash = SEED ^ length;
  const whole = length & ~3;
  for (let at = 0; at < whole; at += 4) {
    let k =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    k = Math.imul(k, M);
    k ^= k >>> 24;
    k = Math.imul(k, M);
    hash = Math.imul(hash, M) ^ k;
  }
  const rest = length - whole;
  if (rest >= 3) hash ^= (bytes[whole + 2] as number) << 16;
  if (rest >= 2) hash ^= (bytes[whole + 1] as number) << 8;
  if (rest >= 1) hash = Math.imul(hash ^ (bytes[whole] as number), M);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, M);
  return hash ^ (hash >>> 15);
}
