/**
 * AlterConfigs (key 33, KIP-133): replaces the whole configuration of resources: what a request leaves out
 * goes back to its default, and sensitive values, which cannot be read, are lost unless they are given anew.
 * IncrementalAlterConfigs has taken its place since Kafka 2.3. Admin clients send it to a broker itself for
 * its own configuration, and to any broker for everything else; brokers forward it to the controller.
 *
 * Versions: 1 is answered before the throttling (KIP-219); 2 is flexible.
 *
 * Errors of a resource:
 *
 * - INVALID_CONFIG, POLICY_VIOLATION: a value is wrong, or the cluster's policy forbids it.
 * - INVALID_REQUEST: a resource or a key came twice, a value is null, a broker's value is wrong, the resource
 *   is of a type that cannot be altered here, or is another broker than the one asked.
 * - UNKNOWN_TOPIC_OR_PARTITION: no such topic.
 * - NOT_CONTROLLER: look up the controller and send it there.
 * - CLUSTER_AUTHORIZATION_FAILED (brokers, client metrics), TOPIC_AUTHORIZATION_FAILED,
 *   GROUP_AUTHORIZATION_FAILED: the principal may not alter the configuration.
 *
 * Apart from NOT_CONTROLLER there is nothing to retry.
 */

import { bool, int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Resources with their new configuration. */
export const AlterConfigsRequest = request({
  apiKey: 33,
  validVersions: "0-2",
  flexibleVersions: "2+",
  fields: {
    resources: field(
      "0+",
      array(
        struct("AlterConfigsResource", {
          /** 2 a topic, 4 a broker, 16 a subscription to client metrics, 32 a group. */
          resourceType: field("0+", int8),
          /**
           * Name of the topic, the subscription or the group, or id of the broker in decimal digits. An empty
           * name of a broker stands for all brokers.
           */
          resourceName: field("0+", string),
          /** All that is to be set from now on. */
          configs: field(
            "0+",
            array(
              struct("AlterableConfig", {
                name: field("0+", string),
                /** As text, whatever the type. Null is refused: to unset a key, leave it out. */
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
export type AlterConfigsRequest = Infer<typeof AlterConfigsRequest>;

/** What became of each resource. */
export const AlterConfigsResponse = response({
  apiKey: 33,
  validVersions: "0-2",
  flexibleVersions: "2+",
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
export type AlterConfigsResponse = Infer<typeof AlterConfigsResponse>;
