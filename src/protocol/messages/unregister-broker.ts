import { int16, int32, string } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

export const UnregisterBrokerRequest = request({
  apiKey: 64,
  name: "UnregisterBrokerRequest",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    brokerId: field("0+", int32),
  },
});
export type UnregisterBrokerRequest = Infer<typeof UnregisterBrokerRequest>;

export const UnregisterBrokerResponse = response({
  apiKey: 64,
  name: "UnregisterBrokerResponse",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    errorMessage: field("0+", string, { nullable: "0+" }),
  },
});
export type UnregisterBrokerResponse = Infer<typeof UnregisterBrokerResponse>;
