/**
 * SaslHandshake, v0-1: chooses the mechanism by which a connection authenticates.
 *
 * - After v0 tokens follow as bare frames; after v1 in SaslAuthenticate (KIP-152).
 * - A mechanism that is not offered is refused (UNSUPPORTED_SASL_MECHANISM), and the connection ends.
 * - Where there is no SASL, or nothing to authenticate, it is refused (ILLEGAL_SASL_STATE).
 *
 * Differs from Kafka: a refused connection ends at once, and not after `connection.failed.authentication.delay.ms`.
 */

import { SaslHandshakeRequest, SaslHandshakeResponse } from "../../protocol/messages/sasl-handshake.ts";
import { serve } from "../api.ts";
import { errorNumber, NONE } from "../error-code.ts";

const ILLEGAL_SASL_STATE = errorNumber("ILLEGAL_SASL_STATE");
const UNSUPPORTED_SASL_MECHANISM = errorNumber("UNSUPPORTED_SASL_MECHANISM");

export const SaslHandshake = serve({
  request: SaslHandshakeRequest,
  response: SaslHandshakeResponse,
  refuse: (_request, errorCode) => ({ errorCode }),
  handle: ({ mechanism }, { cluster, connection, version }) => {
    const { sasl } = connection;
    const isChosen = sasl === null ? false : sasl.handshake(mechanism, version);
    if (isChosen === false) return { errorCode: ILLEGAL_SASL_STATE };
    if (isChosen === null) connection.closeAfterAnswer();
    return {
      errorCode: isChosen === null ? UNSUPPORTED_SASL_MECHANISM : NONE,
      mechanisms: cluster.sasl.mechanisms,
    };
  },
});
