/** ExpireDelegationToken, v1-2: has a token expire at another time, or at once; for its owner and its renewers. */

import {
  ExpireDelegationTokenRequest,
  ExpireDelegationTokenResponse,
} from "../../protocol/messages/expire-delegation-token.ts";
import { serve } from "../api.ts";
import { NONE } from "../error-code.ts";
import { checkNotExpired, ownToken, tokensFor } from "../security/token-requests.ts";

export const ExpireDelegationToken = serve({
  request: ExpireDelegationTokenRequest,
  response: ExpireDelegationTokenResponse,
  refuse: (_request, errorCode) => ({ errorCode, expiryTimestampMs: -1n }),
  withoutSecrets: (request) => ({ ...request, hmac: new Uint8Array(0) }),
  handle: ({ hmac, expiryTimePeriodMs }, context) => {
    const tokens = tokensFor(context);
    const { nowMs } = tokens;
    const token = ownToken(hmac, context);
    if (expiryTimePeriodMs < 0n) {
      tokens.remove(token);
      return { errorCode: NONE, expiryTimestampMs: BigInt(nowMs) };
    }
    checkNotExpired(token, nowMs);
    token.expiresAtMs = Math.min(token.maxAtMs, nowMs + Number(expiryTimePeriodMs));
    return { errorCode: NONE, expiryTimestampMs: BigInt(token.expiresAtMs) };
  },
});
