/**
 * SaslAuthenticate (key 36, KIP-152): carries the tokens of a SASL mechanism, one of the client's in each
 * request and one of the server's in each response, as often as the mechanism needs. A client sends it to a
 * broker or controller after SaslHandshake in version 1.
 *
 * Versions: 1 tells how long the session lasts, so that the client can authenticate again in time on the same
 * connection (KIP-368); 2 is flexible.
 *
 * Errors, after which the connection is closed:
 *
 * - SASL_AUTHENTICATION_FAILED: the credentials were refused, or are those of another principal than the
 *   connection had before. Nothing to retry with the same ones.
 * - ILLEGAL_SASL_STATE: no handshake came before it, or authentication is over already.
 *
 * A Kerberos failure that may pass has no response: the connection is just closed, and a new one may succeed.
 */

import { bytes, int16, int64, string } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

/** The client's next token. */
export const SaslAuthenticateRequest = request({
  apiKey: 36,
  validVersions: "0-2",
  flexibleVersions: "2+",
  fields: {
    /** What the mechanism says here; it may be empty. */
    authBytes: field("0+", bytes),
  },
});
export type SaslAuthenticateRequest = Infer<typeof SaslAuthenticateRequest>;

/** The server's next token, or why it refuses the client. */
export const SaslAuthenticateResponse = response({
  apiKey: 36,
  validVersions: "0-2",
  flexibleVersions: "2+",
  fields: {
    errorCode: field("0+", int16),
    /**
     * In words for people, and no more than is safe to tell somebody unknown; null or empty without an error.
     */
    errorMessage: field("0+", string, { nullable: "0+" }),
    /**
     * Empty when the mechanism has nothing more to say. With OAUTHBEARER a refused token comes back as JSON
     * here and no error code; the client answers with the single byte 1 and gets the error then.
     */
    authBytes: field("0+", bytes),
    /**
     * Milliseconds from now after which the server closes the connection, unless the client has authenticated
     * again. 0 for no end, and as long as authentication is not complete.
     */
    sessionLifetimeMs: field("1+", int64, { ignorable: true }),
  },
});
export type SaslAuthenticateResponse = Infer<typeof SaslAuthenticateResponse>;
