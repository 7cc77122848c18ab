import { int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const FindCoordinatorRequest = request({
  apiKey: 10,
  name: "FindCoordinatorRequest",
  validVersions: "0-6",
  flexibleVersions: "3+",
  fields: {
    key: field("0-3", string),
    keyType: field("1+", int8),
    coordinatorKeys: field("4+", array(string)),
  },
});
export type FindCoordinatorRequest = Infer<typeof FindCoordinatorRequest>;

export const FindCoordinatorResponse = response({
  apiKey: 10,
  name: "FindCoordinatorResponse",
  validVersions: "0-6",
  flexibleVersions: "3+",
  fields: {
    throttleTimeMs: field("1+", int32, { ignorable: true }),
    errorCode: field("0-3", int16),
    errorMessage: field("1-3", string, { nullable: "1-3", ignorable: true }),
    nodeId: field("0-3", int32),
    host: field("0-3", string),
    port: field("0-3", int32),
    coordinators: field(
      "4+",
      array(
        struct("Coordinator", {
          key: field("4+", string),
          nodeId: field("4+", int32),
          host: field("4+", string),
          port: field("4+", int32),
          errorCode: field("4+", int16),
          errorMessage: field("4+", string, { nullable: "4+", ignorable: true }),
        }),
      ),
    ),
  },
});
export type FindCoordinatorResponse = Infer<typeof FindCoordinatorResponse>;
