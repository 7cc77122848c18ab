import { int16, int32, string, uuid } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

export const RemoveRaftVoterRequest = request({
  apiKey: 81,
  name: "RemoveRaftVoterRequest",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    clusterId: field("0+", string, { nullable: "0+" }),
    voterId: field("0+", int32),
    voterDirectoryId: field("0+", uuid),
  },
});
export type RemoveRaftVoterRequest = Infer<typeof RemoveRaftVoterRequest>;

export const RemoveRaftVoterResponse = response({
  apiKey: 81,
  name: "RemoveRaftVoterResponse",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    errorMessage: field("0+", string, { nullable: "0+", ignorable: true }),
  },
});
export type RemoveRaftVoterResponse = Infer<typeof RemoveRaftVoterResponse>;
