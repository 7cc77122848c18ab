/** What the APIs of access control lists check, in the words of Kafka's controller. */

import type { RequestContext } from "../api.ts";
import { Refusal } from "../error-code.ts";
import { type Acl, type AclFilter, ALL_OPERATIONS, ANY, PATTERN_TYPES, PERMISSIONS } from "./acl.ts";
import type { AclAuthorizer } from "./acl-authorizer.ts";
import { CLUSTER_NAME, OPERATIONS, RESOURCE_TYPES } from "./authorizer.ts";

const resourceTypes: ReadonlySet<number> = new Set(Object.values(RESOURCE_TYPES));
const operations: ReadonlySet<number> = new Set([ALL_OPERATIONS, ...Object.values(OPERATIONS)]);
const patternTypes: ReadonlySet<number> = new Set(Object.values(PATTERN_TYPES));
const permissions: ReadonlySet<number> = new Set(Object.values(PERMISSIONS));
/** Of a filter. */
const MATCH = 2;

/** @throws Refusal where there are no access control lists, or the client may not do this to them. */
export function aclsFor(
  operation: "DESCRIBE" | "ALTER",
  { cluster, allows }: RequestContext,
  whereNone: string,
): AclAuthorizer {
  if (!allows(operation, "CLUSTER", CLUSTER_NAME)) {
    throw new Refusal("CLUSTER_AUTHORIZATION_FAILED", "Cluster authorization failed.");
  }
  if (cluster.acls === null) throw new Refusal("SECURITY_DISABLED", whereNone);
  return cluster.acls;
}

/** Whether a number is left out: brokers do not read such a request, and hang up. */
export function isIncomplete(...numbers: readonly number[]): boolean {
  return numbers.includes(0);
}

/** Whether a rule has in it what only filters may have; Kafka has no answer of its own to that. */
export function isFilter({ resourceType, patternType, operation, permissionType }: Acl): boolean {
  return [resourceType, patternType, operation, permissionType].includes(ANY) || patternType === MATCH;
}

/** @throws Refusal where it is no rule that can be. */
export function checkAcl({ resourceType, resourceName, patternType, operation, permissionType }: Acl): void {
  if (resourceType === RESOURCE_TYPES.CLUSTER && resourceName !== CLUSTER_NAME) {
    throw new Refusal("INVALID_REQUEST", `The only valid name for the CLUSTER resource is ${CLUSTER_NAME}`);
  }
  if (resourceName === "") throw new Refusal("INVALID_REQUEST", "Invalid empty resource name");
  if (!resourceTypes.has(resourceType)) throw unknown("resourceType");
  if (!patternTypes.has(patternType)) throw unknown("patternType");
  if (!operations.has(operation)) throw unknown("operation");
  if (!permissions.has(permissionType)) throw unknown("permissionType");
}

/** @throws Refusal where it can find nothing. */
export function checkFilter(filter: AclFilter): void {
  const { resourceTypeFilter, patternTypeFilter, operation, permissionType } = filter;
  const hasType = resourceTypeFilter === ANY || resourceTypes.has(resourceTypeFilter);
  const hasPattern = [ANY, MATCH].includes(patternTypeFilter) || patternTypes.has(patternTypeFilter);
  if (!hasType || !hasPattern) throw new Refusal("INVALID_REQUEST", "Unknown patternFilter.");
  const hasOperation = operation === ANY || operations.has(operation);
  const hasPermission = permissionType === ANY || permissions.has(permissionType);
  if (!hasOperation || !hasPermission) throw new Refusal("INVALID_REQUEST", "Unknown entryFilter.");
}

function unknown(what: string): Refusal {
  return new Refusal("INVALID_REQUEST", `Invalid ${what} UNKNOWN`);
}
