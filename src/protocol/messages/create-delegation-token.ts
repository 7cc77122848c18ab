import { bytes, int16, int32, int64, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const CreateDelegationTokenRequest = request({
  apiKey: 38,
  name: "CreateDelegationTokenRequest",
  validVersions: "1-3",
  flexibleVersions: "2+",
  fields: {
    ownerPrincipalType: field("3+", string, { nullable: "3+" }),
    ownerPrincipalName: field("3+", string, { nullable: "3+" }),
    renewers: field(
      "0+",
      array(
        struct("CreatableRenewers", {
          principalType: field("0+", string),
          principalName: field("0+", string),
        }),
      ),
    ),
    maxLifetimeMs: field("0+", int64),
  },
});
export type CreateDelegationTokenRequest = Infer<typeof CreateDelegationTokenRequest>;

export const CreateDelegationTokenResponse = response({
  apiKey: 38,
  name: "CreateDelegationTokenResponse",
  validVersions: "1-3",
  flexibleVersions: "2+",
  fields: {
    errorCode: field("0+", int16),
    principalType: field("0+", string),
    principalName: field("0+", string),
    tokenRequesterPrincipalType: field("3+", string),
    tokenRequesterPrincipalName: field("3+", string),
    issueTimestampMs: field("0+", int64),
    expiryTimestampMs: field("0+", int64),
    maxTimestampMs: field("0+", int64),
    tokenId: field("0+", string),
    hmac: field("0+", bytes),
    throttleTimeMs: field("0+", int32),
  },
});
export type CreateDelegationTokenResponse = Infer<typeof CreateDelegationTokenResponse>;
