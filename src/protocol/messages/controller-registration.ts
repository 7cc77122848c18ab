import { bool, int16, int32, string, uint16, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const ControllerRegistrationRequest = request({
  apiKey: 70,
  name: "ControllerRegistrationRequest",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    controllerId: field("0+", int32),
    incarnationId: field("0+", uuid),
    zkMigrationReady: field("0+", bool),
    listeners: field(
      "0+",
      array(
        struct("Listener", {
          name: field("0+", string),
          host: field("0+", string),
          port: field("0+", uint16),
          securityProtocol: field("0+", int16),
        }),
      ),
    ),
    features: field(
      "0+",
      array(
        struct("Feature", {
          name: field("0+", string),
          minSupportedVersion: field("0+", int16),
          maxSupportedVersion: field("0+", int16),
        }),
      ),
    ),
  },
});
export type ControllerRegistrationRequest = Infer<typeof ControllerRegistrationRequest>;

export const ControllerRegistrationResponse = response({
  apiKey: 70,
  name: "ControllerRegistrationResponse",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    errorMessage: field("0+", string, { nullable: "0+" }),
  },
});
export type ControllerRegistrationResponse = Infer<typeof ControllerRegistrationResponse>;
