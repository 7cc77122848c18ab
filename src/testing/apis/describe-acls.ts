/**
 * DescribeAcls, v1-3: the rules of access control that a filter finds, by resource.
 *
 * - A number of 0 ends the connection, as Kafka cannot read such a request.
 * - Without an authorizer: SECURITY_DISABLED.
 */

import { DescribeAclsRequest, DescribeAclsResponse } from "../../protocol/messages/describe-acls.ts";
import { HANG_UP, serve } from "../api.ts";
import { NONE } from "../error-code.ts";
import type { Acl } from "../security/acl.ts";
import { aclsFor, isIncomplete } from "../security/check-acl.ts";

interface Resource extends Pick<Acl, "resourceType" | "resourceName" | "patternType"> {
  readonly acls: Acl[];
}

export const DescribeAcls = serve({
  request: DescribeAclsRequest,
  response: DescribeAclsResponse,
  refuse: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage }),
  handle: (filter, context) => {
    const { resourceTypeFilter, patternTypeFilter, operation, permissionType } = filter;
    if (isIncomplete(resourceTypeFilter, patternTypeFilter, operation, permissionType)) return HANG_UP;
    const acls = aclsFor("DESCRIBE", context, "No Authorizer is configured on the broker");
    return { errorCode: NONE, resources: byResource(acls.find(filter)) };
  },
});

function byResource(acls: readonly Acl[]): Resource[] {
  const resources = new Map<string, Resource>();
  for (const acl of acls) {
    const { resourceType, resourceName, patternType } = acl;
    const key = `${resourceType}/${patternType}/${resourceName}`;
    const resource = resources.get(key) ?? { resourceType, resourceName, patternType, acls: [] };
    resource.acls.push(acl);
    resources.set(key, resource);
  }
  return [...resources.values()];
}
