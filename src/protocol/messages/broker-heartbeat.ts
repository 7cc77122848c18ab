import { bool, int16, int32, int64, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response } from "../schema.ts";

export const BrokerHeartbeatRequest = request({
  apiKey: 63,
  name: "BrokerHeartbeatRequest",
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: {
    brokerId: field("0+", int32),
    brokerEpoch: field("0+", int64, { default: -1n }),
    currentMetadataOffset: field("0+", int64),
    wantFence: field("0+", bool),
    wantShutDown: field("0+", bool),
    offlineLogDirs: field("1+", array(uuid), { tag: 0 }),
    cordonedLogDirs: field("2+", array(uuid), { nullable: "2+", default: null, tag: 1 }),
  },
});
export type BrokerHeartbeatRequest = Infer<typeof BrokerHeartbeatRequest>;

export const BrokerHeartbeatResponse = response({
  apiKey: 63,
  name: "BrokerHeartbeatResponse",
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    isCaughtUp: field("0+", bool),
    isFenced: field("0+", bool, { default: true }),
    shouldShutDown: field("0+", bool),
  },
});
export type BrokerHeartbeatResponse = Infer<typeof BrokerHeartbeatResponse>;
