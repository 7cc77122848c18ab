/** What the tests of compression share: data of several kinds, and all codecs that there are here. */

import fc from "fast-check";
import { compressionCodecs } from "../../src/compression/codecs.ts";
import { platform } from "../../src/platform/node.ts";
import { DecodeError, KafkaError } from "../../src/protocol/errors.ts";
import type { CompressionCodec } from "../../src/protocol/records/compression-type.ts";

export const codecs = compressionCodecs(platform.zlib);

/** Every codec that can compress here: zstd is one of them only where Node.js has it. */
export const writable: readonly CompressionCodec[] = codecs.supported.flatMap(
  (type) => codecs.forWriting(type) ?? [],
);

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Bytes without a short period, which nothing makes smaller. */
export function noise(length: number, seed = 1): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 0x41c6_4e6d) + 12345) | 0;
    return state >>> 24;
  });
}

/** Words from a short list, as logs have them. */
export function words(count: number): Uint8Array {
  const list = ["alpha ", "beta ", "gamma ", "delta "];
  return bytesOf(
    Array.from({ length: count }, (_, i) => list[(Math.imul(i, 0x9e37_79b1) >>> 13) & 3]).join(""),
  );
}

/** Letters of which each is half as likely as the one before it, so that codes of different lengths pay. */
export function letters(count: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(state, 0x41c6_4e6d) + 12345) | 0;
    return 97 + Math.clz32(((state >>> 4) & 0xfff_ffff) | 1) - 4;
  });
}

/** Lines of JSON, as many topics have them. */
export function logLines(count: number, seed: number): Uint8Array {
  let state = seed;
  const below = (end: number): number => {
    state = (Math.imul(state, 0x41c6_4e6d) + 12345) | 0;
    return (state >>> 8) % end;
  };
  const line = (): string => `{"id":${below(100_000)},"user":"u${below(40)}","ok":${below(2) === 1}}\n`;
  return bytesOf(Array.from({ length: count }, line).join(""));
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** Content of every kind and size, past one block of every codec: noise, runs, words, and mixtures. */
export const anyContent: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.tuple(fc.nat({ max: 90_000 }), fc.nat()).map(([size, seed]) => noise(size, seed)),
      fc
        .tuple(fc.nat({ max: 90_000 }), fc.nat({ max: 255 }))
        .map(([size, byte]) => new Uint8Array(size).fill(byte)),
      fc.nat({ max: 9_000 }).map(words),
    ),
    { maxLength: 4 },
  )
  .map((parts) => joined(...parts));

/** What a codec makes of bytes that may be damaged: its result, or which of the errors that it may throw. */
export function outcome(decompress: () => unknown): Uint8Array | "damaged" | "too large" {
  try {
    return decompress() as Uint8Array;
  } catch (error) {
    if (error instanceof DecodeError) return "damaged";
    if (error instanceof KafkaError && error.code === "DECOMPRESSED_SIZE_EXCEEDED") return "too large";
    throw error;
  }
}
