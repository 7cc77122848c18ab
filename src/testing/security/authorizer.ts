/** Who may do what. The seam between the APIs, which ask, and access control lists, which answer. */

/** Numbers of Kafka's operations, as ACL requests have them. */
export const OPERATIONS = {
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
  CREATE_TOKENS: 13,
  DESCRIBE_TOKENS: 14,
  TWO_PHASE_COMMIT: 15,
} as const;

export type Operation = keyof typeof OPERATIONS;

/** Numbers of Kafka's resource types, as ACL requests have them. */
export const RESOURCE_TYPES = {
  TOPIC: 2,
  GROUP: 3,
  CLUSTER: 4,
  TRANSACTIONAL_ID: 5,
  DELEGATION_TOKEN: 6,
  USER: 7,
} as const;

export type ResourceType = keyof typeof RESOURCE_TYPES;

/** The name of the one resource of type CLUSTER. */
export const CLUSTER_NAME = "kafka-cluster";

/** Whom a connection belongs to. */
export interface Principal {
  readonly type: string;
  readonly name: string;
  /** Whether a delegation token has shown it: who has one gets no further ones. */
  readonly isByToken?: boolean;
}

/** Whom a connection without authentication belongs to. */
export const ANONYMOUS: Principal = { type: "User", name: "ANONYMOUS" };

export interface Authorizer {
  /** @param host the client's address */
  allows(
    principal: Principal,
    host: string,
    operation: Operation,
    resourceType: ResourceType,
    resourceName: string,
  ): boolean;
  /** Whether there may be a resource of this type with which it is allowed. */
  allowsSome(principal: Principal, host: string, operation: Operation, resourceType: ResourceType): boolean;
}

/** As a Kafka without authorizer. */
export const allowEverything: Authorizer = { allows: () => true, allowsSome: () => true };
