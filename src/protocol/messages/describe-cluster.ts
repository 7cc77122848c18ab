/**
 * DescribeCluster (key 60, KIP-700): the cluster's id, its nodes and controller, and what the principal may
 * do to it. Admin clients send it to any broker or, from version 1 on, to a controller.
 *
 * Versions: 1 asks controllers about themselves (KIP-919); 2 lists fenced brokers as well (KIP-1073).
 *
 * Errors:
 *
 * - MISMATCHED_ENDPOINT_TYPE: `endpointType` is not the kind of node that was asked, such as controllers from
 *   a broker. Connect to the other kind. In version 0 that is INVALID_REQUEST.
 * - UNSUPPORTED_ENDPOINT_TYPE: there is no such `endpointType`.
 * - UNSUPPORTED_VERSION: the cluster's `metadata.version` is too old for asking a controller. Ask a broker.
 * - CLUSTER_AUTHORIZATION_FAILED: only from a controller, which wants ALTER on the cluster. Nothing to retry.
 */

import { bool, int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Asks for the nodes of the kind that is being asked. */
export const DescribeClusterRequest = request({
  apiKey: 60,
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: {
    /** Asks for what the principal may do to the cluster. */
    includeClusterAuthorizedOperations: field("0+", bool),
    /** 1 for brokers, from a broker; 2 for controllers, from a controller. */
    endpointType: field("1+", int8, { default: 1 }),
    /** Lists brokers that are registered but fenced too, such as those that are down. */
    includeFencedBrokers: field("2+", bool),
  },
});
export type DescribeClusterRequest = Infer<typeof DescribeClusterRequest>;

/** The cluster as the node that was asked sees it. */
export const DescribeClusterResponse = response({
  apiKey: 60,
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    /** In words for people; null without an error. */
    errorMessage: field("0+", string, { nullable: "0+", default: null }),
    /** What `brokers` are: 1 brokers, 2 controllers. */
    endpointType: field("1+", int8, { default: 1 }),
    clusterId: field("0+", string),
    /**
     * From a controller, the active one. From a broker, any live broker, since each of them forwards to the
     * controller. -1 when not known.
     */
    controllerId: field("0+", int32, { default: -1 }),
    /** Each with its address on the listener that was asked. */
    brokers: field(
      "0+",
      array(
        struct("DescribeClusterBroker", {
          brokerId: field("0+", int32),
          host: field("0+", string),
          port: field("0+", int32),
          /** Value of `broker.rack`; null where it has none. */
          rack: field("0+", string, { nullable: "0+", default: null }),
          /** Registered, but not serving clients now. */
          isFenced: field("2+", bool),
        }),
      ),
    ),
    /**
     * One bit for each operation by its number in `AclOperation`. 0 when the principal may not describe the
     * cluster; the lowest int32 when not asked for.
     */
    clusterAuthorizedOperations: field("0+", int32, { default: -2147483648 }),
  },
});
export type DescribeClusterResponse = Infer<typeof DescribeClusterResponse>;
