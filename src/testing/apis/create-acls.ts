/**
 * CreateAcls, v1-3: adds rules of access control, each on its own. One that is there already succeeds.
 *
 * - A number of 0 ends the connection, as Kafka cannot read such a request.
 * - Without an authorizer: SECURITY_DISABLED.
 *
 * Differs from Kafka: up to 2.x any broker may be asked.
 */

import { CreateAclsRequest, CreateAclsResponse } from "../../protocol/messages/create-acls.ts";
import { HANG_UP, serve } from "../api.ts";
import { NONE, Refusal } from "../error-code.ts";
import type { Acl } from "../security/acl.ts";
import type { AclAuthorizer } from "../security/acl-authorizer.ts";
import { aclsFor, checkAcl, isFilter, isIncomplete } from "../security/check-acl.ts";

export const CreateAcls = serve({
  request: CreateAclsRequest,
  response: CreateAclsResponse,
  refuse: ({ creations }, errorCode, errorMessage) => ({
    results: creations.map(() => ({ errorCode, errorMessage })),
  }),
  handle: ({ creations }, context) => {
    const rules = creations.map(
      ({ resourcePatternType: patternType, ...rest }): Acl => ({ ...rest, patternType }),
    );
    const isUnreadable = rules.some(({ resourceType, patternType, operation, permissionType }) =>
      isIncomplete(resourceType, patternType, operation, permissionType),
    );
    if (isUnreadable) return HANG_UP;
    const acls = aclsFor("ALTER", context, "No Authorizer is configured.");
    if (rules.some(isFilter)) {
      throw new Refusal(
        "UNKNOWN_SERVER_ERROR",
        "The server experienced an unexpected error when processing the request.",
      );
    }
    return { results: rules.map((rule) => create(rule, acls)) };
  },
});

function create(rule: Acl, acls: AclAuthorizer): { errorCode: number; errorMessage?: string } {
  try {
    checkAcl(rule);
  } catch (error) {
    if (error instanceof Refusal) return { errorCode: error.errorCode, errorMessage: error.message };
    throw error;
  }
  acls.add(rule);
  return { errorCode: NONE };
}
