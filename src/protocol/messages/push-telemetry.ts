import { bool, bytes, int8, int16, int32, uuid } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

export const PushTelemetryRequest = request({
  apiKey: 72,
  name: "PushTelemetryRequest",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    clientInstanceId: field("0+", uuid),
    subscriptionId: field("0+", int32),
    terminating: field("0+", bool),
    compressionType: field("0+", int8),
    metrics: field("0+", bytes),
  },
});
export type PushTelemetryRequest = Infer<typeof PushTelemetryRequest>;

export const PushTelemetryResponse = response({
  apiKey: 72,
  name: "PushTelemetryResponse",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
  },
});
export type PushTelemetryResponse = Infer<typeof PushTelemetryResponse>;
