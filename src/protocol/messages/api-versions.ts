import { bool, int16, int32, int64, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const ApiVersionsRequest = request({
  apiKey: 18,
  name: "ApiVersionsRequest",
  validVersions: "0-5",
  flexibleVersions: "3+",
  fields: {
    clientSoftwareName: field("3+", string, { ignorable: true }),
    clientSoftwareVersion: field("3+", string, { ignorable: true }),
    clusterId: field("5+", string, { nullable: "5+", default: null, ignorable: true }),
    nodeId: field("5+", int32, { default: -1, ignorable: true }),
  },
});
export type ApiVersionsRequest = Infer<typeof ApiVersionsRequest>;

export const ApiVersionsResponse = response({
  apiKey: 18,
  name: "ApiVersionsResponse",
  validVersions: "0-5",
  flexibleVersions: "3+",
  fields: {
    errorCode: field("0+", int16),
    apiKeys: field(
      "0+",
      array(
        struct("ApiVersion", {
          apiKey: field("0+", int16),
          minVersion: field("0+", int16),
          maxVersion: field("0+", int16),
        }),
      ),
    ),
    throttleTimeMs: field("1+", int32, { ignorable: true }),
    supportedFeatures: field(
      "3+",
      array(
        struct("SupportedFeatureKey", {
          name: field("3+", string),
          minVersion: field("3+", int16),
          maxVersion: field("3+", int16),
        }),
      ),
      { tag: 0, ignorable: true },
    ),
    finalizedFeaturesEpoch: field("3+", int64, { default: -1n, tag: 1, ignorable: true }),
    finalizedFeatures: field(
      "3+",
      array(
        struct("FinalizedFeatureKey", {
          name: field("3+", string),
          maxVersionLevel: field("3+", int16),
          minVersionLevel: field("3+", int16),
        }),
      ),
      { tag: 2, ignorable: true },
    ),
    zkMigrationReady: field("3+", bool, { tag: 3, ignorable: true }),
  },
});
export type ApiVersionsResponse = Infer<typeof ApiVersionsResponse>;
