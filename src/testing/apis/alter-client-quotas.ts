/**
 * AlterClientQuotas, v0-1: sets and removes quotas, of each entity on its own.
 *
 * What is set counts at once, on all brokers.
 *
 * Differs from Kafka: the rate at which an ip may connect is kept, and nobody is kept from connecting by it. An ip is
 * an address or `localhost`: other names are not looked up.
 */

import {
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
} from "../../protocol/messages/alter-client-quotas.ts";
import type { Infer } from "../../protocol/schema.ts";
import { type RequestContext, serve } from "../api.ts";
import { NONE, Refusal } from "../error-code.ts";
import {
  CLIENT_ID,
  describeEntity,
  entityOf,
  IP,
  IP_QUOTAS,
  keyOf,
  partsOf,
  type QuotaEntity,
  USER,
  USER_QUOTAS,
} from "../quota/quota-entity.ts";
import { CLUSTER_NAME } from "../security/authorizer.ts";

type Entry = Infer<typeof AlterClientQuotasRequest>["entries"][number];

const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-fA-F:.]*:[\da-fA-F:.]*|localhost)$/;
const LARGEST_INT = 0x7fff_ffff;
const SMALLEST_FRACTION = 1e-6;

export const AlterClientQuotas = serve({
  request: AlterClientQuotasRequest,
  response: AlterClientQuotasResponse,
  refuse: ({ entries }, errorCode, errorMessage) => ({
    entries: entries.map(({ entity }) => ({ errorCode, errorMessage, entity: [...entity] })),
  }),
  handle: ({ entries, validateOnly }, context) => {
    if (!context.allows("ALTER_CONFIGS", "CLUSTER", CLUSTER_NAME)) {
      throw new Refusal("CLUSTER_AUTHORIZATION_FAILED", "Cluster authorization failed.");
    }
    const keys = entries.map(({ entity }) => keyOf(entityOf(entity)));
    // One that comes again is refused, as the only answer for it; what came first is done.
    const last = entries.filter((_, index) => keys.lastIndexOf(keys[index] as string) === index);
    const results = entries.map((entry, index) => {
      const isAgain = keys.indexOf(keys[index] as string) < index;
      return alter(entry, isAgain, validateOnly, context);
    });
    return { entries: results.filter((_, index) => last.includes(entries[index] as Entry)) };
  },
});

function alter(
  { entity: parts, ops }: Entry,
  isAgain: boolean,
  validateOnly: boolean,
  context: RequestContext,
) {
  const entity = entityOf(parts);
  const answer = (errorCode: number, errorMessage: string | null) => ({
    errorCode,
    errorMessage,
    entity: partsOf(entity),
  });
  try {
    if (isAgain || new Set(ops.map(({ key }) => key)).size < ops.length) {
      throw invalid(`Ignoring duplicate entity ${describeEntity(entity)}`);
    }
    const quotas = checkEntity(entity);
    for (const { key, value, remove } of ops) if (!remove) checkValue(key, value, quotas);
    const changes = new Map(ops.map(({ key, value, remove }) => [key, remove ? null : value]));
    if (!validateOnly) context.cluster.quotas.store.set(entity, changes);
    return answer(NONE, null);
  } catch (error) {
    if (error instanceof Refusal) return answer(error.errorCode, error.message);
    throw error;
  }
}

/** Gives what can be limited for the entity. */
function checkEntity(entity: QuotaEntity): typeof USER_QUOTAS {
  if (entity.size === 0) throw invalid("Invalid empty client quota entity");
  for (const [type, name] of entity) {
    if (![USER, CLIENT_ID, IP].includes(type)) throw invalid(`Unhandled client quota entity type: ${type}`);
    if (name === "") throw invalid(`Empty ${type} not supported`);
  }
  if (!entity.has(IP)) return USER_QUOTAS;
  if (entity.size > 1) {
    throw invalid("Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId");
  }
  const ip = entity.get(IP) ?? null;
  if (ip !== null && !ADDRESS.test(ip)) throw invalid(`${ip} is not a valid IP or resolvable host.`);
  return IP_QUOTAS;
}

function checkValue(key: string, value: number, quotas: typeof USER_QUOTAS): void {
  const quota = quotas.get(key);
  if (quota === undefined) throw invalid(`Invalid configuration key ${key}`);
  if (value <= 0) throw invalid(`Quota ${key} must be greater than 0`);
  if (!quota.isWhole) return;
  if (quotas === IP_QUOTAS && value > LARGEST_INT) {
    throw invalid(`Proposed value for ${key} is too large for an INT.`);
  }
  if (Math.abs(value % 1) > SMALLEST_FRACTION) throw invalid(`${key} cannot be a fractional value.`);
}

function invalid(message: string): Refusal {
  return new Refusal("INVALID_REQUEST", message);
}
