import { bool, bytes, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const DescribeGroupsRequest = request({
  apiKey: 15,
  name: "DescribeGroupsRequest",
  validVersions: "0-6",
  flexibleVersions: "5+",
  fields: {
    groups: field("0+", array(string)),
    includeAuthorizedOperations: field("3+", bool),
  },
});
export type DescribeGroupsRequest = Infer<typeof DescribeGroupsRequest>;

export const DescribeGroupsResponse = response({
  apiKey: 15,
  name: "DescribeGroupsResponse",
  validVersions: "0-6",
  flexibleVersions: "5+",
  fields: {
    throttleTimeMs: field("1+", int32, { ignorable: true }),
    groups: field(
      "0+",
      array(
        struct("DescribedGroup", {
          errorCode: field("0+", int16),
          errorMessage: field("6+", string, { nullable: "6+", default: null }),
          groupId: field("0+", string),
          groupState: field("0+", string),
          protocolType: field("0+", string),
          protocolData: field("0+", string),
          members: field(
            "0+",
            array(
              struct("DescribedGroupMember", {
                memberId: field("0+", string),
                groupInstanceId: field("4+", string, { nullable: "4+", default: null, ignorable: true }),
                clientId: field("0+", string),
                clientHost: field("0+", string),
                memberMetadata: field("0+", bytes),
                memberAssignment: field("0+", bytes),
              }),
            ),
          ),
          authorizedOperations: field("3+", int32, { default: -2147483648 }),
        }),
      ),
    ),
  },
});
export type DescribeGroupsResponse = Infer<typeof DescribeGroupsResponse>;
