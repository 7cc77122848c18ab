/**
 * UTF-8 as Kafka's Java classes read and write it: malformed input becomes U+FFFD, a leading byte-order mark
 * is kept, and a lone surrogate is written as `?` (where `TextEncoder` would write U+FFFD).
 */

// Every runtime has TextDecoder; this folder is compiled without the DOM's types, so it is declared here.
declare const TextDecoder: new (
  label: "utf-8",
  options: { readonly ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Below this length a loop over ASCII is cheaper than the call into the runtime's decoder. */
const SHORT = 24;

/** The text in `bytes[start, end)`. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= SHORT) {
    let text = "";
    let at = start;
    // Eight at a time: half the calls and a third of the strings in between, which take most of the time.
    for (; at + 8 <= end; at += 8) {
      const a = bytes[at] as number;
      const b = bytes[at + 1] as number;
      const c = bytes[at + 2] as number;
      const d = bytes[at + 3] as number;
      const e = bytes[at + 4] as number;
      const f = bytes[at + 5] as number;
      const g = bytes[at + 6] as number;
      const h = bytes[at + 7] as number;
      if ((a | b | c | d | e | f | g | h) > 0x7f) break;
      text += String.fromCharCode(a, b, c, d, e, f, g, h);
    }
    for (; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte > 0x7f) break;
      text += String.fromCharCode(byte);
    }
    if (at === end) return text;
  }
  const encoded = bytes.subarray(start, end);
  const text = decoder.decode(encoded);
  return text.includes("\ufffd") ? decoder.decode(withoutSurrogates(encoded)) : text;
}

/**
 * Where Java sees one malformed character in an encoded surrogate (0xED, 0xA0 to 0xBF and, unless the text is
 * torn, one byte more), the runtime's decoder sees one in each of its bytes. U+FFFD in its place settles it.
 */
function withoutSurrogates(bytes: Uint8Array): Uint8Array {
  const replaced: number[] = [];
  for (let i = 0; i < bytes.byteLength; i++) {
    const byte = bytes[i] as number;
    const second = bytes[i + 1] ?? 0;
    if (byte !== 0xed || second < 0xa0 || second > 0xbf) {
      replaced.push(byte);
      continue;
    }
    replaced.push(0xef, 0xbf, 0xbd);
    i += ((bytes[i + 2] ?? 0) & 0xc0) === 0x80 ? 2 : 1;
  }
  return Uint8Array.from(replaced);
}

/** How many bytes {@link encodeUtf8} writes for `text`. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit <= 0x7f) continue;
    if (unit <= 0x7ff) length += 1;
    else if (unit < 0xd800 || unit > 0xdfff) length += 2;
    else if (isPair(text, i)) {
      length += 2;
      i++;
    }
  }
  return length;
}

/** Writes `text` at `start` and returns the index after its last byte. The room must be there. */
export function encodeUtf8(text: string, bytes: Uint8Array, start: number): number {
  let at = start;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit <= 0x7f) {
      bytes[at++] = unit;
    } else if (unit <= 0x7ff) {
      bytes[at++] = 0xc0 | (unit >> 6);
      bytes[at++] = 0x80 | (unit & 0x3f);
    } else if (unit < 0xd800 || unit > 0xdfff) {
      bytes[at++] = 0xe0 | (unit >> 12);
      bytes[at++] = 0x80 | ((unit >> 6) & 0x3f);
      bytes[at++] = 0x80 | (unit & 0x3f);
    } else if (isPair(text, i)) {
      const point = 0x10000 + ((unit - 0xd800) << 10) + (text.charCodeAt(++i) - 0xdc00);
      bytes[at++] = 0xf0 | (point >> 18);
      bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[at++] = 0x80 | (point & 0x3f);
    } else {
      bytes[at++] = 0x3f;
    }
  }
  return at;
}

/** Whether the units at `i` and `i + 1` are a high and a low surrogate. */
function isPair(text: string, i: number): boolean {
  if (text.charCodeAt(i) > 0xdbff) return false;
  const next = text.charCodeAt(i + 1); // NaN past the end, which fails both comparisons
  return next >= 0xdc00 && next <= 0xdfff;
}
