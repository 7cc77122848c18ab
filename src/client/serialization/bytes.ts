import { mismatch } from "./mismatch.ts";
import type { Serde } from "./serde.ts";

/** Bytes as they are, as Java's ByteArraySerializer, BytesSerializer and ByteBufferSerializer write them. */
export function bytes(): Serde<Uint8Array | ArrayBuffer, Uint8Array> {
  return {
    serialize(data) {
      if (data instanceof Uint8Array) return data;
      if (data instanceof ArrayBuffer) return new Uint8Array(data);
      throw mismatch("a Uint8Array or an ArrayBuffer", data);
    },
    deserialize: (data) => data,
  };
}
