/**
 * DescribeClientQuotas (key 48, KIP-546): the quotas of users, client ids and ips (KIP-612). Admin clients
 * send it to any broker.
 *
 * Versions: 1 is flexible.
 *
 * Errors:
 *
 * - INVALID_REQUEST: a type came twice, an ip was combined with another type, or a name was given where none
 *   belongs, or the other way round. Nothing to retry.
 * - UNSUPPORTED_VERSION: the broker does not know the type. Nothing to retry.
 * - CLUSTER_AUTHORIZATION_FAILED: the principal may not describe the cluster's configuration. Nothing to
 *   retry.
 */

import { bool, float64, int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** A filter. Without components it finds everything, or with `strict` nothing. */
export const DescribeClientQuotasRequest = request({
  apiKey: 48,
  validVersions: "0-1",
  flexibleVersions: "1+",
  fields: {
    /** Conditions, all of which have to match. */
    components: field(
      "0+",
      array(
        struct("ComponentData", {
          /**
           * `user`, `client-id` or `ip`, each only once. An ip stands alone; the other two may be combined.
           */
          entityType: field("0+", string),
          /** 0 the entity called `match`, 1 the default one, 2 all, the default one included. */
          matchType: field("0+", int8),
          /** Name to look for; null unless `matchType` is 0. */
          match: field("0+", string, { nullable: "0+" }),
        }),
      ),
    ),
    /**
     * Whether to leave out quotas of more types than `components` names, such as that of a user with a client
     * id where only the user was asked for.
     */
    strict: field("0+", bool),
  },
});
export type DescribeClientQuotasRequest = Infer<typeof DescribeClientQuotasRequest>;

/** The quotas that matched. */
export const DescribeClientQuotasResponse = response({
  apiKey: 48,
  validVersions: "0-1",
  flexibleVersions: "1+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    /** What is wrong in words for people; null or empty for no more than the code says. */
    errorMessage: field("0+", string, { nullable: "0+" }),
    /** Null with an error. */
    entries: field(
      "0+",
      array(
        struct("EntryData", {
          /** Whom the quotas are for: the user, the client id, or the two together, or the ip. */
          entity: field(
            "0+",
            array(
              struct("EntityData", {
                entityType: field("0+", string),
                /** Null for the default: whoever has no quota of its own. */
                entityName: field("0+", string, { nullable: "0+" }),
              }),
            ),
          ),
          values: field(
            "0+",
            array(
              struct("ValueData", {
                /**
                 * `producer_byte_rate` and `consumer_byte_rate` (bytes a second, on each broker),
                 * `request_percentage` (share of one thread's time on each broker, so that it may exceed
                 * 100), `controller_mutation_rate` (partitions created and deleted a second); for an ip
                 * `connection_creation_rate` (connections a second, on each broker).
                 */
                key: field("0+", string),
                value: field("0+", float64),
              }),
            ),
          ),
        }),
      ),
      { nullable: "0+" },
    ),
  },
});
export type DescribeClientQuotasResponse = Infer<typeof DescribeClientQuotasResponse>;
