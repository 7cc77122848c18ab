import { int16, int32, string } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

export const HeartbeatRequest = request({
  apiKey: 12,
  name: "HeartbeatRequest",
  validVersions: "0-4",
  flexibleVersions: "4+",
  fields: {
    groupId: field("0+", string),
    generationId: field("0+", int32),
    memberId: field("0+", string),
    groupInstanceId: field("3+", string, { nullable: "3+", default: null }),
  },
});
export type HeartbeatRequest = Infer<typeof HeartbeatRequest>;

export const HeartbeatResponse = response({
  apiKey: 12,
  name: "HeartbeatResponse",
  validVersions: "0-4",
  flexibleVersions: "4+",
  fields: {
    throttleTimeMs: field("1+", int32, { ignorable: true }),
    errorCode: field("0+", int16),
  },
});
export type HeartbeatResponse = Infer<typeof HeartbeatResponse>;
