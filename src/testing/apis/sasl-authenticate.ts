/**
 * SaslAuthenticate, v0-2: the tokens of the mechanism that SaslHandshake chose.
 *
 * - v1 tells how long the session lasts (KIP-368): until the token expires, and at most `connections.max.reauth.ms`.
 * - Whoever is refused hears why, as far as Kafka tells it (SASL_AUTHENTICATION_FAILED), and the connection ends.
 *
 * Differs from Kafka: a refused connection ends at once, and not after `connection.failed.authentication.delay.ms`.
 */

import {
  SaslAuthenticateRequest,
  SaslAuthenticateResponse,
} from "../../protocol/messages/sasl-authenticate.ts";
import type { InferInput } from "../../protocol/schema.ts";
import { type ConnectionState, serve } from "../api.ts";
import { errorNumber, NONE } from "../error-code.ts";
import { Pending } from "../pending.ts";
import { SaslFailure } from "../security/sasl/exchange.ts";
import type { SaslConnection } from "../security/sasl/sasl-connection.ts";

type Response = InferInput<typeof SaslAuthenticateResponse>;

const ILLEGAL_SASL_STATE = errorNumber("ILLEGAL_SASL_STATE");
const SASL_AUTHENTICATION_FAILED = errorNumber("SASL_AUTHENTICATION_FAILED");
const UNKNOWN_SERVER_ERROR = errorNumber("UNKNOWN_SERVER_ERROR");

export const SaslAuthenticate = serve({
  request: SaslAuthenticateRequest,
  response: SaslAuthenticateResponse,
  refuse: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
  withoutSecrets: (request) => ({ ...request, authBytes: new Uint8Array(0) }),
  handle: ({ authBytes }, { connection }) => {
    const { sasl } = connection;
    if (sasl === null) return tooLate();
    return Pending.from(authenticate(authBytes, sasl, connection), (error) => {
      connection.closeAfterAnswer();
      const errorCode = error instanceof SaslFailure ? SASL_AUTHENTICATION_FAILED : UNKNOWN_SERVER_ERROR;
      return { errorCode, errorMessage: error instanceof Error ? error.message : String(error) };
    });
  },
});

async function authenticate(
  token: Uint8Array,
  sasl: SaslConnection,
  connection: ConnectionState,
): Promise<Response> {
  const step = await sasl.authenticate(token);
  if (step === null) return tooLate();
  const { say, principal, sessionLifetimeMs } = step;
  if (principal !== null) connection.principal = principal;
  return { errorCode: NONE, authBytes: say, sessionLifetimeMs: BigInt(sessionLifetimeMs) };
}

function tooLate(): Response {
  const errorMessage = "SaslAuthenticate request received after successful authentication";
  return { errorCode: ILLEGAL_SASL_STATE, errorMessage };
}
