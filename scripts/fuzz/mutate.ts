import type { Random } from "./random.ts";

/** What lengths, counts and varints look like that somebody made up. */
const HOSTILE: readonly (readonly number[])[] = [
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0x07],
  [0x80, 0x80, 0x80, 0x80, 0x08],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0xff, 0xff, 0xff, 0xff, 0xff],
  [0x80, 0x80, 0x00],
  [0x7f, 0xff, 0xff, 0xff],
  [0x80, 0x00, 0x00, 0x00],
  [0xff, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0xfe],
  [0x00, 0x0f, 0x42, 0x40],
  [0x7f, 0xff],
  [0x80, 0x00],
  [0xff],
  [0x00],
];

/** `bytes` after one to four kinds of harm; `other` is valid too, and parts of it may get in. */
export function mutate(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let result = bytes;
  for (let times = 1 + random.skewed(4); times > 0; times--) result = mutateOnce(result, other, random);
  return result;
}

function mutateOnce(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.byteLength + 1);
  const length = random.skewed(Math.min(64, bytes.byteLength - at) + 1);
  switch (random.below(8)) {
    case 0: {
      const flipped = Uint8Array.from(bytes);
      if (at < flipped.byteLength) flipped[at] = (flipped[at] as number) ^ (1 << random.below(8));
      return flipped;
    }
    case 1:
      return spliced(bytes, at, at + 1, random.bytes(1));
    case 2:
      return spliced(bytes, at, at, random.bytes(random.skewed(16)));
    case 3:
      return spliced(bytes, at, at + length, []);
    case 4:
      return bytes.subarray(0, at);
    case 5: {
      const hostile = random.pick(HOSTILE);
      return spliced(bytes, at, at + (random.below(4) === 0 ? 0 : hostile.length), hostile);
    }
    case 6:
      return spliced(bytes, at, at, bytes.subarray(at, at + length));
    default: {
      const from = random.below(other.byteLength + 1);
      return spliced(bytes, at, at + length, other.subarray(from, from + 1 + random.skewed(64)));
    }
  }
}

function spliced(bytes: Uint8Array, start: number, end: number, by: ArrayLike<number>): Uint8Array {
  const stop = Math.min(end, bytes.byteLength);
  const result = new Uint8Array(bytes.byteLength - (stop - start) + by.length);
  result.set(bytes.subarray(0, start));
  result.set(by, start);
  result.set(bytes.subarray(stop), start + by.length);
  return result;
}
