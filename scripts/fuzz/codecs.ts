import { compressionCodecs } from "../../src/compression/codecs.ts";
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

export const decompressors: readonly Decompressor[] = compressionTypes.flatMap(
  (type) => codecs.forReading(type) ?? [],
);

export function decompressorFor(type: CompressionType): Decompressor | null {
  return codecs.forReading(type);
}
