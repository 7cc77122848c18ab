import { bool, bytes, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const JoinGroupRequest = request({
  apiKey: 11,
  name: "JoinGroupRequest",
  validVersions: "0-9",
  flexibleVersions: "6+",
  fields: {
    groupId: field("0+", string),
    sessionTimeoutMs: field("0+", int32),
    rebalanceTimeoutMs: field("1+", int32, { default: -1, ignorable: true }),
    memberId: field("0+", string),
    groupInstanceId: field("5+", string, { nullable: "5+", default: null }),
    protocolType: field("0+", string),
    protocols: field(
      "0+",
      array(
        struct("JoinGroupRequestProtocol", {
          name: field("0+", string),
          metadata: field("0+", bytes),
        }),
      ),
    ),
    reason: field("8+", string, { nullable: "8+", default: null, ignorable: true }),
  },
});
export type JoinGroupRequest = Infer<typeof JoinGroupRequest>;

export const JoinGroupResponse = response({
  apiKey: 11,
  name: "JoinGroupResponse",
  validVersions: "0-9",
  flexibleVersions: "6+",
  fields: {
    throttleTimeMs: field("2+", int32, { ignorable: true }),
    errorCode: field("0+", int16),
    generationId: field("0+", int32, { default: -1 }),
    protocolType: field("7+", string, { nullable: "7+", default: null, ignorable: true }),
    protocolName: field("0+", string, { nullable: "7+" }),
    leader: field("0+", string),
    skipAssignment: field("9+", bool),
    memberId: field("0+", string),
    members: field(
      "0+",
      array(
        struct("JoinGroupResponseMember", {
          memberId: field("0+", string),
          groupInstanceId: field("5+", string, { nullable: "5+", default: null, ignorable: true }),
          metadata: field("0+", bytes),
        }),
      ),
    ),
  },
});
export type JoinGroupResponse = Infer<typeof JoinGroupResponse>;
