/** Whom a quota is for, and what quotas there are. */

/** `user` and `client-id`, alone or together, or `ip` alone, each with a name; null for whoever has none of its own. */
export type QuotaEntity = ReadonlyMap<string, string | null>;

export const USER = "user";
export const CLIENT_ID = "client-id";
export const IP = "ip";

const ORDER: readonly string[] = [CLIENT_ID, USER, IP];

/** What can be limited, and whether in whole numbers only. */
export const USER_QUOTAS: ReadonlyMap<string, { readonly isWhole: boolean }> = new Map([
  ["producer_byte_rate", { isWhole: true }],
  ["consumer_byte_rate", { isWhole: true }],
  ["request_percentage", { isWhole: false }],
  ["controller_mutation_rate", { isWhole: false }],
]);
export const IP_QUOTAS: ReadonlyMap<string, { readonly isWhole: boolean }> = new Map([
  ["connection_creation_rate", { isWhole: true }],
]);

/** A quota that is kept, such as `producer_byte_rate`. */
export type QuotaKey =
  | "producer_byte_rate"
  | "consumer_byte_rate"
  | "request_percentage"
  | "controller_mutation_rate";

/** An entity from its parts; of a kind that comes twice the last one counts. */
export function entityOf(
  parts: readonly { readonly entityType: string; readonly entityName: string | null }[],
): QuotaEntity {
  return new Map(parts.map(({ entityType, entityName }) => [entityType, entityName]));
}

/** The parts of an entity, in Kafka's order, which is that of a Java map. */
export function partsOf(entity: QuotaEntity): { entityType: string; entityName: string | null }[] {
  const parts = Array.from(entity, ([entityType, entityName]) => ({ entityType, entityName }));
  return parts.sort((a, b) => ORDER.indexOf(a.entityType) - ORDER.indexOf(b.entityType));
}

/** The same text for the same entity, whatever the order of its parts. */
export function keyOf(entity: QuotaEntity): string {
  return JSON.stringify([...entity].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** As Kafka writes it. */
export function describeEntity(entity: QuotaEntity): string {
  const parts = Array.from(entity, ([type, name]) => `${type}=${name}`);
  return `ClientQuotaEntity(entries={${parts.join(", ")}})`;
}
