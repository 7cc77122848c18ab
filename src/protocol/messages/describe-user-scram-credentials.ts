/**
 * DescribeUserScramCredentials (key 50, KIP-554): which users have a password for SCRAM. Neither salts nor
 * keys are told. Admin clients send it to any broker.
 *
 * Error of the whole: CLUSTER_AUTHORIZATION_FAILED, when the principal may not describe the cluster.
 *
 * Errors of a user: RESOURCE_NOT_FOUND, when there is no password for it, and DUPLICATE_RESOURCE, when it was
 * asked for twice. Nothing to retry.
 */

import { int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Users to describe. */
export const DescribeUserScramCredentialsRequest = request({
  apiKey: 50,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** Null or none for all that have a password. */
    users: field(
      "0+",
      array(
        struct("UserName", {
          name: field("0+", string),
        }),
      ),
      { nullable: "0+" },
    ),
  },
});
export type DescribeUserScramCredentialsRequest = Infer<typeof DescribeUserScramCredentialsRequest>;

/** One result for each user. */
export const DescribeUserScramCredentialsResponse = response({
  apiKey: 50,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    /** 0, or what is wrong with the whole. */
    errorCode: field("0+", int16),
    /** What is wrong in words for people; null or empty for no more than the code says. */
    errorMessage: field("0+", string, { nullable: "0+" }),
    results: field(
      "0+",
      array(
        struct("DescribeUserScramCredentialsResult", {
          user: field("0+", string),
          errorCode: field("0+", int16),
          /** What is wrong in words for people; null or empty for no more than the code says. */
          errorMessage: field("0+", string, { nullable: "0+" }),
          /** One for each mechanism that the user can log in with. */
          credentialInfos: field(
            "0+",
            array(
              struct("CredentialInfo", {
                /** 1 SCRAM-SHA-256, 2 SCRAM-SHA-512. */
                mechanism: field("0+", int8),
                /** How often the password is hashed. */
                iterations: field("0+", int32),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type DescribeUserScramCredentialsResponse = Infer<typeof DescribeUserScramCredentialsResponse>;
