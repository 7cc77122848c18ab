/**
 * AlterUserScramCredentials (key 51, KIP-554): sets and removes users' passwords for SCRAM. The password
 * itself is never sent, only what SCRAM makes of it. Admin clients send it to the controller, or with KRaft
 * to any broker, which forwards it. Each user succeeds or fails on its own.
 *
 * Errors of a user:
 *
 * - RESOURCE_NOT_FOUND: there is nothing to remove.
 * - DUPLICATE_RESOURCE: the user came more than once, be it with different mechanisms.
 * - UNACCEPTABLE_CREDENTIAL: the name is empty, or the iterations are too few or too many.
 * - UNSUPPORTED_SASL_MECHANISM: there is no such mechanism.
 * - UNSUPPORTED_VERSION: the cluster's `metadata.version` is too old for SCRAM.
 * - NOT_CONTROLLER: look up the controller and send it there.
 * - CLUSTER_AUTHORIZATION_FAILED: the principal may not alter the cluster.
 *
 * Apart from NOT_CONTROLLER there is nothing to retry.
 */

import { bytes, int8, int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Passwords to remove and to set; a user may come only once in both together. */
export const AlterUserScramCredentialsRequest = request({
  apiKey: 51,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    deletions: field(
      "0+",
      array(
        struct("ScramCredentialDeletion", {
          name: field("0+", string),
          /** 1 SCRAM-SHA-256, 2 SCRAM-SHA-512. */
          mechanism: field("0+", int8),
        }),
      ),
    ),
    /** Set whether or not there was one before. */
    upsertions: field(
      "0+",
      array(
        struct("ScramCredentialUpsertion", {
          name: field("0+", string),
          /** 1 SCRAM-SHA-256, 2 SCRAM-SHA-512. */
          mechanism: field("0+", int8),
          /** From 4096 to 16384. */
          iterations: field("0+", int32),
          /** Random bytes. */
          salt: field("0+", bytes),
          /**
           * The password hashed with `salt` and `iterations`: SCRAM's function `Hi`, which is PBKDF2 with the
           * mechanism's HMAC.
           */
          saltedPassword: field("0+", bytes),
        }),
      ),
    ),
  },
});
export type AlterUserScramCredentialsRequest = Infer<typeof AlterUserScramCredentialsRequest>;

/** What became of each user. */
export const AlterUserScramCredentialsResponse = response({
  apiKey: 51,
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("0+", int32),
    results: field(
      "0+",
      array(
        struct("AlterUserScramCredentialsResult", {
          user: field("0+", string),
          errorCode: field("0+", int16),
          /** What is wrong in words for people; null or empty for no more than the code says. */
          errorMessage: field("0+", string, { nullable: "0+" }),
        }),
      ),
    ),
  },
});
export type AlterUserScramCredentialsResponse = Infer<typeof AlterUserScramCredentialsResponse>;
