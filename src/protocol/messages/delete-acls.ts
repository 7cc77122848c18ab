import { int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const DeleteAclsRequest = request({
  apiKey: 31,
  name: "DeleteAclsRequest",
  validVersions: "1-3",
  flexibleVersions: "2+",
  fields: {
    filters: field(
      "0+",
      array(
        struct("DeleteAclsFilter", {
          resourceTypeFilter: field("0+", int8),
          resourceNameFilter: field("0+", string, { nullable: "0+" }),
          patternTypeFilter: field("1+", int8, { default: 3 }),
          principalFilter: field("0+", string, { nullable: "0+" }),
          hostFilter: field("0+", string, { nullable: "0+" }),
          operation: field("0+", int8),
          permissionType: field("0+", int8),
        }),
      ),
    ),
  },
});
export type DeleteAclsRequest = Infer<typeof DeleteAclsRequest>;

export const DeleteAclsResponse = response({
  apiKey: 31,
  name: "DeleteAclsResponse",
  validVersions: "1-3",
  flexibleVersions: "2+",
  fields: {
    throttleTimeMs: field("0+", int32),
    filterResults: field(
      "0+",
      array(
        struct("DeleteAclsFilterResult", {
          errorCode: field("0+", int16),
          errorMessage: field("0+", string, { nullable: "0+" }),
          matchingAcls: field(
            "0+",
            array(
              struct("DeleteAclsMatchingAcl", {
                errorCode: field("0+", int16),
                errorMessage: field("0+", string, { nullable: "0+" }),
                resourceType: field("0+", int8),
                resourceName: field("0+", string),
                patternType: field("1+", int8, { default: 3 }),
                principal: field("0+", string),
                host: field("0+", string),
                operation: field("0+", int8),
                permissionType: field("0+", int8),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type DeleteAclsResponse = Infer<typeof DeleteAclsResponse>;
