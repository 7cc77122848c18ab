import { KafkaError } from "../protocol/errors.ts";
import {
  type CompressionCodec,
  type CompressionType,
  compressionTypes,
} from "../protocol/records/compression-type.ts";
import { gzipCodec, type Zlib } from "./gzip.ts";

export interface CompressionOptions {
  /** Kafka's `compression.gzip.level`: 1 (fast) to 9 (small), or -1 for zlib's default. Default: -1. */
  readonly gzipLevel?: number;
}

/** The compression types that this client can write and read, each with its codec. */
export interface CompressionCodecs {
  /** What {@link CompressionCodecs.get} takes without an error. */
  readonly supported: readonly CompressionType[];
  /**
   * The codec of a type; null for "none".
   *
   * @throws KafkaError `UNSUPPORTED_COMPRESSION_TYPE` when there is no codec, naming what there is.
   */
  get(type: CompressionType): CompressionCodec | null;
}

/**
 * The codecs that can be made of what the platform has.
 *
 * @throws KafkaError `INVALID_CONFIG` when a level does not exist.
 */
export function compressionCodecs(zlib: Zlib, options: CompressionOptions = {}): CompressionCodecs {
  const { gzipLevel = -1 } = options;
  if (!Number.isInteger(gzipLevel) || gzipLevel < -1 || gzipLevel > 9 || gzipLevel === 0) {
    throw new KafkaError(
      "INVALID_CONFIG",
      `The gzip level is ${gzipLevel}: it has to be a whole number from 1 to 9, or -1 for the default`,
    );
  }
  const codecs = new Map<CompressionType, CompressionCodec | null>([
    ["none", null],
    ["gzip", gzipCodec(zlib, gzipLevel)],
  ]);
  const supported = [...codecs.keys()];
  return {
    supported,
    get: (type) => {
      const codec = codecs.get(type);
      if (codec !== undefined) return codec;
      const what = compressionTypes.includes(type) ? "is not supported here" : "does not exist";
      throw new KafkaError(
        "UNSUPPORTED_COMPRESSION_TYPE",
        `The compression type "${type}" ${what}: supported are ${supported.join(", ")}`,
      );
    },
  };
}
