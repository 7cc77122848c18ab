import { compressionCodecs } from "../../src/compression/codecs.ts";
import { zstdDecompressor } from "../../src/compression/zstd.ts";
import { decompressFrames } from "../../src/compression/zstd-in-typescript.ts";
import { platform } from "../../src/platform/node.ts";
import {
  type CompressionCodec,
  type CompressionType,
  compressionTypes,
  type Decompressor,
} from "../../src/protocol/records/compression-type.ts";

const codecs = compressionCodecs(platform.zlib);

/** Those that write here. */
export const compressors: readonly CompressionCodec[] = codecs.supported.flatMap(
  (type) => codecs.forWriting(type) ?? [],
);

/** Synchronous, also where our own zstd would be loaded when it is needed. */
export function decompressorFor(type: CompressionType): Decompressor | null {
  return type === "zstd" ? zstdDecompressor(platform.zlib, decompressFrames) : codecs.forReading(type);
}

export const decompressors: readonly Decompressor[] = compressionTypes.flatMap(
  (type) => decompressorFor(type) ?? [],
);
