import { codecFor } from "../protocol/compile.ts";
import { ResponseHeader, responseHeaderVersion } from "../protocol/header.ts";
import { Writer } from "../protocol/writer.ts";
import type { ServedApi } from "./api.ts";

/** A response as the bytes of its frame. */
export function frameOf(
  api: ServedApi,
  version: number,
  correlationId: number,
  response: object,
): Uint8Array[] {
  const writer = new Writer();
  writer.int32(0);
  codecFor(ResponseHeader, responseHeaderVersion(api.response, version)).encode(writer, { correlationId });
  codecFor(api.response, version).encode(writer, response);
  const size = writer.length - 4;
  const chunks = writer.chunks();
  const [first] = chunks as [Uint8Array];
  new DataView(first.buffer, first.byteOffset).setInt32(0, size);
  return chunks;
}
