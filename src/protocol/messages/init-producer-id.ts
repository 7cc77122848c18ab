import { bool, int16, int32, int64, string } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

export const InitProducerIdRequest = request({
  apiKey: 22,
  name: "InitProducerIdRequest",
  validVersions: "0-6",
  flexibleVersions: "2+",
  fields: {
    transactionalId: field("0+", string, { nullable: "0+" }),
    transactionTimeoutMs: field("0+", int32),
    producerId: field("3+", int64, { default: -1n }),
    producerEpoch: field("3+", int16, { default: -1 }),
    enable2Pc: field("6+", bool),
    keepPreparedTxn: field("6+", bool),
  },
});
export type InitProducerIdRequest = Infer<typeof InitProducerIdRequest>;

export const InitProducerIdResponse = response({
  apiKey: 22,
  name: "InitProducerIdResponse",
  validVersions: "0-6",
  flexibleVersions: "2+",
  fields: {
    throttleTimeMs: field("0+", int32, { ignorable: true }),
    errorCode: field("0+", int16),
    producerId: field("0+", int64, { default: -1n }),
    producerEpoch: field("0+", int16),
    ongoingTxnProducerId: field("6+", int64, { default: -1n }),
    ongoingTxnProducerEpoch: field("6+", int16, { default: -1 }),
  },
});
export type InitProducerIdResponse = Infer<typeof InitProducerIdResponse>;
