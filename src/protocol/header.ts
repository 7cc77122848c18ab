/** What stands between a frame's size and the message in it. */

import { int16, int32, string } from "./primitives.ts";
import { field, header, type Infer, type MessageSchema } from "./schema.ts";
import { containsVersion } from "./versions.ts";

/**
 * Opens every request.
 *
 * Version 0 has no client id; no API that is still alive uses it. Version 2 is flexible, but the client id keeps
 * its old int16 length: a broker has to read this header before it knows which versions the client speaks.
 */
export const RequestHeader = header({
  name: "RequestHeader",
  validVersions: "0-2",
  flexibleVersions: "2+",
  fields: {
    /** Which API is called. */
    requestApiKey: field("0+", int16),
    /** Version of the request, and of the response to it. */
    requestApiVersion: field("0+", int16),
    /** Comes back in the response; the client's own choice. */
    correlationId: field("0+", int32),
    /** Name of the client in the broker's logs, metrics and quotas. */
    clientId: field("1+", string, { nullable: "1+", flexible: "none" }),
  },
});
export type RequestHeader = Infer<typeof RequestHeader>;

/** Opens every response. Version 1 is flexible. */
export const ResponseHeader = header({
  name: "ResponseHeader",
  validVersions: "0-1",
  flexibleVersions: "1+",
  fields: {
    /** That of the request which is answered. */
    correlationId: field("0+", int32),
  },
});
export type ResponseHeader = Infer<typeof ResponseHeader>;

const API_VERSIONS = 18;
const CONTROLLED_SHUTDOWN = 7;

/** Version of the header in front of `schema` in `version`. */
export function requestHeaderVersion(schema: MessageSchema, version: number): number {
  if (containsVersion(schema.flexibleVersions, version)) return 2;
  return schema.apiKey === CONTROLLED_SHUTDOWN && version === 0 ? 0 : 1;
}

/**
 * Version of the header in front of the response `schema` in `version`.
 *
 * ApiVersions always has the old one: the client may have asked in a version that the broker does not know, and
 * has to be able to read the refusal (KIP-511).
 */
export function responseHeaderVersion(schema: MessageSchema, version: number): number {
  return containsVersion(schema.flexibleVersions, version) && schema.apiKey !== API_VERSIONS ? 1 : 0;
}
