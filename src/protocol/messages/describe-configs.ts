/**
 * DescribeConfigs (key 32, KIP-133): the configuration of topics, brokers and other resources, with where
 * each value comes from. Admin clients ask a broker itself for its own configuration and its loggers, and any
 * broker for everything else.
 *
 * Versions: 1 tells where a value comes from, and what it stands in for (KIP-226); 2 is answered before the
 * throttling (KIP-219); 3 adds types and documentation (KIP-569); 4 is flexible. Kafka 4.0 dropped 0.
 *
 * Errors of a resource:
 *
 * - UNKNOWN_TOPIC_OR_PARTITION: no such topic, or the broker has not heard of it yet. Ask again for a while,
 *   then give up.
 * - INVALID_TOPIC_EXCEPTION: no topic can have that name. Nothing to retry.
 * - INVALID_REQUEST: the type is unknown, the name is missing, or it is that of another broker than the one
 *   asked. Nothing to retry.
 * - CLUSTER_AUTHORIZATION_FAILED (brokers, loggers, client metrics), TOPIC_AUTHORIZATION_FAILED,
 *   GROUP_AUTHORIZATION_FAILED: the principal may not describe the configuration. Nothing to retry.
 */

import { bool, int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Resources to describe. */
export const DescribeConfigsRequest = request({
  apiKey: 32,
  validVersions: "1-4",
  flexibleVersions: "4+",
  fields: {
    resources: field(
      "0+",
      array(
        struct("DescribeConfigsResource", {
          /** 2 a topic, 4 a broker, 8 a broker's loggers, 16 a subscription to client metrics, 32 a group. */
          resourceType: field("0+", int8),
          /**
           * Name of the topic, the subscription or the group, or id of the broker in decimal digits. An empty
           * name of a broker asks for what is set dynamically for all brokers.
           */
          resourceName: field("0+", string),
          /** Null or none for all. */
          configurationKeys: field("0+", array(string), { nullable: "0+" }),
        }),
      ),
    ),
    /** Asks for `synonyms`. */
    includeSynonyms: field("1+", bool),
    /** Asks for `documentation`. */
    includeDocumentation: field("3+", bool),
  },
});
export type DescribeConfigsRequest = Infer<typeof DescribeConfigsRequest>;

/** One result for each resource. */
export const DescribeConfigsResponse = response({
  apiKey: 32,
  validVersions: "1-4",
  flexibleVersions: "4+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    results: field(
      "0+",
      array(
        struct("DescribeConfigsResult", {
          errorCode: field("0+", int16),
          /** What is wrong in words for people; null or empty for no more than the code says. */
          errorMessage: field("0+", string, { nullable: "0+" }),
          /** As in the request. */
          resourceType: field("0+", int8),
          /** As in the request. */
          resourceName: field("0+", string),
          /** What is in force, be it set or a default. */
          configs: field(
            "0+",
            array(
              struct("DescribeConfigsResourceResult", {
                name: field("0+", string),
                /** As text, whatever the type; null when it is sensitive, or when there is none. */
                value: field("0+", string, { nullable: "0+" }),
                /** Whether it cannot be altered while the broker runs. */
                readOnly: field("0+", bool),
                /**
                 * Where the value comes from: 1 the topic's own, 2 one broker's dynamic, 3 all brokers'
                 * dynamic, 4 a broker's file, 5 Kafka's default, 6 a broker's logger, 7 the subscription's
                 * own, 8 the group's own; 0 or -1 when not told.
                 */
                configSource: field("1+", int8, { default: -1, ignorable: true }),
                /** Whether the value is kept secret. */
                isSensitive: field("0+", bool),
                /** Every place that gives it a value, the one in force first. Empty unless asked for. */
                synonyms: field(
                  "1+",
                  array(
                    struct("DescribeConfigsSynonym", {
                      /**
                       * Name under which it is set there; a topic's `retention.ms` is a broker's
                       * `log.retention.ms`.
                       */
                      name: field("1+", string),
                      /** Null when it is sensitive. */
                      value: field("1+", string, { nullable: "0+" }),
                      /** The same numbers as in `configSource`. */
                      source: field("1+", int8),
                    }),
                  ),
                  { ignorable: true },
                ),
                /**
                 * 1 boolean, 2 string, 3 int, 4 short, 5 long, 6 double, 7 list, 8 class, 9 password; 0 when
                 * not told.
                 */
                configType: field("3+", int8, { ignorable: true }),
                /** What it is for, with HTML in it; null unless asked for. */
                documentation: field("3+", string, { nullable: "0+", ignorable: true }),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type DescribeConfigsResponse = Infer<typeof DescribeConfigsResponse>;
