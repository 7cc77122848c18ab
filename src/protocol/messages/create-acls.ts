import { int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const CreateAclsRequest = request({
  apiKey: 30,
  name: "CreateAclsRequest",
  validVersions: "1-3",
  flexibleVersions: "2+",
  fields: {
    creations: field(
      "0+",
      array(
        struct("AclCreation", {
          resourceType: field("0+", int8),
          resourceName: field("0+", string),
          resourcePatternType: field("1+", int8, { default: 3 }),
          principal: field("0+", string),
          host: field("0+", string),
          operation: field("0+", int8),
          permissionType: field("0+", int8),
        }),
      ),
    ),
  },
});
export type CreateAclsRequest = Infer<typeof CreateAclsRequest>;

export const CreateAclsResponse = response({
  apiKey: 30,
  name: "CreateAclsResponse",
  validVersions: "1-3",
  flexibleVersions: "2+",
  fields: {
    throttleTimeMs: field("0+", int32),
    results: field(
      "0+",
      array(
        struct("AclCreationResult", {
          errorCode: field("0+", int16),
          errorMessage: field("0+", string, { nullable: "0+" }),
        }),
      ),
    ),
  },
});
export type CreateAclsResponse = Infer<typeof CreateAclsResponse>;
