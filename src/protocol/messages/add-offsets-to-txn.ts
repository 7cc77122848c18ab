import { int16, int32, int64, string } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

export const AddOffsetsToTxnRequest = request({
  apiKey: 25,
  name: "AddOffsetsToTxnRequest",
  validVersions: "0-4",
  flexibleVersions: "3+",
  fields: {
    transactionalId: field("0+", string),
    producerId: field("0+", int64),
    producerEpoch: field("0+", int16),
    groupId: field("0+", string),
  },
});
export type AddOffsetsToTxnRequest = Infer<typeof AddOffsetsToTxnRequest>;

export const AddOffsetsToTxnResponse = response({
  apiKey: 25,
  name: "AddOffsetsToTxnResponse",
  validVersions: "0-4",
  flexibleVersions: "3+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
  },
});
export type AddOffsetsToTxnResponse = Infer<typeof AddOffsetsToTxnResponse>;
