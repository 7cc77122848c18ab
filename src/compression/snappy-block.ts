/** The largest literal whose length its tag holds; above, one to four bytes follow with the length less one. */
const LONGEST_IN_TAG = 60;

/**
 * The size of what a snappy block decompresses to, after every length and distance in it was checked.
 *
 * A block starts with that size as a varint; then each tag says in its lowest two bits whether literals follow or
 * a copy of what was written before, whose distance takes 11, 16 or 32 bits. snappyjs neither checks that these
 * add up to the size nor that lengths are positive (it would never end), so this looks at all tags beforehand.
 *
 * @param fail makes the error that is thrown, of the problem and the byte
 */
export function decompressedSnappySize(
  bytes: Uint8Array,
  start: number,
  end: number,
  fail: (problem: string, at: number) => Error,
): number {
  let at = start;
  let expected = 0;
  for (let scale = 1; ; scale *= 128) {
    if (at >= end || scale > 2 ** 28) throw fail("a block has no size", start);
    const byte = bytes[at++] as number;
    expected += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
  }
  let size = 0;
  while (at < end) {
    const tag = bytes[at] as number;
    const kind = tag & 3;
    at++;
    if (kind === 0) {
      let length = (tag >>> 2) + 1;
      if (length > LONGEST_IN_TAG) {
        const width = length - LONGEST_IN_TAG;
        // snappyjs reads four bytes whatever the width, which are there whenever the literals are.
        if (at + 4 > end) throw fail("a block ends inside a length", at);
        length = littleEndian(bytes, at, width) + 1;
        at += width;
      }
      if (length > end - at) throw fail(`${length} literals are more than the block has`, at);
      at += length;
      size += length;
    } else {
      const width = kind === 3 ? 4 : kind;
      if (width > end - at) throw fail("a block ends inside a distance", at);
      const low = littleEndian(bytes, at, width);
      const distance = kind === 1 ? ((tag >>> 5) << 8) | low : low;
      if (distance === 0 || distance > size) throw fail(`a copy is ${distance} bytes back, of ${size}`, at);
      at += width;
      size += kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    }
  }
  if (size !== expected) throw fail(`a block has ${size} bytes and says ${expected}`, start);
  return size;
}

function littleEndian(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = width - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] as number);
  return value;
}
