/**
 * CreateDelegationToken, v1-3: a token by which others can log in as its owner.
 *
 * - v3: for somebody else, where the client may (`CREATE_TOKENS` on the user).
 * - Brokers need `delegation.token.secret.key`; else DELEGATION_TOKEN_AUTH_DISABLED.
 */

import {
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
} from "../../protocol/messages/create-delegation-token.ts";
import type { InferInput } from "../../protocol/schema.ts";
import { serve } from "../api.ts";
import { errorNumber, NONE, Refusal } from "../error-code.ts";
import { Pending } from "../pending.ts";
import type { Principal } from "../security/authorizer.ts";
import { isSame } from "../security/delegation-tokens.ts";
import { tokensFor } from "../security/token-requests.ts";

type Response = InferInput<typeof CreateDelegationTokenResponse>;

const UNKNOWN_SERVER_ERROR = errorNumber("UNKNOWN_SERVER_ERROR");
const FIRST_VERSION_WITH_REQUESTERS = 3;
const USER = "User";
const NEVER = { issueTimestampMs: -1n, expiryTimestampMs: -1n, maxTimestampMs: -1n };

export const CreateDelegationToken = serve({
  request: CreateDelegationTokenRequest,
  response: CreateDelegationTokenResponse,
  refuse: (_request, errorCode) => ({ errorCode, ...NEVER }),
  handle: (request, context) => {
    const requester = context.connection.principal;
    const { ownerPrincipalType, ownerPrincipalName } = request;
    const owner: Principal =
      ownerPrincipalName === null || ownerPrincipalName === ""
        ? requester
        : { type: ownerPrincipalType ?? USER, name: ownerPrincipalName };
    const whose = {
      principalType: owner.type,
      principalName: owner.name,
      ...(context.version < FIRST_VERSION_WITH_REQUESTERS
        ? {}
        : { tokenRequesterPrincipalType: requester.type, tokenRequesterPrincipalName: requester.name }),
    };
    const refused = (errorCode: number): Response => ({ errorCode, ...whose, ...NEVER });
    try {
      const tokens = tokensFor(context);
      const mayAsk =
        isSame(owner, requester) || context.allows("CREATE_TOKENS", "USER", `${owner.type}:${owner.name}`);
      if (!mayAsk) throw new Refusal("DELEGATION_TOKEN_AUTHORIZATION_FAILED", "");
      const renewers = request.renewers.map(({ principalType: type, principalName: name }) => ({
        type,
        name,
      }));
      if (renewers.some(({ type }) => type !== USER)) throw new Refusal("INVALID_PRINCIPAL_TYPE", "");
      const id = context.cluster.newUuid();
      const made = tokens.create(id, owner, requester, renewers, Number(request.maxLifetimeMs));
      return Pending.from(
        made.then(({ issuedAtMs, expiresAtMs, maxAtMs, hmac }) => ({
          errorCode: NONE,
          ...whose,
          issueTimestampMs: BigInt(issuedAtMs),
          expiryTimestampMs: BigInt(expiresAtMs),
          maxTimestampMs: BigInt(maxAtMs),
          tokenId: id,
          hmac,
        })),
        () => refused(UNKNOWN_SERVER_ERROR),
      );
    } catch (error) {
      if (error instanceof Refusal) return refused(error.errorCode);
      throw error;
    }
  },
});
