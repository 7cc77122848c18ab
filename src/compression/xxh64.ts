/** xxHash with 64 bits, whose lower half is the checksum of zstd frames. */

const PRIME_1 = 0x9e37_79b1_85eb_ca87n;
const PRIME_2 = 0xc2b2_ae3d_27d4_eb4fn;
const PRIME_3 = 0x1656_67b1_9e37_79f9n;
const PRIME_4 = 0x85eb_ca77_c2b2_ae63n;
const PRIME_5 = 0x27d4_eb2f_1656_67c5n;

const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);

/** The lower 32 bits of the hash of `bytes[start, end)` with seed 0, as an unsigned number. */
export function xxh64Low(bytes: Uint8Array, start: number, end: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = end - start;
  let at = start;
  let hash = PRIME_5;
  if (length >= 32) {
    let a = wrap(PRIME_1 + PRIME_2);
    let b = PRIME_2;
    let c = 0n;
    let d = wrap(-PRIME_1);
    for (const last = end - 32; at <= last; at += 32) {
      a = round(a, view.getBigUint64(at, true));
      b = round(b, view.getBigUint64(at + 8, true));
      c = round(c, view.getBigUint64(at + 16, true));
      d = round(d, view.getBigUint64(at + 24, true));
    }
    hash = rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n);
    for (const lane of [a, b, c, d]) hash = wrap((wrap(hash) ^ round(0n, lane)) * PRIME_1 + PRIME_4);
  }
  hash = wrap(hash + BigInt(length));
  for (; at + 8 <= end; at += 8) {
    hash = wrap(rotate(hash ^ round(0n, view.getBigUint64(at, true)), 27n) * PRIME_1 + PRIME_4);
  }
  if (at + 4 <= end) {
    hash ^= wrap(BigInt(view.getUint32(at, true)) * PRIME_1);
    hash = wrap(rotate(hash, 23n) * PRIME_2 + PRIME_3);
    at += 4;
  }
  for (; at < end; at++) {
    hash ^= wrap(BigInt(view.getUint8(at)) * PRIME_5);
    hash = wrap(rotate(hash, 11n) * PRIME_1);
  }
  hash = wrap((hash ^ (hash >> 33n)) * PRIME_2);
  hash = wrap((hash ^ (hash >> 29n)) * PRIME_3);
  return Number((hash ^ (hash >> 32n)) & 0xffff_ffffn);
}

function round(lane: bigint, word: bigint): bigint {
  return wrap(rotate(wrap(lane + word * PRIME_2), 31n) * PRIME_1);
}

function rotate(value: bigint, by: bigint): bigint {
  return wrap((value << by) | (value >> (64n - by)));
}
