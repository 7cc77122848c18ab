import { int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const DescribeAclsRequest = request({
  apiKey: 29,
  name: "DescribeAclsRequest",
  validVersions: "1-3",
  flexibleVersions: "2+",
  fields: {
    resourceTypeFilter: field("0+", int8),
    resourceNameFilter: field("0+", string, { nullable: "0+" }),
    patternTypeFilter: field("1+", int8, { default: 3 }),
    principalFilter: field("0+", string, { nullable: "0+" }),
    hostFilter: field("0+", string, { nullable: "0+" }),
    operation: field("0+", int8),
    permissionType: field("0+", int8),
  },
});
export type DescribeAclsRequest = Infer<typeof DescribeAclsRequest>;

export const DescribeAclsResponse = response({
  apiKey: 29,
  name: "DescribeAclsResponse",
  validVersions: "1-3",
  flexibleVersions: "2+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    errorMessage: field("0+", string, { nullable: "0+" }),
    resources: field(
      "0+",
      array(
        struct("DescribeAclsResource", {
          resourceType: field("0+", int8),
          resourceName: field("0+", string),
          patternType: field("1+", int8, { default: 3 }),
          acls: field(
            "0+",
            array(
              struct("AclDescription", {
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
export type DescribeAclsResponse = Infer<typeof DescribeAclsResponse>;
