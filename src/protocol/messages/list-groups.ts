import { int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const ListGroupsRequest = request({
  apiKey: 16,
  name: "ListGroupsRequest",
  validVersions: "0-5",
  flexibleVersions: "3+",
  fields: {
    statesFilter: field("4+", array(string)),
    typesFilter: field("5+", array(string)),
  },
});
export type ListGroupsRequest = Infer<typeof ListGroupsRequest>;

export const ListGroupsResponse = response({
  apiKey: 16,
  name: "ListGroupsResponse",
  validVersions: "0-5",
  flexibleVersions: "3+",
  fields: {
    throttleTimeMs: field("1+", int32, { ignorable: true }),
    errorCode: field("0+", int16),
    groups: field(
      "0+",
      array(
        struct("ListedGroup", {
          groupId: field("0+", string),
          protocolType: field("0+", string),
          groupState: field("4+", string, { ignorable: true }),
          groupType: field("5+", string, { ignorable: true }),
        }),
      ),
    ),
  },
});
export type ListGroupsResponse = Infer<typeof ListGroupsResponse>;
