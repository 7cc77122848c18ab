import { bytes, int16, int32, int64 } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

export const ExpireDelegationTokenRequest = request({
  apiKey: 40,
  name: "ExpireDelegationTokenRequest",
  validVersions: "1-2",
  flexibleVersions: "2+",
  fields: {
    hmac: field("0+", bytes),
    expiryTimePeriodMs: field("0+", int64),
  },
});
export type ExpireDelegationTokenRequest = Infer<typeof ExpireDelegationTokenRequest>;

export const ExpireDelegationTokenResponse = response({
  apiKey: 40,
  name: "ExpireDelegationTokenResponse",
  validVersions: "1-2",
  flexibleVersions: "2+",
  fields: {
    errorCode: field("0+", int16),
    expiryTimestampMs: field("0+", int64),
    throttleTimeMs: field("0+", int32),
  },
});
export type ExpireDelegationTokenResponse = Infer<typeof ExpireDelegationTokenResponse>;
