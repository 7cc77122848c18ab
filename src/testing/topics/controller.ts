import type { RequestContext } from "../api.ts";
import { Refusal } from "../error-code.ts";

/**
 * Until there was KRaft, only the controller answered what it decides; since then every broker passes it on.
 *
 * @throws Refusal NOT_CONTROLLER
 */
export function refuseUnlessController({ cluster, broker }: RequestContext): void {
  if (!cluster.release.hasControllerRequests || cluster.controllerId === broker.id) return;
  throw new Refusal("NOT_CONTROLLER", "This is not the correct controller for this cluster.");
}
