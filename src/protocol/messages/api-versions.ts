/**
 * ApiVersions (key 18, KIP-35): which APIs a broker knows, each with its range of versions. A client sends it
 * first on every connection, before authentication too, and chooses the versions of all later requests from
 * the answer.
 *
 * Versions: 1 adds the throttle time (KIP-124); 2 is answered before the throttling, not after it (KIP-219);
 * 3 is flexible (KIP-482), names the client's software (KIP-511) and tells of the cluster's features
 * (KIP-584); 4 lets a feature's lowest version be 0 (KAFKA-17011); 5 says which broker the client believes it
 * talks to (KIP-1242).
 *
 * Errors:
 *
 * - UNSUPPORTED_VERSION: the broker does not know this version of ApiVersions. It answers in version 0
 *   whatever was asked, with ApiVersions' own range in `apiKeys` (since 2.4; older ones send none): ask again
 *   with the highest version that both know, or 0.
 * - INVALID_REQUEST: the software's name or version is not in the form that KIP-511 allows. Nothing to retry.
 * - REBOOTSTRAP_REQUIRED: another cluster or broker answers at this address than the client expected. Forget
 *   all brokers that are known and start from the bootstrap servers.
 */

import { bool, int16, int32, int64, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Opens a conversation: what do you understand? */
export const ApiVersionsRequest = request({
  apiKey: 18,
  validVersions: "0-5",
  flexibleVersions: "3+",
  fields: {
    /**
     * Which client library this is, for the broker's metrics: letters, digits, dots and dashes, no other than
     * letters and digits at its ends.
     */
    clientSoftwareName: field("3+", string, { ignorable: true }),
    /** Version of the library, in the same form. */
    clientSoftwareVersion: field("3+", string, { ignorable: true }),
    /** Cluster that the client believes to be connected to; null before it knows one. */
    clusterId: field("5+", string, { nullable: "5+", default: null, ignorable: true }),
    /** Broker that the client believes to be connected to; -1 for a bootstrap address, which may be any. */
    nodeId: field("5+", int32, { default: -1, ignorable: true }),
  },
});
export type ApiVersionsRequest = Infer<typeof ApiVersionsRequest>;

/** Its header is always version 0, so that a client which asked for too much can still read the refusal. */
export const ApiVersionsResponse = response({
  apiKey: 18,
  validVersions: "0-5",
  flexibleVersions: "3+",
  fields: {
    errorCode: field("0+", int16),
    /** Every API that this broker serves on this listener. Brokers and controllers differ in theirs. */
    apiKeys: field(
      "0+",
      array(
        struct(
          "ApiVersion",
          {
            apiKey: field("0+", int16),
            /** Lowest version. For Produce, 4.x says 0 for the sake of old librdkafka and serves 3 and up. */
            minVersion: field("0+", int16),
            /**
             * Highest version; one that is still unstable is left out unless the broker was told to show it.
             */
            maxVersion: field("0+", int16),
          },
          (apiKey, minVersion, maxVersion) => ({ apiKey, minVersion, maxVersion }),
        ),
      ),
    ),
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("1+", int32, { ignorable: true }),
    /** Feature levels that this broker's software could run with, `metadata.version` among them. */
    supportedFeatures: field(
      "3+",
      array(
        struct("SupportedFeatureKey", {
          name: field("3+", string),
          minVersion: field("3+", int16),
          maxVersion: field("3+", int16),
        }),
      ),
      { tag: 0, ignorable: true },
    ),
    /** Grows with every change of the finalized features; -1 when not known. */
    finalizedFeaturesEpoch: field("3+", int64, { default: -1n, tag: 1, ignorable: true }),
    /** Feature levels that the whole cluster has agreed on, valid as of that epoch. */
    finalizedFeatures: field(
      "3+",
      array(
        struct("FinalizedFeatureKey", {
          name: field("3+", string),
          /** The level in force: `transaction.version` of 2 means that transactions are those of KIP-890. */
          maxVersionLevel: field("3+", int16),
          /** Lowest level that every broker has to support. */
          minVersionLevel: field("3+", int16),
        }),
      ),
      { tag: 2, ignorable: true },
    ),
    /**
     * Whether a controller is ready for brokers to move away from ZooKeeper (KIP-866); of no use since 4.0.
     */
    zkMigrationReady: field("3+", bool, { tag: 3, ignorable: true }),
  },
});
export type ApiVersionsResponse = Infer<typeof ApiVersionsResponse>;
