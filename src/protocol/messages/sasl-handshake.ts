import { int16, string } from "../primitives.ts";
import { array, field, type Infer, request, response } from "../schema.ts";

export const SaslHandshakeRequest = request({
  apiKey: 17,
  name: "SaslHandshakeRequest",
  validVersions: "0-1",
  fields: {
    mechanism: field("0+", string),
  },
});
export type SaslHandshakeRequest = Infer<typeof SaslHandshakeRequest>;

export const SaslHandshakeResponse = response({
  apiKey: 17,
  name: "SaslHandshakeResponse",
  validVersions: "0-1",
  fields: {
    errorCode: field("0+", int16),
    mechanisms: field("0+", array(string)),
  },
});
export type SaslHandshakeResponse = Infer<typeof SaslHandshakeResponse>;
