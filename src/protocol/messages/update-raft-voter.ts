import { int16, int32, string, uint16, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const UpdateRaftVoterRequest = request({
  apiKey: 82,
  name: "UpdateRaftVoterRequest",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    clusterId: field("0+", string, { nullable: "0+" }),
    currentLeaderEpoch: field("0+", int32),
    voterId: field("0+", int32),
    voterDirectoryId: field("0+", uuid),
    listeners: field(
      "0+",
      array(
        struct("Listener", {
          name: field("0+", string),
          host: field("0+", string),
          port: field("0+", uint16),
        }),
      ),
    ),
    kRaftVersionFeature: field(
      "0+",
      struct("KRaftVersionFeature", {
        minSupportedVersion: field("0+", int16),
        maxSupportedVersion: field("0+", int16),
      }),
    ),
  },
});
export type UpdateRaftVoterRequest = Infer<typeof UpdateRaftVoterRequest>;

export const UpdateRaftVoterResponse = response({
  apiKey: 82,
  name: "UpdateRaftVoterResponse",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    currentLeader: field(
      "0+",
      struct("CurrentLeader", {
        leaderId: field("0+", int32, { default: -1 }),
        leaderEpoch: field("0+", int32, { default: -1 }),
        host: field("0+", string),
        port: field("0+", int32),
      }),
      { tag: 0 },
    ),
  },
});
export type UpdateRaftVoterResponse = Infer<typeof UpdateRaftVoterResponse>;
