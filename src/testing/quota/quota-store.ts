/**
 * The quotas that were set, and which of them counts for whom.
 *
 * Owner of: quotas.
 */

import { CLIENT_ID, keyOf, type QuotaEntity, type QuotaKey, USER } from "./quota-entity.ts";

/** What is limited for an entity. */
export interface EntityQuotas {
  readonly entity: QuotaEntity;
  readonly values: Map<string, number>;
}

/** The quota that counts for a client, and with whom it shares it. */
export interface Limit {
  /** Null for none. */
  readonly most: number | null;
  /** The same for all who share it. */
  readonly sharedBy: string;
}

export class QuotaStore {
  readonly #byEntity = new Map<string, EntityQuotas>();
  /** Those that have ever been set. */
  readonly #keys = new Set<string>();

  get all(): Iterable<EntityQuotas> {
    return this.#byEntity.values();
  }

  /** Whether there has ever been a quota of this kind: before, nothing is counted. */
  has(key: QuotaKey): boolean {
    return this.#keys.has(key);
  }

  /** Whether there has ever been a quota. */
  get isEmpty(): boolean {
    return this.#keys.size === 0;
  }

  of(entity: QuotaEntity): ReadonlyMap<string, number> {
    return this.#byEntity.get(keyOf(entity))?.values ?? new Map();
  }

  /** Sets quotas; null removes one. */
  set(entity: QuotaEntity, changes: ReadonlyMap<string, number | null>): void {
    const key = keyOf(entity);
    const quotas = this.#byEntity.get(key) ?? { entity, values: new Map() };
    for (const [name, value] of changes) {
      if (value === null) quotas.values.delete(name);
      else {
        quotas.values.set(name, value);
        this.#keys.add(name);
      }
    }
    if (quotas.values.size > 0) this.#byEntity.set(key, quotas);
    else this.#byEntity.delete(key);
  }

  /** What counts for a client: the most special quota that there is (KIP-55, KIP-124). */
  limit(key: QuotaKey, user: string, clientId: string): Limit {
    for (const { entity, sharesUser, sharesClient } of candidates(user, clientId)) {
      const most = this.of(entity).get(key);
      if (most === undefined) continue;
      return { most, sharedBy: JSON.stringify([sharesUser ? user : "", sharesClient ? clientId : ""]) };
    }
    return { most: null, sharedBy: JSON.stringify(["", clientId]) };
  }
}

/** Kafka's order of precedence. What is set for all users, say, is for each of them, and not for all together. */
function candidates(user: string, clientId: string) {
  const both = (name: string | null, client: string | null) => ({
    entity: new Map([
      [USER, name],
      [CLIENT_ID, client],
    ]),
    sharesUser: true,
    sharesClient: true,
  });
  const userOnly = (name: string | null) => ({
    entity: new Map([[USER, name]]),
    sharesUser: true,
    sharesClient: false,
  });
  const clientOnly = (client: string | null) => ({
    entity: new Map([[CLIENT_ID, client]]),
    sharesUser: false,
    sharesClient: true,
  });
  return [
    both(user, clientId),
    both(user, null),
    userOnly(user),
    both(null, clientId),
    both(null, null),
    userOnly(null),
    clientOnly(clientId),
    clientOnly(null),
  ];
}
