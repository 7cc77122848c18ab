/**
 * AlterClientQuotas (key 49, KIP-546): sets and removes quotas of users, client ids and ips (KIP-612). Admin
 * clients send it to the controller, or with KRaft to any broker, which forwards it. Each entry succeeds or
 * fails on its own.
 *
 * Versions: 1 is flexible.
 *
 * Errors of an entry:
 *
 * - INVALID_REQUEST: the entity is empty, of an unknown type or combination, or came twice; or a key came
 *   twice, does not fit the entity, or has a value that is not above 0. Nothing to retry.
 * - NOT_CONTROLLER: look up the controller and send it there.
 * - CLUSTER_AUTHORIZATION_FAILED: the principal may not alter the cluster's configuration. Nothing to retry.
 */

import { bool, float64, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Quotas to set and to remove; others of the same entities stay. */
export const AlterClientQuotasRequest = request({
  apiKey: 49,
  validVersions: "0-1",
  flexibleVersions: "1+",
  fields: {
    entries: field(
      "0+",
      array(
        struct("EntryData", {
          /** Whom the quotas are for: a user, a client id, or the two together, or an ip. */
          entity: field(
            "0+",
            array(
              struct("EntityData", {
                /** `user`, `client-id` or `ip`. */
                entityType: field("0+", string),
                /** Null for the default: whoever has no quota of its own. */
                entityName: field("0+", string, { nullable: "0+" }),
              }),
            ),
          ),
          /** Each key may come only once. */
          ops: field(
            "0+",
            array(
              struct("OpData", {
                /**
                 * `producer_byte_rate` and `consumer_byte_rate` (bytes a second, on each broker),
                 * `request_percentage` (share of one thread's time on each broker, so that it may exceed
                 * 100), `controller_mutation_rate` (partitions created and deleted a second); for an ip
                 * `connection_creation_rate` (connections a second, on each broker).
                 */
                key: field("0+", string),
                /** Above 0. With `remove` it is not looked at. */
                value: field("0+", float64),
                /** True to remove the quota, false to set it. */
                remove: field("0+", bool),
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
export type AlterClientQuotasRequest = Infer<typeof AlterClientQuotasRequest>;

/** What became of each entry. */
export const AlterClientQuotasResponse = response({
  apiKey: 49,
  validVersions: "0-1",
  flexibleVersions: "1+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    entries: field(
      "0+",
      array(
        struct("EntryData", {
          errorCode: field("0+", int16),
          /** What is wrong in words for people; null or empty for no more than the code says. */
          errorMessage: field("0+", string, { nullable: "0+" }),
          /** As in the request. */
          entity: field(
            "0+",
            array(
              struct("EntityData", {
                entityType: field("0+", string),
                entityName: field("0+", string, { nullable: "0+" }),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type AlterClientQuotasResponse = Infer<typeof AlterClientQuotasResponse>;
