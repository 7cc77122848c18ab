import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { compressionCodecs } from "../../src/compression/codecs.ts";
import type { Zlib } from "../../src/compression/gzip.ts";
import { platform } from "../../src/platform/node.ts";
import { DecodeError, KafkaError } from "../../src/protocol/errors.ts";
import type { CompressionCodec, CompressionType } from "../../src/protocol/records/compression-type.ts";

const noZstd = { zstdCompress: undefined as never, zstdDecompress: undefined as never };

const text = new TextEncoder().encode("the same again ".repeat(1000));

/** The same work, later: as a runtime does that only has web streams. */
const asynchronous: Zlib = {
  gzip: async (bytes, level) => platform.zlib.gzip(bytes, level),
  gunzip: async (bytes, maxSize) => platform.zlib.gunzip(bytes, maxSize),
};

function gzipOf(zlib: Zlib, gzipLevel?: number): CompressionCodec {
  const codecs = compressionCodecs(zlib, gzipLevel === undefined ? {} : { gzipLevel });
  return codecs.forWriting("gzip") as CompressionCodec;
}

describe("compressionCodecs", () => {
  it("says what is supported, and has nothing to do for none", () => {
    const codecs = compressionCodecs({ ...platform.zlib, ...noZstd });
    expect(codecs.supported).toEqual(["none", "gzip", "snappy", "lz4"]);
    expect(codecs.forWriting("none")).toBeNull();
    expect(codecs.forReading("none")).toBeNull();
    for (const type of ["gzip", "snappy", "lz4"] as const) {
      expect(codecs.forWriting(type)?.type).toBe(type);
      expect(codecs.forReading(type)?.type).toBe(type);
    }
  });

  it("reads zstd where it cannot write it, and then says what would", () => {
    const codecs = compressionCodecs({ ...platform.zlib, ...noZstd });
    expect(codecs.forReading("zstd")?.type).toBe("zstd");
    const write = () => codecs.forWriting("zstd");
    expect(write).toThrow(KafkaError);
    expect(write).toThrow(/"zstd" cannot be written here.* Node\.js has it .*22\.15/);
    expect(write).toThrow(/Supported are none, gzip, snappy, lz4$/);
    expect(write).toThrow(expect.objectContaining({ code: "UNSUPPORTED_COMPRESSION_TYPE" }));
  });

  it("writes zstd where the platform can, at Kafka's level or another", () => {
    const levels: unknown[] = [];
    const zstdCompress = (bytes: Uint8Array, level?: number) => {
      levels.push(level);
      return bytes;
    };
    const zlib = { ...platform.zlib, zstdCompress };
    expect(compressionCodecs(zlib).supported).toContain("zstd");
    compressionCodecs(zlib).forWriting("zstd")?.compress(text);
    compressionCodecs(zlib, { zstdLevel: -7 }).forWriting("zstd")?.compress(text);
    expect(levels).toEqual([3, -7]);
  });

  it("knows what is no compression type at all", () => {
    const codecs = compressionCodecs(platform.zlib);
    expect(() => codecs.forWriting("brotli" as CompressionType)).toThrow(/"brotli" does not exist/);
    expect(() => codecs.forReading("brotli" as CompressionType)).toThrow(/"brotli" does not exist/);
  });

  it.each([
    ...[0, 10, -2, 1.5, Number.NaN].map((gzipLevel) => ({ gzipLevel })),
    ...[23, -131_073, 1.5, Number.NaN].map((zstdLevel) => ({ zstdLevel })),
  ])("refuses %s", (options) => {
    expect(() => compressionCodecs(platform.zlib, options)).toThrow(
      expect.objectContaining({ code: "INVALID_CONFIG" }),
    );
  });
});

describe.each([
  ["at once", platform.zlib],
  ["later", asynchronous],
])("gzip with a platform that answers %s", (_, zlib) => {
  it("compresses what zlib decompresses, and the reverse", async () => {
    const codec = gzipOf(zlib);
    const compressed = await codec.compress(text);
    expect(compressed.byteLength).toBeLessThan(text.byteLength / 10);
    expect(Buffer.compare(gunzipSync(compressed), text)).toBe(0);
    expect(Buffer.compare(await codec.decompress(gzipSync(text), text.byteLength), text)).toBe(0);
  });

  it("hands on the level", async () => {
    const random = Uint8Array.from(text, (byte, i) => byte ^ (Math.imul(i, 0x9e3779b1) >>> 30));
    const fast = await gzipOf(zlib, 1).compress(random);
    const small = await gzipOf(zlib, 9).compress(random);
    expect(small.byteLength).toBeLessThan(fast.byteLength);
    expect(Buffer.compare(gunzipSync(fast), random)).toBe(0);
  });

  it("never makes more than is allowed", async () => {
    const bomb = gzipSync(new Uint8Array(50_000_000));
    const before = process.memoryUsage().arrayBuffers;
    const decompress = async () => gzipOf(zlib).decompress(bomb, 1000);
    await expect(decompress()).rejects.toMatchObject({ code: "DECOMPRESSED_SIZE_EXCEEDED" });
    await expect(decompress()).rejects.toThrow(/more than 1000 bytes/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
  });

  it("says that data is damaged where it is, and keeps the cause", async () => {
    const whole = gzipSync(text);
    const flipped = Uint8Array.from(whole);
    flipped[20] = (flipped[20] as number) ^ 0xff;
    for (const damaged of [text, whole.subarray(0, -10), whole.subarray(0, 5), flipped, new Uint8Array(0)]) {
      const decompress = async () => gzipOf(zlib).decompress(damaged, 1 << 20);
      await expect(decompress()).rejects.toBeInstanceOf(DecodeError);
      await expect(decompress()).rejects.toThrow(/gzip data is damaged/);
      await expect(decompress()).rejects.toHaveProperty("cause", expect.any(Error));
    }
  });
});
