import { bytes, int16, int64, string } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

export const SaslAuthenticateRequest = request({
  apiKey: 36,
  name: "SaslAuthenticateRequest",
  validVersions: "0-2",
  flexibleVersions: "2+",
  fields: {
    authBytes: field("0+", bytes),
  },
});
export type SaslAuthenticateRequest = Infer<typeof SaslAuthenticateRequest>;

export const SaslAuthenticateResponse = response({
  apiKey: 36,
  name: "SaslAuthenticateResponse",
  validVersions: "0-2",
  flexibleVersions: "2+",
  fields: {
    errorCode: field("0+", int16),
    errorMessage: field("0+", string, { nullable: "0+" }),
    authBytes: field("0+", bytes),
    sessionLifetimeMs: field("1+", int64, { ignorable: true }),
  },
});
export type SaslAuthenticateResponse = Infer<typeof SaslAuthenticateResponse>;
