import { bytes, int16, int32, int64 } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

export const RenewDelegationTokenRequest = request({
  apiKey: 39,
  name: "RenewDelegationTokenRequest",
  validVersions: "1-2",
  flexibleVersions: "2+",
  fields: {
    hmac: field("0+", bytes),
    renewPeriodMs: field("0+", int64),
  },
});
export type RenewDelegationTokenRequest = Infer<typeof RenewDelegationTokenRequest>;

export const RenewDelegationTokenResponse = response({
  apiKey: 39,
  name: "RenewDelegationTokenResponse",
  validVersions: "1-2",
  flexibleVersions: "2+",
  fields: {
    errorCode: field("0+", int16),
    expiryTimestampMs: field("0+", int64),
    throttleTimeMs: field("0+", int32),
  },
});
export type RenewDelegationTokenResponse = Infer<typeof RenewDelegationTokenResponse>;
