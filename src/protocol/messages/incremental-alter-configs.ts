/**
 * IncrementalAlterConfigs (key 44, KIP-339): sets, unsets or extends single keys of a configuration and
 * leaves the others alone. Admin clients send it to a broker itself for its own configuration and its loggers
 * (KIP-412), and to any broker for everything else; brokers forward it to the controller. A resource is
 * altered in all of its keys or in none.
 *
 * Versions: 1 is flexible.
 *
 * Errors of a resource:
 *
 * - INVALID_CONFIG, POLICY_VIOLATION: a value is wrong, the key is no list, there is no such logger, or the
 *   cluster's policy forbids it.
 * - INVALID_REQUEST: a resource or a key came twice, a value is null, a broker's value is wrong, the type or
 *   the operation is unknown, or the resource is another broker than the one asked.
 * - UNKNOWN_TOPIC_OR_PARTITION: no such topic.
 * - NOT_CONTROLLER: look up the controller and send it there.
 * - CLUSTER_AUTHORIZATION_FAILED (brokers, loggers, client metrics), TOPIC_AUTHORIZATION_FAILED,
 *   GROUP_AUTHORIZATION_FAILED: the principal may not alter the configuration.
 *
 * Apart from NOT_CONTROLLER there is nothing to retry.
 */

import { bool, int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Resources with what changes in each. */
export const IncrementalAlterConfigsRequest = request({
  apiKey: 44,
  validVersions: "0-1",
  flexibleVersions: "1+",
  fields: {
    resources: field(
      "0+",
      array(
        struct("AlterConfigsResource", {
          /** 2 a topic, 4 a broker, 8 a broker's loggers, 16 a subscription to client metrics, 32 a group. */
          resourceType: field("0+", int8),
          /**
           * Name of the topic, the subscription or the group, or id of the broker in decimal digits. An empty
           * name of a broker stands for all brokers.
           */
          resourceName: field("0+", string),
          /** Each key may come only once. */
          configs: field(
            "0+",
            array(
              struct("AlterableConfig", {
                /** For a broker's loggers, the name of a logger. */
                name: field("0+", string),
                /**
                 * 0 sets the value, 1 unsets it, 2 adds elements to a list and 3 removes them. Loggers know
                 * only the first two.
                 */
                configOperation: field("0+", int8),
                /**
                 * As text, whatever the type: of a list, the elements with commas between them; of a logger,
                 * the level. Null only to unset.
                 */
                value: field("0+", string, { nullable: "0+" }),
              }),
            ),
          ),
        }),
      ),
    ),
    /** Checks everything and alters nothing. */
    validateOnly: field("0+", bool),
  },
});
export type IncrementalAlterConfigsRequest = Infer<typeof IncrementalAlterConfigsRequest>;

/** What became of each resource. */
export const IncrementalAlterConfigsResponse = response({
  apiKey: 44,
  validVersions: "0-1",
  flexibleVersions: "1+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    responses: field(
      "0+",
      array(
        struct("AlterConfigsResourceResponse", {
          errorCode: field("0+", int16),
          /** What is wrong in words for people; null or empty for no more than the code says. */
          errorMessage: field("0+", string, { nullable: "0+" }),
          resourceType: field("0+", int8),
          resourceName: field("0+", string),
        }),
      ),
    ),
  },
});
export type IncrementalAlterConfigsResponse = Infer<typeof IncrementalAlterConfigsResponse>;
