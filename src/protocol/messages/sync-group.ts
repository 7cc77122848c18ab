import { bytes, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const SyncGroupRequest = request({
  apiKey: 14,
  name: "SyncGroupRequest",
  validVersions: "0-5",
  flexibleVersions: "4+",
  fields: {
    groupId: field("0+", string),
    generationId: field("0+", int32),
    memberId: field("0+", string),
    groupInstanceId: field("3+", string, { nullable: "3+", default: null }),
    protocolType: field("5+", string, { nullable: "5+", default: null, ignorable: true }),
    protocolName: field("5+", string, { nullable: "5+", default: null, ignorable: true }),
    assignments: field(
      "0+",
      array(
        struct("SyncGroupRequestAssignment", {
          memberId: field("0+", string),
          assignment: field("0+", bytes),
        }),
      ),
    ),
  },
});
export type SyncGroupRequest = Infer<typeof SyncGroupRequest>;

export const SyncGroupResponse = response({
  apiKey: 14,
  name: "SyncGroupResponse",
  validVersions: "0-5",
  flexibleVersions: "4+",
  fields: {
    throttleTimeMs: field("1+", int32, { ignorable: true }),
    errorCode: field("0+", int16),
    protocolType: field("5+", string, { nullable: "5+", default: null, ignorable: true }),
    protocolName: field("5+", string, { nullable: "5+", default: null, ignorable: true }),
    assignment: field("0+", bytes),
  },
});
export type SyncGroupResponse = Infer<typeof SyncGroupResponse>;
