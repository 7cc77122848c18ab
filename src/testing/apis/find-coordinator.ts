/**
 * FindCoordinator, v0-6: which broker coordinates a group (key type 0) or a transactional id (1).
 *
 * - v0 knows groups only. v4 asks for several keys at once. v6: share groups (key type 2), which are not served here.
 * - The internal topic is made with the first question, as in Kafka; it is there at once.
 */

import { FindCoordinatorRequest, FindCoordinatorResponse } from "../../protocol/messages/find-coordinator.ts";
import { type RequestContext, serve } from "../api.ts";
import type { CoordinatorKind } from "../coordinator/coordinator-topics.ts";
import { errorNumber, NONE, Refusal } from "../error-code.ts";

interface Found {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

const KINDS: readonly CoordinatorKind[] = ["group", "transaction"];
const FIRST_VERSION_WITH_SEVERAL = 4;
const COORDINATOR_NOT_AVAILABLE = errorNumber("COORDINATOR_NOT_AVAILABLE");
const GROUP_AUTHORIZATION_FAILED = errorNumber("GROUP_AUTHORIZATION_FAILED");
const TRANSACTIONAL_ID_AUTHORIZATION_FAILED = errorNumber("TRANSACTIONAL_ID_AUTHORIZATION_FAILED");

export const FindCoordinator = serve({
  request: FindCoordinatorRequest,
  response: FindCoordinatorResponse,
  refuse: ({ coordinatorKeys }, errorCode, message) => {
    const coordinators = coordinatorKeys.map((key) => ({ key, ...failed(errorCode, message) }));
    return coordinators.length > 0 ? { coordinators } : failed(errorCode, message);
  },
  handle: ({ key, keyType, coordinatorKeys }, context) => {
    const kind = KINDS[keyType];
    if (kind === undefined) throw new Refusal("INVALID_REQUEST", `Unknown coordinator type ${keyType}`);
    if (context.version < FIRST_VERSION_WITH_SEVERAL) return find(kind, key, context);
    return { coordinators: coordinatorKeys.map((one) => ({ key: one, ...find(kind, one, context) })) };
  },
});

function find(kind: CoordinatorKind, key: string, context: RequestContext): Found {
  if (kind === "group" && !context.allows("DESCRIBE", "GROUP", key))
    return failed(GROUP_AUTHORIZATION_FAILED);
  if (kind === "transaction" && !context.allows("DESCRIBE", "TRANSACTIONAL_ID", key)) {
    return failed(TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
  }
  const injected = context.injected({ group: key });
  if (injected !== NONE) return failed(injected);
  const broker = context.cluster.coordinators.coordinatorOf(kind, key);
  if (broker === null) return failed(COORDINATOR_NOT_AVAILABLE);
  const { id, host, port } = broker;
  return { errorCode: NONE, errorMessage: null, nodeId: id, host, port };
}

function failed(errorCode: number, errorMessage: string | null = null): Found {
  return { errorCode, errorMessage, nodeId: -1, host: "", port: -1 };
}
