import { bytes, int16 } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

export const EnvelopeRequest = request({
  apiKey: 58,
  name: "EnvelopeRequest",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    requestData: field("0+", bytes),
    requestPrincipal: field("0+", bytes, { nullable: "0+" }),
    clientHostAddress: field("0+", bytes),
  },
});
export type EnvelopeRequest = Infer<typeof EnvelopeRequest>;

export const EnvelopeResponse = response({
  apiKey: 58,
  name: "EnvelopeResponse",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    responseData: field("0+", bytes, { nullable: "0+", default: null }),
    errorCode: field("0+", int16),
  },
});
export type EnvelopeResponse = Infer<typeof EnvelopeResponse>;
