/**
 * DeleteAcls, v1-3: removes all rules of access control that a filter finds.
 *
 * - A number of 0 ends the connection, as Kafka cannot read such a request.
 * - Without an authorizer: SECURITY_DISABLED.
 *
 * Differs from Kafka: up to 2.x any broker may be asked.
 */

import { DeleteAclsRequest, DeleteAclsResponse } from "../../protocol/messages/delete-acls.ts";
import type { Infer } from "../../protocol/schema.ts";
import { HANG_UP, serve } from "../api.ts";
import { NONE, Refusal } from "../error-code.ts";
import type { Acl } from "../security/acl.ts";
import type { AclAuthorizer } from "../security/acl-authorizer.ts";
import { aclsFor, checkFilter, isIncomplete } from "../security/check-acl.ts";

type Filter = Infer<typeof DeleteAclsRequest>["filters"][number];

export const DeleteAcls = serve({
  request: DeleteAclsRequest,
  response: DeleteAclsResponse,
  refuse: ({ filters }, errorCode, errorMessage) => ({
    filterResults: filters.map(() => ({ errorCode, errorMessage })),
  }),
  handle: ({ filters }, context) => {
    const isUnreadable = filters.some(
      ({ resourceTypeFilter, patternTypeFilter, operation, permissionType }) =>
        isIncomplete(resourceTypeFilter, patternTypeFilter, operation, permissionType),
    );
    if (isUnreadable) return HANG_UP;
    const acls = aclsFor("ALTER", context, "No Authorizer is configured.");
    // A rule that two filters find is told of twice.
    const results = filters.map((filter) => find(filter, acls));
    for (const { found } of results) for (const acl of found) acls.remove(acl);
    return {
      filterResults: results.map(({ errorCode, errorMessage, found }) => ({
        errorCode,
        errorMessage,
        matchingAcls: found.map((acl) => ({ errorCode: NONE, errorMessage: null, ...acl })),
      })),
    };
  },
});

function find(
  filter: Filter,
  acls: AclAuthorizer,
): { readonly errorCode: number; readonly errorMessage: string | null; readonly found: readonly Acl[] } {
  try {
    checkFilter(filter);
    return { errorCode: NONE, errorMessage: null, found: acls.find(filter) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { errorCode: error.errorCode, errorMessage: error.message, found: [] };
  }
}
