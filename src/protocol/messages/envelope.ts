/**
 * Envelope (key 58, KIP-590): a client's request, forwarded. A broker that gets a request which only the
 * controller can serve, such as CreateTopics, sends it to the active controller along with who asked; no
 * client sends it.
 *
 * Errors: NOT_CONTROLLER: find the active controller and send it there. UNSUPPORTED_VERSION: the controller
 * cannot read the request inside; the broker closes the client's connection, so that versions are negotiated
 * anew. PRINCIPAL_DESERIALIZATION_FAILURE, CLUSTER_AUTHORIZATION_FAILED, INVALID_REQUEST: the nodes are
 * configured wrongly, and the client gets UNKNOWN_SERVER_ERROR. An error of the forwarded request is not here
 * but inside its response.
 */

import { bytes, int16 } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

/** The request, and on whose behalf it comes. */
export const EnvelopeRequest = request({
  apiKey: 58,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** Header and body of the forwarded request, without the size in front. */
    requestData: field("0+", bytes),
    /** Who asked, in the form that the cluster's `KafkaPrincipalSerde` writes. */
    requestPrincipal: field("0+", bytes, { nullable: "0+" }),
    /** The client's IP address: 4 bytes, or 16 for IPv6. */
    clientHostAddress: field("0+", bytes),
  },
});
export type EnvelopeRequest = Infer<typeof EnvelopeRequest>;

/** The forwarded request's response. */
export const EnvelopeResponse = response({
  apiKey: 58,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** Header and body of that response; null with an error. */
    responseData: field("0+", bytes, { nullable: "0+", default: null }),
    errorCode: field("0+", int16),
  },
});
export type EnvelopeResponse = Infer<typeof EnvelopeResponse>;
