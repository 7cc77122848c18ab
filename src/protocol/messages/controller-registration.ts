/**
 * ControllerRegistration (key 70, KIP-919): a controller tells the active one where it can be reached and
 * which features it supports. Sent by controllers alone.
 *
 * Errors: NOT_CONTROLLER: find the active controller and send it there. UNSUPPORTED_VERSION: the cluster's
 * `metadata.version` is too old for it. CLUSTER_AUTHORIZATION_FAILED: controllers lack CLUSTER_ACTION.
 */

import { bool, int16, int32, string, uint16, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** What the cluster has to know about a controller. */
export const ControllerRegistrationRequest = request({
  apiKey: 70,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    controllerId: field("0+", int32),
    /** Made anew each time the process starts. */
    incarnationId: field("0+", uuid),
    /** Was for the migration from ZooKeeper. */
    zkMigrationReady: field("0+", bool),
    /** Where it can be reached. */
    listeners: field(
      "0+",
      array(
        struct("Listener", {
          name: field("0+", string),
          host: field("0+", string),
          port: field("0+", uint16),
          /** 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL. */
          securityProtocol: field("0+", int16),
        }),
      ),
    ),
    /** Levels that it supports: no feature is raised above what every registered controller does. */
    features: field(
      "0+",
      array(
        struct("Feature", {
          name: field("0+", string),
          minSupportedVersion: field("0+", int16),
          maxSupportedVersion: field("0+", int16),
        }),
      ),
    ),
  },
});
export type ControllerRegistrationRequest = Infer<typeof ControllerRegistrationRequest>;

/** Whether it is registered. */
export const ControllerRegistrationResponse = response({
  apiKey: 70,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    /** In words for people; null or empty without an error. */
    errorMessage: field("0+", string, { nullable: "0+" }),
  },
});
export type ControllerRegistrationResponse = Infer<typeof ControllerRegistrationResponse>;
