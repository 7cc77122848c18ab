import { encode } from "../../../src/protocol/compile.ts";
import {
  RequestHeader,
  ResponseHeader,
  requestHeaderVersion,
  responseHeaderVersion,
} from "../../../src/protocol/header.ts";
import type { Fields, InferInput, MessageSchema } from "../../../src/protocol/schema.ts";

/** A request or response as it goes over the wire, with its size and header. */
export function frameOf<F extends Fields>(
  schema: MessageSchema<F>,
  version: number,
  value: InferInput<MessageSchema<F>>,
  header: { readonly correlationId: number; readonly clientId?: string | null },
): Uint8Array {
  const plain = schema as unknown as MessageSchema;
  const { correlationId, clientId = null } = header;
  const head =
    schema.type === "request"
      ? encode(RequestHeader, requestHeaderVersion(plain, version), {
          requestApiKey: schema.apiKey as number,
          requestApiVersion: version,
          correlationId,
          clientId,
        })
      : encode(ResponseHeader, responseHeaderVersion(plain, version), { correlationId });
  const body = encode(schema, version, value);
  const size = head.byteLength + body.byteLength;
  const frame = new Uint8Array(4 + size);
  new DataView(frame.buffer).setInt32(0, size);
  frame.set(head, 4);
  frame.set(body, 4 + head.byteLength);
  return frame;
}
