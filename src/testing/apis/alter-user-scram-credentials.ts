/**
 * AlterUserScramCredentials, v0: sets and removes the passwords of users for SCRAM, each on its own.
 *
 * - Who logs in next goes by them at once; connections that are open stay.
 * - A user may come only once, whatever the mechanisms (DUPLICATE_RESOURCE).
 */

import {
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
} from "../../protocol/messages/alter-user-scram-credentials.ts";
import type { Infer } from "../../protocol/schema.ts";
import { serve } from "../api.ts";
import { NONE, Refusal } from "../error-code.ts";
import { CLUSTER_NAME } from "../security/authorizer.ts";
import {
  credentialOf,
  LEAST_ITERATIONS,
  SCRAM_MECHANISMS,
  type ScramMechanism,
  scramMechanisms,
} from "../security/sasl/scram-keys.ts";
import { entryOf, type Users } from "../security/sasl/users.ts";

type Request = Infer<typeof AlterUserScramCredentialsRequest>;
/** Changes a user once all that are asked for are known. */
type Change = () => void;

const MOST_ITERATIONS = 16_384;

export const AlterUserScramCredentials = serve({
  request: AlterUserScramCredentialsRequest,
  response: AlterUserScramCredentialsResponse,
  refuse: ({ deletions, upsertions }, errorCode, errorMessage) => ({
    results: Array.from(new Set([...deletions, ...upsertions].map(({ name }) => name)), (user) => ({
      user,
      errorCode,
      errorMessage,
    })),
  }),
  withoutSecrets: (request) => ({
    ...request,
    upsertions: request.upsertions.map((upsertion) => ({ ...upsertion, saltedPassword: new Uint8Array(0) })),
  }),
  handle: (request, context) => {
    if (!context.allows("ALTER", "CLUSTER", CLUSTER_NAME)) {
      throw new Refusal("CLUSTER_AUTHORIZATION_FAILED", "Cluster authorization failed.");
    }
    return { results: alter(request, context.cluster.sasl.users) };
  },
});

function alter({ deletions, upsertions }: Request, users: Users) {
  const changes = new Map<string, Change | Refusal>();
  const add = (name: string, check: () => Change): void => {
    const earlier = changes.get(name);
    if (earlier instanceof Refusal) return;
    changes.set(name, earlier === undefined ? attempt(check) : twice());
  };
  for (const { name, mechanism } of deletions) {
    add(name, () => {
      const entries = users.scram(checkUser(name, mechanism));
      if (!entries.has(name)) {
        throw new Refusal("RESOURCE_NOT_FOUND", "Attempt to delete a user credential that does not exist");
      }
      return () => entries.delete(name);
    });
  }
  for (const upsertion of upsertions) add(upsertion.name, () => upsert(upsertion, users));
  return Array.from(changes, ([user, change]) => {
    if (change instanceof Refusal) return { user, errorCode: change.errorCode, errorMessage: change.message };
    change();
    return { user, errorCode: NONE, errorMessage: null };
  });
}

function upsert(
  { name, mechanism, iterations, salt, saltedPassword }: Request["upsertions"][number],
  users: Users,
): Change {
  const known = checkUser(name, mechanism);
  if (iterations < LEAST_ITERATIONS) throw new Refusal("UNACCEPTABLE_CREDENTIAL", "Too few iterations");
  if (iterations > MOST_ITERATIONS) throw new Refusal("UNACCEPTABLE_CREDENTIAL", "Too many iterations");
  // The request's memory is not ours to keep.
  const [ownSalt, own] = [new Uint8Array(salt), new Uint8Array(saltedPassword)];
  return () => {
    const entry = entryOf(iterations, () => credentialOf(known, own, ownSalt, iterations));
    users.scram(known).set(name, entry);
  };
}

function checkUser(name: string, mechanism: number): ScramMechanism {
  if (name === "") throw new Refusal("UNACCEPTABLE_CREDENTIAL", "Username must not be empty");
  const known = scramMechanisms.find((one) => SCRAM_MECHANISMS[one].number === mechanism);
  if (known === undefined) throw new Refusal("UNSUPPORTED_SASL_MECHANISM", "Unknown SCRAM mechanism");
  return known;
}

function twice(): Refusal {
  return new Refusal("DUPLICATE_RESOURCE", "A user credential cannot be altered twice in the same request");
}

function attempt(check: () => Change): Change | Refusal {
  try {
    return check();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
