import { int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const DeleteGroupsRequest = request({
  apiKey: 42,
  name: "DeleteGroupsRequest",
  validVersions: "0-3",
  flexibleVersions: "2+",
  fields: {
    groupsNames: field("0+", array(string)),
  },
});
export type DeleteGroupsRequest = Infer<typeof DeleteGroupsRequest>;

export const DeleteGroupsResponse = response({
  apiKey: 42,
  name: "DeleteGroupsResponse",
  validVersions: "0-3",
  flexibleVersions: "2+",
  fields: {
    throttleTimeMs: field("0+", int32),
    results: field(
      "0+",
      array(
        struct("DeletableGroupResult", {
          groupId: field("0+", string),
          errorCode: field("0+", int16),
          errorMessage: field("3+", string, { nullable: "3+", default: null, ignorable: true }),
        }),
      ),
    ),
  },
});
export type DeleteGroupsResponse = Infer<typeof DeleteGroupsResponse>;
