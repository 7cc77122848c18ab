/** RenewDelegationToken, v1-2: has a token expire later, up to what it may be; for its owner and its renewers. */

import {
  RenewDelegationTokenRequest,
  RenewDelegationTokenResponse,
} from "../../protocol/messages/renew-delegation-token.ts";
import { serve } from "../api.ts";
import { NONE } from "../error-code.ts";
import { checkNotExpired, ownToken, tokensFor } from "../security/token-requests.ts";

export const RenewDelegationToken = serve({
  request: RenewDelegationTokenRequest,
  response: RenewDelegationTokenResponse,
  refuse: (_request, errorCode) => ({ errorCode, expiryTimestampMs: -1n }),
  withoutSecrets: (request) => ({ ...request, hmac: new Uint8Array(0) }),
  handle: ({ hmac, renewPeriodMs }, context) => {
    const { nowMs, renewalMs } = tokensFor(context);
    const token = ownToken(hmac, context);
    checkNotExpired(token, nowMs);
    const periodMs = renewPeriodMs > 0n ? Math.min(renewalMs, Number(renewPeriodMs)) : renewalMs;
    token.expiresAtMs = Math.min(token.maxAtMs, nowMs + periodMs);
    return { errorCode: NONE, expiryTimestampMs: BigInt(token.expiresAtMs) };
  },
});
