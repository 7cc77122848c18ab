/**
 * UpdateFeatures (key 57, KIP-584): raises, lowers or turns off features of the whole cluster, such as
 * `metadata.version`. Admin clients send it to any broker, which forwards it to the controller, or to a
 * controller. If one of the updates is refused, none takes place.
 *
 * Versions: 1 adds the dry run, and tells downgrades with loss from those without (KIP-778); 2 answers for
 * all updates at once (KIP-1022).
 *
 * Errors:
 *
 * - INVALID_UPDATE_VERSION: some broker or controller does not support that level, another feature's level
 *   does not go with it, or it is a downgrade where none was allowed; `errorMessage` says which. Nothing to
 *   retry before that is settled.
 * - FEATURE_UPDATE_FAILED: the controller could not do it. Look up what the levels are now.
 * - NOT_CONTROLLER: look up the controller and send it there.
 * - REQUEST_TIMED_OUT: it may still take place. Look up the levels.
 * - CLUSTER_AUTHORIZATION_FAILED: the principal lacks ALTER on the cluster. Nothing to retry.
 */

import { bool, int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Which feature is to get to which level. */
export const UpdateFeaturesRequest = request({
  apiKey: 57,
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: {
    /** How long it may take. */
    timeoutMs: field("0+", int32, { default: 60000 }),
    featureUpdates: field(
      "0+",
      array(
        struct("FeatureUpdateKey", {
          feature: field("0+", string),
          /** The level wanted; 0 turns the feature off. */
          maxVersionLevel: field("0+", int16),
          /** Lets the level be lower than it is; only in version 0. */
          allowDowngrade: field("0", bool),
          /**
           * What is allowed, from version 1 on: 1 a higher level, 2 a lower one if no metadata is lost by it,
           * 3 a lower one in any case.
           */
          upgradeType: field("1+", int8, { default: 1 }),
        }),
      ),
    ),
    /** Checks everything and changes nothing. */
    validateOnly: field("1+", bool),
  },
});
export type UpdateFeaturesRequest = Infer<typeof UpdateFeaturesRequest>;

/** Whether the levels were changed. */
export const UpdateFeaturesResponse = response({
  apiKey: 57,
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    /** In words for people; null or empty without an error. */
    errorMessage: field("0+", string, { nullable: "0+" }),
    /** One for each feature, up to version 1; none when there is an error for the whole. */
    results: field(
      "0-1",
      array(
        struct("UpdatableFeatureResult", {
          feature: field("0+", string),
          errorCode: field("0+", int16),
          errorMessage: field("0+", string, { nullable: "0+" }),
        }),
      ),
      { ignorable: true },
    ),
  },
});
export type UpdateFeaturesResponse = Infer<typeof UpdateFeaturesResponse>;
