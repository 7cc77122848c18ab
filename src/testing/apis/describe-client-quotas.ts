/** DescribeClientQuotas, v0-1: the quotas of users, client ids and ips. */

import {
  DescribeClientQuotasRequest,
  DescribeClientQuotasResponse,
} from "../../protocol/messages/describe-client-quotas.ts";
import type { Infer } from "../../protocol/schema.ts";
import { serve } from "../api.ts";
import { NONE, Refusal } from "../error-code.ts";
import { CLIENT_ID, IP, partsOf, type QuotaEntity, USER } from "../quota/quota-entity.ts";
import { CLUSTER_NAME } from "../security/authorizer.ts";

type Request = Infer<typeof DescribeClientQuotasRequest>;

const EXACT = 0;
const DEFAULT = 1;
const SPECIFIED = 2;
const MATCH_TYPES = new Map([
  [EXACT, "MATCH_TYPE_EXACT"],
  [DEFAULT, "MATCH_TYPE_DEFAULT"],
  [SPECIFIED, "MATCH_TYPE_SPECIFIED"],
]);

export const DescribeClientQuotas = serve({
  request: DescribeClientQuotasRequest,
  response: DescribeClientQuotasResponse,
  refuse: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage, entries: null }),
  handle: (request, context) => {
    if (!context.allows("DESCRIBE_CONFIGS", "CLUSTER", CLUSTER_NAME)) {
      throw new Refusal("CLUSTER_AUTHORIZATION_FAILED", "Cluster authorization failed.");
    }
    checkComponents(request);
    const found = [...context.cluster.quotas.store.all].filter(({ entity }) => isFound(entity, request));
    return {
      errorCode: NONE,
      entries: found.map(({ entity, values }) => ({
        entity: partsOf(entity),
        values: Array.from(values, ([key, value]) => ({ key, value })),
      })),
    };
  },
});

function isFound(entity: QuotaEntity, { components, strict }: Request): boolean {
  if (strict && entity.size !== components.length) return false;
  return components.every(({ entityType, matchType, match }) => {
    if (!entity.has(entityType)) return false;
    return matchType === SPECIFIED || entity.get(entityType) === match;
  });
}

function checkComponents({ components }: Request): void {
  const types = components.map(({ entityType }) => entityType);
  components.forEach(({ entityType, matchType, match }, index) => {
    if (entityType === "") throw new Refusal("INVALID_REQUEST", "Invalid empty entity type.");
    if (types.indexOf(entityType) < index) {
      throw new Refusal(
        "INVALID_REQUEST",
        `Entity type ${entityType} cannot appear more than once in the filter.`,
      );
    }
    if (![USER, CLIENT_ID, IP].includes(entityType)) {
      throw new Refusal("UNSUPPORTED_VERSION", `Unsupported entity type ${entityType}`);
    }
    const name = MATCH_TYPES.get(matchType);
    if (name === undefined) throw new Refusal("INVALID_REQUEST", `Unknown match type ${matchType}`);
    if (matchType === EXACT && match === null) {
      throw new Refusal("INVALID_REQUEST", `Request specified ${name}, but set match string to null.`);
    }
    if (matchType !== EXACT && match !== null) {
      throw new Refusal("INVALID_REQUEST", `Request specified ${name}, but also specified a match string.`);
    }
  });
  if (types.includes(IP) && types.length > 1) {
    throw new Refusal(
      "INVALID_REQUEST",
      "Invalid entity filter component combination. IP filter component should not be used with user or clientId " +
        "filter component.",
    );
  }
}
