import type { CompressionType } from "../records/compression-type.ts";
import { DEFAULT_MAX_DECOMPRESSED_SIZE } from "./options.ts";
import { type Details, SpanBuilder } from "./span-builder.ts";

/**
 * Makes one leaf of the next `length` bytes, which are compressed, and looks inside them where there is a codec.
 *
 * @param walk makes the spans of what was decompressed
 */
export function walkCompressed(
  spans: SpanBuilder,
  path: string,
  { type, magic }: { readonly type: Exclude<CompressionType, "none">; readonly magic: number },
  length: number,
  walk: (inner: SpanBuilder) => void,
): void {
  const { reader, options } = spans;
  if (length === 0) return;
  spans.leaf(
    "content",
    path,
    `${type} data`,
    (from) => from.view(length),
    (value): Details => {
      const codec = options.codecs?.find((candidate) => candidate.type === type);
      if (codec === undefined) {
        return { value, note: `to look inside, hand in a codec for ${type} (options.codecs)` };
      }
      let bytes: Uint8Array | Promise<Uint8Array>;
      try {
        bytes = codec.decompress(value, options.maxDecompressedSize ?? DEFAULT_MAX_DECOMPRESSED_SIZE, magic);
      } catch (error) {
        const problem = error instanceof Error ? error.message : String(error);
        return { value, error: spans.report(path, reader.offset - length, `not decompressed: ${problem}`) };
      }
      if (!(bytes instanceof Uint8Array)) {
        // Its failure would else count as one that nobody handles.
        bytes.catch(() => {});
        return { value, note: `the codec for ${type} gives a promise: inspect through settleCodecs` };
      }
      const root = { kind: "content", path, type: `decompressed ${type} data` } as const;
      return { value, inner: SpanBuilder.inspect(bytes, options, root, walk) };
    },
  );
}
