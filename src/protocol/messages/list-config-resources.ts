import { int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const ListConfigResourcesRequest = request({
  apiKey: 74,
  name: "ListConfigResourcesRequest",
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    resourceTypes: field("1+", array(int8)),
  },
});
export type ListConfigResourcesRequest = Infer<typeof ListConfigResourcesRequest>;

export const ListConfigResourcesResponse = response({
  apiKey: 74,
  name: "ListConfigResourcesResponse",
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    configResources: field(
      "0+",
      array(
        struct("ConfigResource", {
          resourceName: field("0+", string),
          resourceType: field("1+", int8, { default: 16, ignorable: true }),
        }),
      ),
    ),
  },
});
export type ListConfigResourcesResponse = Infer<typeof ListConfigResourcesResponse>;
