import { bool, int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const UpdateFeaturesRequest = request({
  apiKey: 57,
  name: "UpdateFeaturesRequest",
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: {
    timeoutMs: field("0+", int32, { default: 60000 }),
    featureUpdates: field(
      "0+",
      array(
        struct("FeatureUpdateKey", {
          feature: field("0+", string),
          maxVersionLevel: field("0+", int16),
          allowDowngrade: field("0", bool),
          upgradeType: field("1+", int8, { default: 1 }),
        }),
      ),
    ),
    validateOnly: field("1+", bool),
  },
});
export type UpdateFeaturesRequest = Infer<typeof UpdateFeaturesRequest>;

export const UpdateFeaturesResponse = response({
  apiKey: 57,
  name: "UpdateFeaturesResponse",
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    errorMessage: field("0+", string, { nullable: "0+" }),
    results: field(
      "0-1",
      array(
        struct("UpdatableFeatureResult", {
          feature: field("0+", string),
          errorCode: field("0+", int16),
          errorMessage: field("0+", string, { nullable: "0+" }),
        }),
      ),
      { ignorable: true },
    ),
  },
});
export type UpdateFeaturesResponse = Infer<typeof UpdateFeaturesResponse>;
