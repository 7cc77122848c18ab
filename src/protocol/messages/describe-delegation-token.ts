import { bytes, int16, int32, int64, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const DescribeDelegationTokenRequest = request({
  apiKey: 41,
  name: "DescribeDelegationTokenRequest",
  validVersions: "1-3",
  flexibleVersions: "2+",
  fields: {
    owners: field(
      "0+",
      array(
        struct("DescribeDelegationTokenOwner", {
          principalType: field("0+", string),
          principalName: field("0+", string),
        }),
      ),
      { nullable: "0+" },
    ),
  },
});
export type DescribeDelegationTokenRequest = Infer<typeof DescribeDelegationTokenRequest>;

export const DescribeDelegationTokenResponse = response({
  apiKey: 41,
  name: "DescribeDelegationTokenResponse",
  validVersions: "1-3",
  flexibleVersions: "2+",
  fields: {
    errorCode: field("0+", int16),
    tokens: field(
      "0+",
      array(
        struct("DescribedDelegationToken", {
          principalType: field("0+", string),
          principalName: field("0+", string),
          tokenRequesterPrincipalType: field("3+", string),
          tokenRequesterPrincipalName: field("3+", string),
          issueTimestamp: field("0+", int64),
          expiryTimestamp: field("0+", int64),
          maxTimestamp: field("0+", int64),
          tokenId: field("0+", string),
          hmac: field("0+", bytes),
          renewers: field(
            "0+",
            array(
              struct("DescribedDelegationTokenRenewer", {
                principalType: field("0+", string),
                principalName: field("0+", string),
              }),
            ),
          ),
        }),
      ),
    ),
    throttleTimeMs: field("0+", int32),
  },
});
export type DescribeDelegationTokenResponse = Infer<typeof DescribeDelegationTokenResponse>;
