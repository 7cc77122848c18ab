/**
 * GetTelemetrySubscriptions (key 71, KIP-714): asks which metrics of its own the cluster wants a client to
 * push, and how often. A client sends it to any broker, before its first PushTelemetry and whenever a push
 * says that the subscription has changed; while nothing is wanted, it asks again after each `pushIntervalMs`.
 * Brokers announce this API only when they have a plugin that takes the metrics.
 *
 * Errors, none of which concerns the client's proper work:
 *
 * - THROTTLING_QUOTA_EXCEEDED: asked again too soon. Wait for the interval.
 * - INVALID_REQUEST, UNSUPPORTED_VERSION and any other: push nothing.
 */

import { bool, int8, int16, int32, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response } from "../schema.ts";

/** Asks on behalf of one client instance. */
export const GetTelemetrySubscriptionsRequest = request({
  apiKey: 71,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** Zero the first time, then the id which the cluster made, whichever broker is asked. */
    clientInstanceId: field("0+", uuid),
  },
});
export type GetTelemetrySubscriptionsRequest = Infer<typeof GetTelemetrySubscriptionsRequest>;

/** What is wanted. */
export const GetTelemetrySubscriptionsResponse = response({
  apiKey: 71,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    /**
     * The id made for a client that sent zero, which keeps it as long as it lives; of no interest otherwise.
     */
    clientInstanceId: field("0+", uuid),
    /** Stands for all that follows, and is sent back with each push. */
    subscriptionId: field("0+", int32),
    /**
     * How pushes may be compressed, with the most welcome first, by the numbers that record batches use: 0
     * none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.
     */
    acceptedCompressionTypes: field("0+", array(int8)),
    /** Pause between pushes. Spread the first one at random, so that clients do not all push at once. */
    pushIntervalMs: field("0+", int32),
    /** Bound on the `metrics` of a push, as sent. */
    telemetryMaxBytes: field("0+", int32),
    /** Counters are wanted as what came since the last push if true, else as totals. */
    deltaTemporality: field("0+", bool),
    /**
     * Prefixes of the names that are wanted. None for no metrics; an empty prefix or a single `*` for all.
     */
    requestedMetrics: field("0+", array(string)),
  },
});
export type GetTelemetrySubscriptionsResponse = Infer<typeof GetTelemetrySubscriptionsResponse>;
