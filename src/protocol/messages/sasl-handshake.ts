/**
 * SaslHandshake (key 17, KIP-43): chooses the SASL mechanism by which a connection authenticates. A client
 * sends it on a listener with SASL, to a broker or controller, as the first request or right after
 * ApiVersions; and once more on the same connection when its session is about to end, with the mechanism of
 * the first time.
 *
 * Versions: after 0 the mechanism's tokens follow as bare frames, a length and the token with no Kafka header
 * around them; after 1 they go in SaslAuthenticate requests, which can say what went wrong (KIP-152).
 *
 * Errors:
 *
 * - UNSUPPORTED_SASL_MECHANISM: the listener does not offer that mechanism; `mechanisms` lists those that it
 *   offers. The connection is closed after it. Fix the configuration.
 * - ILLEGAL_SASL_STATE: this is not the moment, such as on a listener that has no SASL at all. Fix the
 *   configuration.
 */

import { int16, string } from "../primitives.ts";
import { array, field, type Infer, request, response } from "../schema.ts";

/** The mechanism that the client is going to use. */
export const SaslHandshakeRequest = request({
  apiKey: 17,
  validVersions: "0-1",
  fields: {
    /** Such as `PLAIN`, `SCRAM-SHA-256`, `SCRAM-SHA-512`, `OAUTHBEARER` or `GSSAPI`; case matters. */
    mechanism: field("0+", string),
  },
});
export type SaslHandshakeRequest = Infer<typeof SaslHandshakeRequest>;

/** Whether the tokens may follow. */
export const SaslHandshakeResponse = response({
  apiKey: 17,
  validVersions: "0-1",
  fields: {
    errorCode: field("0+", int16),
    /** What the listener offers, told with an error too. */
    mechanisms: field("0+", array(string)),
  },
});
export type SaslHandshakeResponse = Infer<typeof SaslHandshakeResponse>;
