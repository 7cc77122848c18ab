/**
 * UnregisterBroker (key 64, KIP-631): makes the cluster forget a broker that is gone for good. Admin clients
 * send it to any broker, which forwards it to the controller, or to a controller. Its replicas stay assigned
 * to it: reassign them first.
 *
 * Errors:
 *
 * - BROKER_ID_NOT_REGISTERED: there is no such broker. After a retry that may be one's own first attempt.
 * - NOT_CONTROLLER: look up the controller and send it there.
 * - REQUEST_TIMED_OUT: it may have been done. Send it again.
 * - CLUSTER_AUTHORIZATION_FAILED: the principal lacks ALTER on the cluster. Nothing to retry.
 */

import { int16, int32, string } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

/** Which broker to forget. Shut it down before. */
export const UnregisterBrokerRequest = request({
  apiKey: 64,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    brokerId: field("0+", int32),
  },
});
export type UnregisterBrokerRequest = Infer<typeof UnregisterBrokerRequest>;

/** Whether it is forgotten. */
export const UnregisterBrokerResponse = response({
  apiKey: 64,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    /** In words for people; null or empty without an error. */
    errorMessage: field("0+", string, { nullable: "0+" }),
  },
});
export type UnregisterBrokerResponse = Infer<typeof UnregisterBrokerResponse>;
