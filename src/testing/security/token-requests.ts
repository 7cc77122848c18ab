/** What the APIs of delegation tokens ask first. */

import type { RequestContext } from "../api.ts";
import { Refusal } from "../error-code.ts";
import { ANONYMOUS } from "./authorizer.ts";
import { type DelegationToken, type DelegationTokens, isOwnerOrRenewer } from "./delegation-tokens.ts";

/** @throws Refusal where tokens cannot be asked for: by nobody in particular, and by who came by a token. */
export function tokensFor({ cluster, connection }: RequestContext): DelegationTokens {
  const { principal } = connection;
  if (principal.name === ANONYMOUS.name || principal.isByToken === true) {
    throw new Refusal(
      "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED",
      "Delegation Token requests are not allowed on PLAINTEXT/1-way SSL channels and on delegation token " +
        "authenticated channels.",
    );
  }
  const { tokens } = cluster.sasl;
  if (!tokens.isEnabled) {
    throw new Refusal("DELEGATION_TOKEN_AUTH_DISABLED", "Delegation Token feature is not enabled.");
  }
  return tokens;
}

/** The token that the client may renew. @throws Refusal where there is none. */
export function ownToken(hmac: Uint8Array, context: RequestContext): DelegationToken {
  const token = tokensFor(context).findByHmac(hmac);
  if (token === undefined) {
    throw new Refusal("DELEGATION_TOKEN_NOT_FOUND", "Delegation Token is not found on server.");
  }
  if (isOwnerOrRenewer(token, context.connection.principal)) return token;
  throw new Refusal(
    "DELEGATION_TOKEN_OWNER_MISMATCH",
    "This Principal is not a valid Owner/Renewer of this delegation token.",
  );
}

/** @throws Refusal where it has expired. */
export function checkNotExpired({ expiresAtMs }: DelegationToken, nowMs: number): void {
  if (expiresAtMs < nowMs) throw new Refusal("DELEGATION_TOKEN_EXPIRED", "Delegation Token is expired.");
}
