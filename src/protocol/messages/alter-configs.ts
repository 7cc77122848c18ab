import { bool, int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const AlterConfigsRequest = request({
  apiKey: 33,
  name: "AlterConfigsRequest",
  validVersions: "0-2",
  flexibleVersions: "2+",
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
export type AlterConfigsRequest = Infer<typeof AlterConfigsRequest>;

export const AlterConfigsResponse = response({
  apiKey: 33,
  name: "AlterConfigsResponse",
  validVersions: "0-2",
  flexibleVersions: "2+",
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
export type AlterConfigsResponse = Infer<typeof AlterConfigsResponse>;
