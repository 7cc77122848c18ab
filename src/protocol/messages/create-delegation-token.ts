/**
 * CreateDelegationToken (key 38, KIP-48): creates a token with which clients log in as its owner without the
 * owner's own password or certificate: by SCRAM with the extension `tokenauth=true`, the token's id as user
 * name and the HMAC in base64 as password. Admin clients send it to the controller, or with KRaft to any
 * broker, which forwards it, over a connection that is authenticated otherwise than by a token.
 *
 * Versions: 1 is answered before the throttling (KIP-219); 2 is flexible; 3 creates tokens for others
 * (KIP-373). Kafka 4.0 dropped 0.
 *
 * Errors:
 *
 * - DELEGATION_TOKEN_AUTH_DISABLED: brokers and controllers have no `delegation.token.secret.key`.
 * - DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: the connection is not authenticated, or by a token itself.
 * - DELEGATION_TOKEN_AUTHORIZATION_FAILED: the principal may not create tokens for that owner.
 * - INVALID_PRINCIPAL_TYPE: a renewer is of another type than `User`.
 * - UNSUPPORTED_VERSION: the cluster's `metadata.version` is too old for tokens.
 * - NOT_CONTROLLER: look up the controller and send it there.
 *
 * Apart from NOT_CONTROLLER there is nothing to retry.
 */

import { bytes, int16, int32, int64, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Whom the token is for, and for how long. */
export const CreateDelegationTokenRequest = request({
  apiKey: 38,
  validVersions: "1-3",
  flexibleVersions: "2+",
  fields: {
    /** Null, like `ownerPrincipalName`, for who sends the request. */
    ownerPrincipalType: field("3+", string, { nullable: "3+" }),
    ownerPrincipalName: field("3+", string, { nullable: "3+" }),
    /** Who may renew the token and let it expire, apart from its owner. */
    renewers: field(
      "0+",
      array(
        struct("CreatableRenewers", {
          /** `User` is the only one. */
          principalType: field("0+", string),
          principalName: field("0+", string),
        }),
      ),
    ),
    /**
     * How long the token can live in all, bounded by the broker's `delegation.token.max.lifetime.ms`; -1 for
     * just that.
     */
    maxLifetimeMs: field("0+", int64),
  },
});
export type CreateDelegationTokenRequest = Infer<typeof CreateDelegationTokenRequest>;

/** The token. Its `hmac` is a secret. */
export const CreateDelegationTokenResponse = response({
  apiKey: 38,
  validVersions: "1-3",
  flexibleVersions: "2+",
  fields: {
    errorCode: field("0+", int16),
    /** Owner, whom clients act as. */
    principalType: field("0+", string),
    /** Owner, whom clients act as. */
    principalName: field("0+", string),
    /** Who sent the request. */
    tokenRequesterPrincipalType: field("3+", string),
    /** Who sent the request. */
    tokenRequesterPrincipalName: field("3+", string),
    /** When it was created, in milliseconds since 1970. */
    issueTimestampMs: field("0+", int64),
    /** When it expires unless it is renewed. */
    expiryTimestampMs: field("0+", int64),
    /** When it expires for good. */
    maxTimestampMs: field("0+", int64),
    /** User name to log in with. */
    tokenId: field("0+", string),
    /** What renews and expires the token, and in base64 the password to log in with. */
    hmac: field("0+", bytes),
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
  },
});
export type CreateDelegationTokenResponse = Infer<typeof CreateDelegationTokenResponse>;
