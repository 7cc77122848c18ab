/**
 * PushTelemetry, v0 (KIP-714): takes the metrics of a client, and does nothing with them.
 *
 * As in a Kafka without a plugin for metrics, ApiVersions does not tell of it, and it is answered all the same.
 */

import { PushTelemetryRequest, PushTelemetryResponse } from "../../protocol/messages/push-telemetry.ts";
import { ZERO_UUID } from "../../protocol/uuid.ts";
import { serve } from "../api.ts";
import { NONE, Refusal } from "../error-code.ts";

/** What else than zero Kafka keeps for itself. */
const ONE_UUID = "AAAAAAAAAAAAAAAAAAAAAQ";

export const PushTelemetry = serve({
  request: PushTelemetryRequest,
  response: PushTelemetryResponse,
  isAdvertised: false,
  refuse: (_request, errorCode) => ({ errorCode }),
  handle: ({ metrics, ...push }, { cluster, broker }) => {
    const { clientInstanceId } = push;
    if (clientInstanceId === ZERO_UUID || clientInstanceId === ONE_UUID) {
      throw new Refusal("INVALID_REQUEST", `Invalid client instance id [${clientInstanceId}]`);
    }
    const maxBytes = cluster.configs.number("telemetry.max.bytes");
    broker.telemetry.push({ ...push, size: metrics.byteLength }, maxBytes, cluster.clock.wallMs());
    return { errorCode: NONE };
  },
});
