/**
 * UnregisterController (key 94, KIP-1312): makes the cluster forget a controller that is gone for good, so
 * that features are no longer held back by what it supported. Admin clients send it to any broker, which
 * forwards it to the active controller, or to that controller. Kafka 4.4 is the first to have it.
 *
 * Errors:
 *
 * - CONTROLLER_ID_NOT_REGISTERED: there is no such controller. After a retry that may be one's own first
 *   attempt.
 * - INVALID_REQUEST: it is the active controller, or a voter still. Take its vote away by RemoveRaftVoter
 *   first.
 * - UNSUPPORTED_VERSION: the cluster's `metadata.version` is too old for it. Raise the feature.
 * - NOT_CONTROLLER: look up the controller and send it there.
 * - REQUEST_TIMED_OUT: it may have been done. Send it again.
 * - CLUSTER_AUTHORIZATION_FAILED: the principal lacks ALTER on the cluster. Nothing to retry.
 */

import { int16, int32, string } from "../primitives.ts";
import { field, type Infer, request, response } from "../schema.ts";

/** Which controller to forget. Shut it down before, or it registers again. */
export const UnregisterControllerRequest = request({
  apiKey: 94,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    controllerId: field("0+", int32),
  },
});
export type UnregisterControllerRequest = Infer<typeof UnregisterControllerRequest>;

/** Whether it is forgotten. */
export const UnregisterControllerResponse = response({
  apiKey: 94,
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
export type UnregisterControllerResponse = Infer<typeof UnregisterControllerResponse>;
