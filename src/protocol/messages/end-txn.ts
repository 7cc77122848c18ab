import { bool, int16, int32, int64, string } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

export const EndTxnRequest = request({
  apiKey: 26,
  name: "EndTxnRequest",
  validVersions: "0-5",
  flexibleVersions: "3+",
  fields: {
    transactionalId: field("0+", string),
    producerId: field("0+", int64),
    producerEpoch: field("0+", int16),
    committed: field("0+", bool),
  },
});
export type EndTxnRequest = Infer<typeof EndTxnRequest>;

export const EndTxnResponse = response({
  apiKey: 26,
  name: "EndTxnResponse",
  validVersions: "0-5",
  flexibleVersions: "3+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    producerId: field("5+", int64, { default: -1n, ignorable: true }),
    producerEpoch: field("5+", int16, { default: -1, ignorable: true }),
  },
});
export type EndTxnResponse = Infer<typeof EndTxnResponse>;
