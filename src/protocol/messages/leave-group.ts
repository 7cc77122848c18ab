import { int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const LeaveGroupRequest = request({
  apiKey: 13,
  name: "LeaveGroupRequest",
  validVersions: "0-5",
  flexibleVersions: "4+",
  fields: {
    groupId: field("0+", string),
    memberId: field("0-2", string),
    members: field(
      "3+",
      array(
        struct("MemberIdentity", {
          memberId: field("3+", string),
          groupInstanceId: field("3+", string, { nullable: "3+", default: null }),
          reason: field("5+", string, { nullable: "5+", default: null, ignorable: true }),
        }),
      ),
    ),
  },
});
export type LeaveGroupRequest = Infer<typeof LeaveGroupRequest>;

export const LeaveGroupResponse = response({
  apiKey: 13,
  name: "LeaveGroupResponse",
  validVersions: "0-5",
  flexibleVersions: "4+",
  fields: {
    throttleTimeMs: field("1+", int32, { ignorable: true }),
    errorCode: field("0+", int16),
    members: field(
      "3+",
      array(
        struct("MemberResponse", {
          memberId: field("3+", string),
          groupInstanceId: field("3+", string, { nullable: "3+" }),
          errorCode: field("3+", int16),
        }),
      ),
    ),
  },
});
export type LeaveGroupResponse = Infer<typeof LeaveGroupResponse>;
