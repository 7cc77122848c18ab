/**
 * ListConfigResources (key 74): the resources whose configuration can be described. Admin clients send it to
 * any broker.
 *
 * Versions: 0 is the ListClientMetricsResources of KIP-1000 and lists subscriptions to client metrics alone;
 * 1 lists resources of every type (KIP-1142).
 *
 * Errors: UNSUPPORTED_VERSION, when a type is unknown to the broker, and CLUSTER_AUTHORIZATION_FAILED, when
 * the principal may not describe the cluster's configuration. Nothing to retry.
 */

import { int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Types to list. */
export const ListConfigResourcesRequest = request({
  apiKey: 74,
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    /**
     * 2 a topic, 4 a broker, 8 a broker's loggers, 16 a subscription to client metrics, 32 a group. None for
     * all.
     */
    resourceTypes: field("1+", array(int8)),
  },
});
export type ListConfigResourcesRequest = Infer<typeof ListConfigResourcesRequest>;

/** All topics and brokers; of groups and subscriptions those that have a configuration of their own. */
export const ListConfigResourcesResponse = response({
  apiKey: 74,
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    /** 0, or why there is no list. */
    errorCode: field("0+", int16),
    configResources: field(
      "0+",
      array(
        struct("ConfigResource", {
          /** Of a broker and its loggers, the broker's id in decimal digits. */
          resourceName: field("0+", string),
          /** As in the request. Version 0 lists nothing but 16. */
          resourceType: field("1+", int8, { default: 16, ignorable: true }),
        }),
      ),
    ),
  },
});
export type ListConfigResourcesResponse = Infer<typeof ListConfigResourcesResponse>;
