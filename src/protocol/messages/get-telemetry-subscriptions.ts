import { bool, int8, int16, int32, string, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response } from "../schema.ts";

export const GetTelemetrySubscriptionsRequest = request({
  apiKey: 71,
  name: "GetTelemetrySubscriptionsRequest",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    clientInstanceId: field("0+", uuid),
  },
});
export type GetTelemetrySubscriptionsRequest = Infer<typeof GetTelemetrySubscriptionsRequest>;

export const GetTelemetrySubscriptionsResponse = response({
  apiKey: 71,
  name: "GetTelemetrySubscriptionsResponse",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    clientInstanceId: field("0+", uuid),
    subscriptionId: field("0+", int32),
    acceptedCompressionTypes: field("0+", array(int8)),
    pushIntervalMs: field("0+", int32),
    telemetryMaxBytes: field("0+", int32),
    deltaTemporality: field("0+", bool),
    requestedMetrics: field("0+", array(string)),
  },
});
export type GetTelemetrySubscriptionsResponse = Infer<typeof GetTelemetrySubscriptionsResponse>;
