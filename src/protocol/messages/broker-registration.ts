import { bool, int16, int32, int64, string, uint16, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const BrokerRegistrationRequest = request({
  apiKey: 62,
  name: "BrokerRegistrationRequest",
  validVersions: "0-4",
  flexibleVersions: "0+",
  fields: {
    brokerId: field("0+", int32),
    clusterId: field("0+", string),
    incarnationId: field("0+", uuid),
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
    rack: field("0+", string, { nullable: "0+" }),
    isMigratingZkBroker: field("1+", bool),
    logDirs: field("2+", array(uuid), { ignorable: true }),
    previousBrokerEpoch: field("3+", int64, { default: -1n, ignorable: true }),
  },
});
export type BrokerRegistrationRequest = Infer<typeof BrokerRegistrationRequest>;

export const BrokerRegistrationResponse = response({
  apiKey: 62,
  name: "BrokerRegistrationResponse",
  validVersions: "0-4",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    brokerEpoch: field("0+", int64, { default: -1n }),
  },
});
export type BrokerRegistrationResponse = Infer<typeof BrokerRegistrationResponse>;
