/**
 * DescribeDelegationToken (key 41, KIP-48): the tokens that there are. Admin clients send it to any broker,
 * over a connection that is authenticated otherwise than by a token. Who owns a token, created it or may
 * renew it sees it; others see what they are allowed to describe, and the rest is left out.
 *
 * Versions: 1 is answered before the throttling (KIP-219); 2 is flexible; 3 tells who asked for a token
 * (KIP-373). Kafka 4.0 dropped 0.
 *
 * Errors, none of them to be retried:
 *
 * - DELEGATION_TOKEN_AUTH_DISABLED: the broker has no `delegation.token.secret.key`.
 * - DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: the connection is not authenticated, or by a token itself.
 */

import { bytes, int16, int32, int64, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Whose tokens to describe. */
export const DescribeDelegationTokenRequest = request({
  apiKey: 41,
  validVersions: "1-3",
  flexibleVersions: "2+",
  fields: {
    /**
     * Principals of which one has to own the token, have created it or be able to renew it; null for all,
     * none for none.
     */
    owners: field(
      "0+",
      array(
        struct("DescribeDelegationTokenOwner", {
          principalType: field("0+", string),
          principalName: field("0+", string),
        }),
      ),
      { nullable: "0+" },
    ),
  },
});
export type DescribeDelegationTokenRequest = Infer<typeof DescribeDelegationTokenRequest>;

/** The tokens, with their secrets. */
export const DescribeDelegationTokenResponse = response({
  apiKey: 41,
  validVersions: "1-3",
  flexibleVersions: "2+",
  fields: {
    errorCode: field("0+", int16),
    tokens: field(
      "0+",
      array(
        struct("DescribedDelegationToken", {
          /** Owner, whom clients act as. */
          principalType: field("0+", string),
          /** Owner, whom clients act as. */
          principalName: field("0+", string),
          /** Who created it, maybe for somebody else. */
          tokenRequesterPrincipalType: field("3+", string),
          /** Who created it, maybe for somebody else. */
          tokenRequesterPrincipalName: field("3+", string),
          /** When it was created, in milliseconds since 1970. */
          issueTimestamp: field("0+", int64),
          /** When it expires unless it is renewed, in milliseconds since 1970. */
          expiryTimestamp: field("0+", int64),
          /** When it expires for good, in milliseconds since 1970. */
          maxTimestamp: field("0+", int64),
          /** User name to log in with. */
          tokenId: field("0+", string),
          /** What renews and expires the token, and in base64 the password to log in with. */
          hmac: field("0+", bytes),
          /** Who may renew it, apart from its owner. */
          renewers: field(
            "0+",
            array(
              struct("DescribedDelegationTokenRenewer", {
                principalType: field("0+", string),
                principalName: field("0+", string),
              }),
            ),
          ),
        }),
      ),
    ),
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
  },
});
export type DescribeDelegationTokenResponse = Infer<typeof DescribeDelegationTokenResponse>;
