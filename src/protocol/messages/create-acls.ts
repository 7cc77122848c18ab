/**
 * CreateAcls (key 30, KIP-140): adds ACLs. Admin clients send it to the controller, or with KRaft to any
 * broker, which forwards it. Each succeeds or fails on its own; one that is there already succeeds.
 *
 * Versions: 1 adds patterns (KIP-290) and is answered before the throttling (KIP-219); 2 is flexible; 3 knows
 * users as resources (KIP-373). Kafka 4.0 dropped 0.
 *
 * Errors of an ACL:
 *
 * - SECURITY_DISABLED: there is no authorizer. Nothing to retry.
 * - INVALID_REQUEST: a part of the ACL is missing, unknown, or fit only for a filter, or the cluster goes by
 *   another name than `kafka-cluster`. Nothing to retry.
 * - NOT_CONTROLLER: look up the controller and send it there.
 * - CLUSTER_AUTHORIZATION_FAILED: the principal may not alter the cluster. Nothing to retry.
 */

import { int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** ACLs to add. Leave none of the numbers out: brokers close the connection upon a 0. */
export const CreateAclsRequest = request({
  apiKey: 30,
  validVersions: "1-3",
  flexibleVersions: "2+",
  fields: {
    creations: field(
      "0+",
      array(
        struct("AclCreation", {
          /** 2 a topic, 3 a group, 4 the cluster, 5 a transactional id, 6 a delegation token, 7 a user. */
          resourceType: field("0+", int8),
          /**
           * `*` in a literal pattern is every resource of the type. The cluster is called `kafka-cluster`.
           */
          resourceName: field("0+", string),
          /** 3 literal, 4 prefixed: the name is but the beginning of the resources' names. */
          resourcePatternType: field("1+", int8, { default: 3 }),
          /** Type and name, such as `User:alice`; `User:*` is everybody. */
          principal: field("0+", string),
          /** Address that the client connects from; `*` is any. */
          host: field("0+", string),
          /**
           * 2 all, 3 read, 4 write, 5 create, 6 delete, 7 alter, 8 describe, 9 act as a broker, 10 describe
           * configurations, 11 alter configurations, 12 write idempotently, 13 create tokens, 14 describe
           * tokens, 15 two-phase commit.
           */
          operation: field("0+", int8),
          /** 2 denies, 3 allows. What denies wins. */
          permissionType: field("0+", int8),
        }),
      ),
    ),
  },
});
export type CreateAclsRequest = Infer<typeof CreateAclsRequest>;

/** What became of each ACL. */
export const CreateAclsResponse = response({
  apiKey: 30,
  validVersions: "1-3",
  flexibleVersions: "2+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    /** In the order of the request. */
    results: field(
      "0+",
      array(
        struct("AclCreationResult", {
          errorCode: field("0+", int16),
          /** What is wrong in words for people; null or empty when nothing is. */
          errorMessage: field("0+", string, { nullable: "0+" }),
        }),
      ),
    ),
  },
});
export type CreateAclsResponse = Infer<typeof CreateAclsResponse>;
