/**
 * PushTelemetry (key 72, KIP-714): hands a client's own metrics to the cluster. A client sends it to any
 * broker, in the interval and form that GetTelemetrySubscriptions told.
 *
 * Errors, none of which concerns the client's proper work:
 *
 * - UNKNOWN_SUBSCRIPTION_ID: the subscription has changed. Get it anew at once.
 * - UNSUPPORTED_COMPRESSION_TYPE: get the subscription anew, and compress as it says.
 * - TELEMETRY_TOO_LARGE: over `telemetryMaxBytes`. Push fewer metrics, after the interval.
 * - THROTTLING_QUOTA_EXCEEDED: pushed too soon. Wait for the interval.
 * - INVALID_RECORD (the broker's plugin failed on the metrics), INVALID_REQUEST (no client instance id, or a
 *   push after the last one) and any other: push no more.
 */

import { bool, bytes, int8, int16, int32, uuid } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

/** Metrics of one client instance. */
export const PushTelemetryRequest = request({
  apiKey: 72,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** As GetTelemetrySubscriptions gave it. */
    clientInstanceId: field("0+", uuid),
    /** As GetTelemetrySubscriptions gave it. */
    subscriptionId: field("0+", int32),
    /** Says that this is the last push, which may come before the interval is over. */
    terminating: field("0+", bool),
    /** How `metrics` is compressed: 0 not at all, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
    compressionType: field("0+", int8),
    /** OpenTelemetry's `MetricsData` version 1 as protobuf. */
    metrics: field("0+", bytes),
  },
});
export type PushTelemetryRequest = Infer<typeof PushTelemetryRequest>;

/** Whether they were taken. */
export const PushTelemetryResponse = response({
  apiKey: 72,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
  },
});
export type PushTelemetryResponse = Infer<typeof PushTelemetryResponse>;
