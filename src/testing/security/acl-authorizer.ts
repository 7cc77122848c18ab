/**
 * Who may do what by access control lists, as Kafka's StandardAuthorizer decides it: what denies wins; then what
 * allows; and where no rule is about the resource, whatever `allowEveryoneIfNoAclFound` says.
 *
 * Owner of: the rules.
 */

import {
  type Acl,
  type AclFilter,
  ALL_OPERATIONS,
  appliesTo,
  finds,
  PATTERN_TYPES,
  PERMISSIONS,
  WILDCARD,
} from "./acl.ts";
import {
  type Authorizer,
  OPERATIONS,
  type Operation,
  type Principal,
  RESOURCE_TYPES,
  type ResourceType,
} from "./authorizer.ts";

/** How a cluster with access control lists begins. */
export interface AuthorizerOptions {
  /** Who may do everything, such as `User:admin`. Default: nobody. */
  readonly superUsers?: readonly string[];
  /** Whether everybody may do what no rule is about. Default: false, as in Kafka. */
  readonly allowEveryoneIfNoAclFound?: boolean;
}

/** Whoever may do the one may do the other, too. */
const IMPLIED: Readonly<Partial<Record<Operation, readonly Operation[]>>> = {
  DESCRIBE: ["READ", "WRITE", "DELETE", "ALTER"],
  DESCRIBE_CONFIGS: ["ALTER_CONFIGS"],
};
const EVERYBODY = "User:*";

export class AclAuthorizer implements Authorizer {
  readonly #superUsers: ReadonlySet<string>;
  readonly #allowsByDefault: boolean;
  #acls: readonly Acl[] = [];

  constructor({ superUsers = [], allowEveryoneIfNoAclFound = false }: AuthorizerOptions) {
    this.#superUsers = new Set(superUsers);
    this.#allowsByDefault = allowEveryoneIfNoAclFound;
  }

  /** The rules that a filter finds. */
  find(filter: AclFilter): Acl[] {
    return this.#acls.filter((acl) => finds(filter, acl));
  }

  /** Adds a rule, unless it is there. */
  add(acl: Acl): void {
    const keys = Object.keys(acl) as (keyof Acl)[];
    const isThere = this.#acls.some((other) => keys.every((key) => other[key] === acl[key]));
    if (!isThere) this.#acls = [...this.#acls, acl];
  }

  /** Removes a rule that was found. */
  remove(acl: Acl): void {
    this.#acls = this.#acls.filter((other) => other !== acl);
  }

  allows(
    principal: Principal,
    host: string,
    operation: Operation,
    resourceType: ResourceType,
    resourceName: string,
  ): boolean {
    const name = `${principal.type}:${principal.name}`;
    if (this.#superUsers.has(name)) return true;
    const type = RESOURCE_TYPES[resourceType];
    const about = this.#acls.filter((acl) => acl.resourceType === type && appliesTo(acl, resourceName));
    const theirs = about.filter((acl) => isOf(acl, name, host));
    if (theirs.some((acl) => denies(acl, operation))) return false;
    if (theirs.some((acl) => permits(acl, operation))) return true;
    return about.length === 0 && this.#allowsByDefault;
  }

  allowsSome(principal: Principal, host: string, operation: Operation, resourceType: ResourceType): boolean {
    // Kafka asks with a name of its own, which finds super users and what is so by default.
    if (this.allows(principal, host, operation, resourceType, "hardcode")) return true;
    const name = `${principal.type}:${principal.name}`;
    const type = RESOURCE_TYPES[resourceType];
    const theirs = this.#acls.filter((acl) => acl.resourceType === type && isOf(acl, name, host));
    const denied = theirs.filter((acl) => denies(acl, operation));
    const allowed = theirs.filter((acl) => permits(acl, operation));
    return allowed.some((acl) => !denied.some((deny) => covers(deny, acl)));
  }
}

/** Whether a rule is about all that another is about. */
function covers(wide: Acl, narrow: Acl): boolean {
  if (wide.patternType === PATTERN_TYPES.LITERAL && wide.resourceName !== WILDCARD) {
    return narrow.patternType === PATTERN_TYPES.LITERAL && narrow.resourceName === wide.resourceName;
  }
  return appliesTo(wide, narrow.resourceName);
}

function isOf(acl: Acl, principal: string, host: string): boolean {
  if (acl.principal !== principal && acl.principal !== EVERYBODY) return false;
  return acl.host === host || acl.host === WILDCARD;
}

function denies({ permissionType, operation }: Acl, asked: Operation): boolean {
  const isMeant = operation === ALL_OPERATIONS || operation === OPERATIONS[asked];
  return permissionType === PERMISSIONS.DENY && isMeant;
}

/** Only what allows implies more than it says. */
function permits({ permissionType, operation }: Acl, asked: Operation): boolean {
  if (permissionType !== PERMISSIONS.ALLOW) return false;
  if (operation === ALL_OPERATIONS || operation === OPERATIONS[asked]) return true;
  return IMPLIED[asked]?.some((other) => operation === OPERATIONS[other]) === true;
}
