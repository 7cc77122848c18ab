import { bool, int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const IncrementalAlterConfigsRequest = request({
  apiKey: 44,
  name: "IncrementalAlterConfigsRequest",
  validVersions: "0-1",
  flexibleVersions: "1+",
  fields: {
    resources: field(
      "0+",
      array(
        struct("AlterConfigsResource", {
          resourceType: field("0+", int8),
          resourceName: field("0+", string),
          configs: field(
            "0+",
            array(
              struct("AlterableConfig", {
                name: field("0+", string),
                configOperation: field("0+", int8),
                value: field("0+", string, { nullable: "0+" }),
              }),
            ),
          ),
        }),
      ),
    ),
    validateOnly: field("0+", bool),
  },
});
export type IncrementalAlterConfigsRequest = Infer<typeof IncrementalAlterConfigsRequest>;

export const IncrementalAlterConfigsResponse = response({
  apiKey: 44,
  name: "IncrementalAlterConfigsResponse",
  validVersions: "0-1",
  flexibleVersions: "1+",
  fields: {
    throttleTimeMs: field("0+", int32),
    responses: field(
      "0+",
      array(
        struct("AlterConfigsResourceResponse", {
          errorCode: field("0+", int16),
          errorMessage: field("0+", string, { nullable: "0+" }),
          resourceType: field("0+", int8),
          resourceName: field("0+", string),
        }),
      ),
    ),
  },
});
export type IncrementalAlterConfigsResponse = Infer<typeof IncrementalAlterConfigsResponse>;
