import type { Decompressor } from "../records/compression-type.ts";

/** Compressed bytes and what became of them. */
interface Settled {
  readonly codec: Decompressor;
  readonly compressed: Uint8Array;
  readonly magic: number | undefined;
  readonly outcome: { readonly bytes: Uint8Array } | { readonly error: unknown };
}

/**
 * Inspects with codecs that decompress asynchronously, as those of a browser do. `inspectWith` is called again
 * whenever something that it met has been decompressed, until nothing is missing.
 *
 * @example
 * ```ts
 * import { FetchResponse, inspect, settleCodecs } from "kafkawire/protocol";
 * import type { CompressionCodec, Inspection } from "kafkawire/protocol";
 *
 * export function inspectFetched(bytes: Uint8Array, codecs: CompressionCodec[]): Promise<Inspection> {
 *   return settleCodecs(codecs, (settled) => inspect(FetchResponse, 12, bytes, { codecs: settled }));
 * }
 * ```
 */
export async function settleCodecs<T>(
  codecs: readonly Decompressor[],
  inspectWith: (codecs: readonly Decompressor[]) => T,
): Promise<T> {
  const settled: Settled[] = [];
  for (;;) {
    const pending: Promise<void>[] = [];
    const result = inspectWith(codecs.map((codec) => remembering(codec, settled, pending)));
    if (pending.length === 0) return result;
    await Promise.all(pending);
  }
}

/** A codec that answers what is already settled, and else asks the real one and notes what has to be awaited. */
function remembering(codec: Decompressor, settled: Settled[], pending: Promise<void>[]): Decompressor {
  return {
    type: codec.type,
    decompress(compressed, maxSize, magic) {
      // By content, since who inspects may make its bytes anew in every round.
      const known = settled.find(
        (each) => each.codec === codec && each.magic === magic && equal(each.compressed, compressed),
      );
      if (known !== undefined) {
        if ("error" in known.outcome) throw known.outcome.error;
        return known.outcome.bytes;
      }
      const result = codec.decompress(compressed, maxSize, magic);
      if (result instanceof Uint8Array) return result;
      const keep = (outcome: Settled["outcome"]): void => {
        settled.push({ codec, compressed, magic, outcome });
      };
      pending.push(
        result.then(
          (bytes) => keep({ bytes }),
          (error: unknown) => keep({ error }),
        ),
      );
      return result;
    },
  };
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, index) => byte === b[index]);
}
