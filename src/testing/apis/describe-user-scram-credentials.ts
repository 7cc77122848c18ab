/**
 * DescribeUserScramCredentials, v0: which users can log in by SCRAM; neither salts nor keys are told.
 *
 * The users that the cluster was started with are told of as well, with both mechanisms.
 */

import {
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse,
} from "../../protocol/messages/describe-user-scram-credentials.ts";
import { serve } from "../api.ts";
import { errorNumber, NONE, Refusal } from "../error-code.ts";
import { CLUSTER_NAME } from "../security/authorizer.ts";
import { SCRAM_MECHANISMS, scramMechanisms } from "../security/sasl/scram-keys.ts";
import type { Users } from "../security/sasl/users.ts";

const DUPLICATE_RESOURCE = errorNumber("DUPLICATE_RESOURCE");
const RESOURCE_NOT_FOUND = errorNumber("RESOURCE_NOT_FOUND");

export const DescribeUserScramCredentials = serve({
  request: DescribeUserScramCredentialsRequest,
  response: DescribeUserScramCredentialsResponse,
  refuse: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
  handle: ({ users }, context) => {
    if (!context.allows("DESCRIBE", "CLUSTER", CLUSTER_NAME)) {
      throw new Refusal("CLUSTER_AUTHORIZATION_FAILED", "Cluster authorization failed.");
    }
    const known = context.cluster.sasl.users;
    const asked = users?.map(({ name }) => name) ?? [];
    const names = asked.length > 0 ? asked : scramMechanisms.flatMap((one) => [...known.scram(one).keys()]);
    return {
      errorCode: NONE,
      results: Array.from(new Set(names), (name) => describe(name, asked, known)),
    };
  },
});

function describe(user: string, asked: readonly string[], known: Users) {
  if (asked.indexOf(user) !== asked.lastIndexOf(user)) {
    const errorMessage = `Cannot describe SCRAM credentials for the same user twice in a single request: ${user}`;
    return { user, errorCode: DUPLICATE_RESOURCE, errorMessage };
  }
  const credentialInfos = scramMechanisms.flatMap((mechanism) => {
    const entry = known.scram(mechanism).get(user);
    return entry === undefined
      ? []
      : [{ mechanism: SCRAM_MECHANISMS[mechanism].number, iterations: entry.iterations }];
  });
  if (credentialInfos.length > 0) return { user, errorCode: NONE, credentialInfos };
  const errorMessage = `Attempt to describe a user credential that does not exist: ${user}`;
  return { user, errorCode: RESOURCE_NOT_FOUND, errorMessage };
}
