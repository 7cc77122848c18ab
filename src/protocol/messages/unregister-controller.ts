import { int16, int32, string } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

export const UnregisterControllerRequest = request({
  apiKey: 94,
  name: "UnregisterControllerRequest",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    controllerId: field("0+", int32),
  },
});
export type UnregisterControllerRequest = Infer<typeof UnregisterControllerRequest>;

export const UnregisterControllerResponse = response({
  apiKey: 94,
  name: "UnregisterControllerResponse",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    errorMessage: field("0+", string, { nullable: "0+" }),
  },
});
export type UnregisterControllerResponse = Infer<typeof UnregisterControllerResponse>;
