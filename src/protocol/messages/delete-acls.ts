/**
 * DeleteAcls (key 31, KIP-140): deletes all ACLs that match a filter. Admin clients send it to the
 * controller, or with KRaft to any broker, which forwards it.
 *
 * Versions: 1 adds patterns (KIP-290) and is answered before the throttling (KIP-219); 2 is flexible; 3 knows
 * users as resources (KIP-373). Kafka 4.0 dropped 0.
 *
 * Errors of a filter:
 *
 * - SECURITY_DISABLED: there is no authorizer. Nothing to retry.
 * - INVALID_REQUEST: a part of the filter is unknown to the controller. Nothing to retry.
 * - NOT_CONTROLLER: look up the controller and send it there.
 * - CLUSTER_AUTHORIZATION_FAILED: the principal may not alter the cluster. Nothing to retry.
 */

import { int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/**
 * Filters of the same kind as in DescribeAcls; what any of them matches goes. Leave none of the numbers out:
 * brokers close the connection upon a 0.
 */
export const DeleteAclsRequest = request({
  apiKey: 31,
  validVersions: "1-3",
  flexibleVersions: "2+",
  fields: {
    filters: field(
      "0+",
      array(
        struct("DeleteAclsFilter", {
          /**
           * 1 for any, 2 a topic, 3 a group, 4 the cluster, 5 a transactional id, 6 a delegation token, 7 a
           * user.
           */
          resourceTypeFilter: field("0+", int8),
          /** Null for any. */
          resourceNameFilter: field("0+", string, { nullable: "0+" }),
          /**
           * How to look for the name: 1 any pattern of that very name, 2 all patterns that apply to a
           * resource of that name, 3 literal and 4 prefixed ones of that very name.
           */
          patternTypeFilter: field("1+", int8, { default: 3 }),
          /** Compared as a whole, so that `User:*` finds only what is written so; null for any. */
          principalFilter: field("0+", string, { nullable: "0+" }),
          /** Compared as a whole; null for any. */
          hostFilter: field("0+", string, { nullable: "0+" }),
          /**
           * 1 for any, 2 all, 3 read, 4 write, 5 create, 6 delete, 7 alter, 8 describe, 9 act as a broker, 10
           * describe configurations, 11 alter configurations, 12 write idempotently, 13 create tokens, 14
           * describe tokens, 15 two-phase commit.
           */
          operation: field("0+", int8),
          /** 1 for any, 2 to deny, 3 to allow. */
          permissionType: field("0+", int8),
        }),
      ),
    ),
  },
});
export type DeleteAclsRequest = Infer<typeof DeleteAclsRequest>;

/** What was deleted. */
export const DeleteAclsResponse = response({
  apiKey: 31,
  validVersions: "1-3",
  flexibleVersions: "2+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    /** In the order of the request. */
    filterResults: field(
      "0+",
      array(
        struct("DeleteAclsFilterResult", {
          /** 0, or what is wrong with the filter. */
          errorCode: field("0+", int16),
          /** What is wrong in words for people; null or empty when nothing is. */
          errorMessage: field("0+", string, { nullable: "0+" }),
          /** None when nothing matched, which is no error. */
          matchingAcls: field(
            "0+",
            array(
              struct("DeleteAclsMatchingAcl", {
                /** 0, or why this one was not deleted. */
                errorCode: field("0+", int16),
                /** What is wrong in words for people; null or empty when nothing is. */
                errorMessage: field("0+", string, { nullable: "0+" }),
                /** The same numbers as in the filter. */
                resourceType: field("0+", int8),
                /**
                 * `*` in a literal pattern is every resource of the type. The cluster is called
                 * `kafka-cluster`.
                 */
                resourceName: field("0+", string),
                /** 3 literal, 4 prefixed: the name is but the beginning of the resources' names. */
                patternType: field("1+", int8, { default: 3 }),
                /** Type and name, such as `User:alice`; `User:*` is everybody. */
                principal: field("0+", string),
                /** Address that the client connects from; `*` is any. */
                host: field("0+", string),
                /** The same numbers as in the filter. */
                operation: field("0+", int8),
                /** 2 denies, 3 allows. */
                permissionType: field("0+", int8),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type DeleteAclsResponse = Infer<typeof DeleteAclsResponse>;
