/**
 * GetTelemetrySubscriptions, v0 (KIP-714): which metrics of clients are wanted, which is none.
 *
 * As in a Kafka without a plugin for metrics, ApiVersions does not tell of it, and it is answered all the same.
 */

import {
  GetTelemetrySubscriptionsRequest,
  GetTelemetrySubscriptionsResponse,
} from "../../protocol/messages/get-telemetry-subscriptions.ts";
import { ZERO_UUID } from "../../protocol/uuid.ts";
import { serve } from "../api.ts";
import { NONE } from "../error-code.ts";
import { PUSH_INTERVAL_MS } from "../telemetry-clients.ts";

const ZSTD = 4;
const LZ4 = 3;
const GZIP = 1;
const SNAPPY = 2;

export const GetTelemetrySubscriptions = serve({
  request: GetTelemetrySubscriptionsRequest,
  response: GetTelemetrySubscriptionsResponse,
  isAdvertised: false,
  refuse: (_request, errorCode) => ({ errorCode }),
  handle: (request, { cluster, broker }) => {
    const known = request.clientInstanceId;
    const clientInstanceId = known === ZERO_UUID ? cluster.newUuid() : known;
    const subscriptionId = broker.telemetry.ask(clientInstanceId, cluster.clock.wallMs());
    return {
      errorCode: NONE,
      clientInstanceId,
      subscriptionId,
      acceptedCompressionTypes: [ZSTD, LZ4, GZIP, SNAPPY],
      pushIntervalMs: PUSH_INTERVAL_MS,
      telemetryMaxBytes: cluster.configs.number("telemetry.max.bytes"),
      deltaTemporality: true,
      requestedMetrics: [],
    };
  },
});
