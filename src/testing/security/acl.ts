/** One rule of access control, and filters that find such rules. Numbers are those of Kafka's requests. */

/** Stands for every resource of a type, every host. */
export const WILDCARD = "*";

/** What a number means in a filter, beside what it means in a rule. */
export const ANY = 1;
const MATCH = 2;

export const PATTERN_TYPES = { LITERAL: 3, PREFIXED: 4 } as const;
export const PERMISSIONS = { DENY: 2, ALLOW: 3 } as const;
/** Stands for every operation. */
export const ALL_OPERATIONS = 2;

export interface Acl {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly patternType: number;
  /** Such as `User:alice`. */
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

export interface AclFilter {
  readonly resourceTypeFilter: number;
  /** Null for any. */
  readonly resourceNameFilter: string | null;
  readonly patternTypeFilter: number;
  /** Null for any. */
  readonly principalFilter: string | null;
  /** Null for any. */
  readonly hostFilter: string | null;
  readonly operation: number;
  readonly permissionType: number;
}

/** Whether the rule is about a resource of this name. */
export function appliesTo({ resourceName, patternType }: Acl, name: string): boolean {
  if (patternType === PATTERN_TYPES.PREFIXED) return name.startsWith(resourceName);
  return resourceName === name || resourceName === WILDCARD;
}

/** Whether the filter finds the rule. */
export function finds(filter: AclFilter, acl: Acl): boolean {
  return (
    isEither(filter.resourceTypeFilter, acl.resourceType) &&
    findsPattern(filter, acl) &&
    isEither(filter.principalFilter, acl.principal) &&
    isEither(filter.hostFilter, acl.host) &&
    isEither(filter.operation, acl.operation) &&
    isEither(filter.permissionType, acl.permissionType)
  );
}

function findsPattern({ resourceNameFilter: name, patternTypeFilter: type }: AclFilter, acl: Acl): boolean {
  if (type === MATCH) return name === null || appliesTo(acl, name);
  return isEither(type, acl.patternType) && isEither(name, acl.resourceName);
}

function isEither<Value>(asked: Value | null, value: Value): boolean {
  return asked === null || asked === ANY || asked === value;
}
