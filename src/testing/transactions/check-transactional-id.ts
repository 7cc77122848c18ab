import type { RequestContext } from "../api.ts";
import { errorName, NONE, Refusal } from "../error-code.ts";

/**
 * Whether the broker that was asked may be asked for a transactional id.
 *
 * @throws Refusal where it is not its coordinator, or a test has set an error for the id.
 */
export function checkTransactionalId(transactionalId: string, context: RequestContext): void {
  const injected = context.injected({ group: transactionalId });
  if (injected !== NONE) throw new Refusal(errorName(injected), "Set by a test");
  const { cluster, broker } = context;
  const refusal = cluster.coordinators.refusalOf("transaction", transactionalId, broker);
  if (refusal !== NONE) throw new Refusal(errorName(refusal), `Broker ${broker.id} does not coordinate it`);
}

/** @throws Refusal where the client may not write in transactions of this id, or it is empty. */
export function checkMayWrite(transactionalId: string, { allows }: RequestContext): void {
  if (!allows("WRITE", "TRANSACTIONAL_ID", transactionalId)) {
    throw new Refusal("TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "Transactional Id authorization failed.");
  }
}
