import type { RequestContext } from "../api.ts";
import { OPERATIONS, type Operation, type ResourceType } from "./authorizer.ts";

/** The operations that there are for each type of resource. */
const OF_TYPE: Readonly<Partial<Record<ResourceType, readonly Operation[]>>> = {
  TOPIC: ["READ", "WRITE", "CREATE", "DESCRIBE", "DELETE", "ALTER", "DESCRIBE_CONFIGS", "ALTER_CONFIGS"],
  GROUP: ["READ", "DESCRIBE", "DELETE", "DESCRIBE_CONFIGS", "ALTER_CONFIGS"],
  CLUSTER: [
    "CREATE",
    "CLUSTER_ACTION",
    "DESCRIBE_CONFIGS",
    "ALTER_CONFIGS",
    "IDEMPOTENT_WRITE",
    "ALTER",
    "DESCRIBE",
  ],
};

/** What the client may do, as the bits that answers have (KIP-430): each operation at its number. */
export function authorizedOperations(context: RequestContext, type: ResourceType, name: string): number {
  // Kafka tells nothing of what the client may not see.
  if (!context.allows("DESCRIBE", type, name)) return 0;
  let bits = 0;
  for (const operation of OF_TYPE[type] ?? []) {
    if (context.allows(operation, type, name)) bits |= 1 << OPERATIONS[operation];
  }
  return bits;
}
