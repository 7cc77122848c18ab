import { int16, int32, int64 } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

export const AllocateProducerIdsRequest = request({
  apiKey: 67,
  name: "AllocateProducerIdsRequest",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    brokerId: field("0+", int32),
    brokerEpoch: field("0+", int64, { default: -1n }),
  },
});
export type AllocateProducerIdsRequest = Infer<typeof AllocateProducerIdsRequest>;

export const AllocateProducerIdsResponse = response({
  apiKey: 67,
  name: "AllocateProducerIdsResponse",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    producerIdStart: field("0+", int64),
    producerIdLen: field("0+", int32),
  },
});
export type AllocateProducerIdsResponse = Infer<typeof AllocateProducerIdsResponse>;
