/**
 * ExpireDelegationToken (key 40, KIP-48): changes when a token expires, or deletes it at once. The owner or a
 * renewer sends it to the controller, or with KRaft to any broker, which forwards it, over a connection that
 * is authenticated otherwise than by a token.
 *
 * Versions: 1 is answered before the throttling (KIP-219); 2 is flexible. Kafka 4.0 dropped 0.
 *
 * Errors:
 *
 * - DELEGATION_TOKEN_AUTH_DISABLED: brokers and controllers have no `delegation.token.secret.key`.
 * - DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: the connection is not authenticated, or by a token itself.
 * - DELEGATION_TOKEN_NOT_FOUND: there is no such token, or it has expired and is gone.
 *   DELEGATION_TOKEN_EXPIRED: it has expired. Create another one.
 * - DELEGATION_TOKEN_OWNER_MISMATCH: the principal is neither the token's owner nor one of its renewers.
 * - UNSUPPORTED_VERSION: the cluster's `metadata.version` is too old for tokens.
 * - NOT_CONTROLLER: look up the controller and send it there.
 */

import { bytes, int16, int32, int64 } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

/** One token, named by its secret. */
export const ExpireDelegationTokenRequest = request({
  apiKey: 40,
  validVersions: "1-2",
  flexibleVersions: "2+",
  fields: {
    /** As CreateDelegationToken gave it. */
    hmac: field("0+", bytes),
    /**
     * How long the token is to live from now on, bounded by its greatest lifetime; negative to delete it at
     * once.
     */
    expiryTimePeriodMs: field("0+", int64),
  },
});
export type ExpireDelegationTokenRequest = Infer<typeof ExpireDelegationTokenRequest>;

/** Until when the token lives now. */
export const ExpireDelegationTokenResponse = response({
  apiKey: 40,
  validVersions: "1-2",
  flexibleVersions: "2+",
  fields: {
    errorCode: field("0+", int16),
    /** In milliseconds since 1970. */
    expiryTimestampMs: field("0+", int64),
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
  },
});
export type ExpireDelegationTokenResponse = Infer<typeof ExpireDelegationTokenResponse>;
