/**
 * DescribeDelegationToken, v1-3: the tokens that the client owns, may renew, or may see (`DESCRIBE` on the token,
 * `DESCRIBE_TOKENS` on its owner).
 */

import {
  DescribeDelegationTokenRequest,
  DescribeDelegationTokenResponse,
} from "../../protocol/messages/describe-delegation-token.ts";
import { type RequestContext, serve } from "../api.ts";
import { NONE } from "../error-code.ts";
import type { Principal } from "../security/authorizer.ts";
import { type DelegationToken, isOwnerOrRenewer } from "../security/delegation-tokens.ts";
import { tokensFor } from "../security/token-requests.ts";

const FIRST_VERSION_WITH_REQUESTERS = 3;

export const DescribeDelegationToken = serve({
  request: DescribeDelegationTokenRequest,
  response: DescribeDelegationTokenResponse,
  refuse: (_request, errorCode) => ({ errorCode }),
  handle: ({ owners }, context) => {
    const asked = owners?.map(({ principalType: type, principalName: name }) => ({ type, name })) ?? null;
    const tokens = tokensFor(context).all.filter((token) => isAsked(token, asked) && maySee(token, context));
    return { errorCode: NONE, tokens: tokens.map((token) => described(token, context.version)) };
  },
});

function isAsked(token: DelegationToken, owners: readonly Principal[] | null): boolean {
  return owners === null || owners.some((owner) => isOwnerOrRenewer(token, owner));
}

function maySee(token: DelegationToken, { connection, allows }: RequestContext): boolean {
  const { id, owner } = token;
  return (
    isOwnerOrRenewer(token, connection.principal) ||
    allows("DESCRIBE", "DELEGATION_TOKEN", id) ||
    allows("DESCRIBE_TOKENS", "USER", `${owner.type}:${owner.name}`)
  );
}

function described(token: DelegationToken, version: number) {
  const { id, owner, requester, renewers, issuedAtMs, expiresAtMs, maxAtMs, hmac } = token;
  return {
    principalType: owner.type,
    principalName: owner.name,
    ...(version < FIRST_VERSION_WITH_REQUESTERS
      ? {}
      : { tokenRequesterPrincipalType: requester.type, tokenRequesterPrincipalName: requester.name }),
    issueTimestamp: BigInt(issuedAtMs),
    expiryTimestamp: BigInt(expiresAtMs),
    maxTimestamp: BigInt(maxAtMs),
    tokenId: id,
    hmac,
    renewers: renewers.map(({ type, name }) => ({ principalType: type, principalName: name })),
  };
}
