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
    const k =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    hash = Math.imul(hash, M) ^ mixed(k);
  }
  const rest = length - whole;
  if (rest >= 3) hash ^= (bytes[whole + 2] as number) << 16;
  if (rest >= 2) hash ^= (bytes[whole + 1] as number) << 8;
  if (rest >= 1) hash = Math.imul(hash ^ (bytes[whole] as number), M);
  return finished(hash);
}

/** Up to this length it is quicker not to write the bytes of a text down: half the time for 36 characters. */
const SHORT = 64;

/** The same of short text that is ASCII, without its highest bit; -1 for any other text. */
export function positiveMurmur2OfAscii(text: string): number {
  const { length } = text;
  if (length > SHORT) return -1;
  let hash = SEED ^ length;
  let units = 0;
  const whole = length & ~3;
  for (let at = 0; at < whole; at += 4) {
    const a = text.charCodeAt(at);
    const b = text.charCodeAt(at + 1);
    const c = text.charCodeAt(at + 2);
    const d = text.charCodeAt(at + 3);
    units |= a | b | c | d;
    hash = Math.imul(hash, M) ^ mixed(a | (b << 8) | (c << 16) | (d << 24));
  }
  for (let at = length - 1; at >= whole; at--) {
    const unit = text.charCodeAt(at);
    units |= unit;
    hash ^= unit << (8 * (at - whole));
  }
  if (length > whole) hash = Math.imul(hash, M);
  return units > 0x7f ? -1 : finished(hash) & 0x7fff_ffff;
}

function mixed(k: number): number {
  const product = Math.imul(k, M);
  return Math.imul(product ^ (product >>> 24), M);
}

function finished(hash: number): number {
  const product = Math.imul(hash ^ (hash >>> 13), M);
  return product ^ (product >>> 15);
}
