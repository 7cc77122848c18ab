import { crc32 as zlibCrc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crc32 } from "../../../../src/client/producer/partitioners/crc32.ts";
import { KeyHashes } from "../../../../src/client/producer/partitioners/key-hashes.ts";
import { murmur2, positiveMurmur2OfAscii } from "../../../../src/client/producer/partitioners/murmur2.ts";
import { partitionForKey } from "../../../../src/client/producer/partitioners/partition-for-key.ts";
import { utf8 } from "./support.ts";

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.string({ unit: "grapheme-ascii", maxLength: 200 }),
);

describe("murmur2", () => {
  // From the tests of Kafka's own Utils.murmur2.
  it.each([
    ["21", -973932308],
    ["foobar", -790332482],
    ["a-little-bit-long-string", -985981536],
    ["a-little-bit-longer-string", -1486304829],
    ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
    ["abc", 479470107],
    ["", 275646681],
  ])("of %j is Kafka's", (key, hash) => {
    expect(murmur2(utf8(key))).toBe(hash);
    expect(positiveMurmur2OfAscii(key)).toBe(hash & 0x7fff_ffff);
  });

  it("looks at the bytes that it is told to", () => {
    expect(murmur2(utf8("abcdef"), 3)).toBe(murmur2(utf8("abc")));
  });

  it("of long text is left to its bytes", () => {
    expect(positiveMurmur2OfAscii("x".repeat(64))).toBe(murmur2(utf8("x".repeat(64))) & 0x7fff_ffff);
    expect(positiveMurmur2OfAscii("x".repeat(65))).toBe(-1);
  });

  it("of text says when that is not ASCII, wherever the odd character stands", () => {
    for (let length = 1; length <= 9; length++) {
      for (let at = 0; at < length; at++) {
        for (const odd of ["\u0080", "\uffff", "é"]) {
          expect(positiveMurmur2OfAscii(`${"a".repeat(at)}${odd}${"b".repeat(length - at - 1)}`)).toBe(-1);
        }
      }
    }
  });
});

describe("crc32", () => {
  it("is that of zlib", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => crc32(bytes) === zlibCrc32(bytes)));
    expect(crc32(utf8("123456789"))).toBe(0xcbf43926);
  });
});

describe("hashes of keys", () => {
  it("take text as its UTF-8 bytes, of any length, one after another", () => {
    const hashes = new KeyHashes();
    fc.assert(
      fc.property(text, fc.constantFrom(1, 1, 50, 500), (part, times) => {
        const key = part.repeat(times);
        const bytes = utf8(key);
        for (const name of ["murmur2", "crc32", "fnv1a"] as const) {
          const hash = hashes[name](key);
          expect(hash).toBe(hashes[name](bytes));
          expect(Number.isInteger(hash) && hash >= 0 && hash < 2 ** 32).toBe(true);
        }
        expect(hashes.murmur2(key)).toBe(murmur2(bytes) & 0x7fff_ffff);
      }),
    );
  });
});

describe("partitionForKey", () => {
  it("takes text as its UTF-8 bytes, and always names a partition", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 1000 }), (key, count) => {
        const partition = partitionForKey(key, count);
        expect(partition).toBe(partitionForKey(utf8(key), count));
        expect(partition).toBe((murmur2(utf8(key)) & 0x7fff_ffff) % count);
        expect(Number.isInteger(partition) && partition >= 0 && partition < count).toBe(true);
      }),
    );
  });
});
