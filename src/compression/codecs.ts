import { KafkaError } from "../protocol/errors.ts";
import {
  type CompressionCodec,
  type CompressionType,
  compressionTypes,
  type Decompressor,
} from "../protocol/records/compression-type.ts";
import { gzipCodec, type Zlib } from "./gzip.ts";
import { lz4Codec } from "./lz4.ts";
import { snappyCodec } from "./snappy.ts";
import { type Zstd, zstdCompressor, zstdDecompressor } from "./zstd.ts";

export interface CompressionOptions {
  /** Kafka's `compression.gzip.level`: 1 (fast) to 9 (small), or -1 for zlib's default. Default: -1. */
  readonly gzipLevel?: number;
  /** Kafka's `compression.zstd.level`: -131,072 (fast) to 22 (small). Default: 3. */
  readonly zstdLevel?: number;
}

/** What this client can compress and decompress here. */
export interface CompressionCodecs {
  /** What {@link CompressionCodecs.forWriting} takes without an error. */
  readonly supported: readonly CompressionType[];
  /**
   * The codec to compress with; null for "none".
   *
   * @throws KafkaError `UNSUPPORTED_COMPRESSION_TYPE` when there is none here, naming what would provide it.
   */
  forWriting(type: CompressionType): CompressionCodec | null;
  /** The codec to decompress with; null for "none". Every type can be read everywhere. */
  forReading(type: CompressionType): Decompressor | null;
}

/**
 * The codecs that can be made of what the platform has. A codec has memory of its own, so it costs nothing to
 * make and something to use.
 *
 * @throws KafkaError `INVALID_CONFIG` when a level does not exist.
 */
export function compressionCodecs(zlib: Zlib & Zstd, options: CompressionOptions = {}): CompressionCodecs {
  const { gzipLevel = -1, zstdLevel = 3 } = options;
  if (gzipLevel !== -1) checkLevel("gzip", gzipLevel, 1, 9);
  checkLevel("zstd", zstdLevel, -131_072, 22);
  const gzip = gzipCodec(zlib, gzipLevel);
  const snappy = snappyCodec();
  const lz4 = lz4Codec();
  const zstd = zstdDecompressor(zlib);
  const toZstd = zstdCompressor(zlib, zstdLevel);
  const reading = new Map<CompressionType, Decompressor | null>([
    ["none", null],
    ["gzip", gzip],
    ["snappy", snappy],
    ["lz4", lz4],
    ["zstd", zstd],
  ]);
  const writing = new Map<CompressionType, CompressionCodec | null>([
    ["none", null],
    ["gzip", gzip],
    ["snappy", snappy],
    ["lz4", lz4],
  ]);
  if (toZstd !== null) writing.set("zstd", { ...zstd, ...toZstd });
  const supported = [...writing.keys()];
  return {
    supported,
    forWriting: (type) => {
      const codec = writing.get(type);
      if (codec !== undefined) return codec;
      throw unsupported(type, supported);
    },
    forReading: (type) => {
      const codec = reading.get(type);
      if (codec !== undefined) return codec;
      throw unsupported(type, compressionTypes);
    },
  };
}

function checkLevel(type: CompressionType, level: number, lowest: number, highest: number): void {
  if (Number.isInteger(level) && level >= lowest && level <= highest) return;
  throw new KafkaError(
    "INVALID_CONFIG",
    `The ${type} level is ${level}: it has to be a whole number from ${lowest} to ${highest}`,
  );
}

function unsupported(type: CompressionType, supported: readonly CompressionType[]): KafkaError {
  const problem = compressionTypes.includes(type)
    ? "cannot be written here, since this runtime has no zstd compression: Node.js has it in node:zlib, from " +
      "22.15 and from 23.8 on"
    : "does not exist";
  return new KafkaError(
    "UNSUPPORTED_COMPRESSION_TYPE",
    `The compression type "${type}" ${problem}. Supported are ${supported.join(", ")}`,
  );
}
