import { bool, int16, int32, string, uint16, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const AddRaftVoterRequest = request({
  apiKey: 80,
  name: "AddRaftVoterRequest",
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    clusterId: field("0+", string, { nullable: "0+" }),
    timeoutMs: field("0+", int32),
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
    ackWhenCommitted: field("1+", bool, { default: true }),
  },
});
export type AddRaftVoterRequest = Infer<typeof AddRaftVoterRequest>;

export const AddRaftVoterResponse = response({
  apiKey: 80,
  name: "AddRaftVoterResponse",
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    errorMessage: field("0+", string, { nullable: "0+", ignorable: true }),
  },
});
export type AddRaftVoterResponse = Infer<typeof AddRaftVoterResponse>;
