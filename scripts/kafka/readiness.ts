import type { Broker } from "./broker.ts";
import { advertisedHost, BIND_HOST, type ClusterPlan, plainPort } from "./config.ts";
import { KafkaRunnerError } from "./errors.ts";
import { checkTlsHandshake, fetchClusterView } from "./probe.ts";
import { sleep } from "./process.ts";

export interface ReadinessOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Given when clients use TLS: the handshake is tried too. */
  readonly caPem?: string;
}

const POLL_MS = 100;
const PROBE_TIMEOUT_MS = 2_000;

/**
 * Waits until each of these brokers answers and knows all of them to be alive. A broker opens its port well
 * before the controller lets it serve, so that a port which accepts connections says little.
 */
export async function waitUntilServing(
  plan: ClusterPlan,
  brokers: readonly Broker[],
  options: ReadinessOptions,
): Promise<void> {
  const deadline = Date.now() + options.timeoutMs;
  for (const broker of brokers) {
    for (;;) {
      options.signal?.throwIfAborted();
      for (const each of brokers) await each.assertRunning();
      const obstacle = await findObstacle(plan, broker, brokers, options.caPem);
      if (obstacle === undefined) break;
      if (Date.now() > deadline) {
        throw new KafkaRunnerError(
          `broker ${broker.plan.nodeId} did not serve within ${options.timeoutMs} ms (${obstacle}); the end of its log:\n${await broker.logTail()}`,
        );
      }
      await sleep(POLL_MS, options.signal);
    }
  }
}

/** What keeps this broker from serving, or undefined when it does. */
async function findObstacle(
  plan: ClusterPlan,
  broker: Broker,
  all: readonly Broker[],
  caPem: string | undefined,
): Promise<string | undefined> {
  try {
    const view = await fetchClusterView(BIND_HOST, plainPort(broker.plan), PROBE_TIMEOUT_MS);
    if (view.clusterId !== plan.clusterId) return `cluster ${view.clusterId} answers on its port`;
    const missing = all.filter(
      ({ plan: node }) =>
        !view.brokers.some(({ nodeId, port }) => nodeId === node.nodeId && port === plainPort(node)),
    );
    if (missing.length > 0) {
      return `it does not know broker ${missing.map(({ plan: node }) => node.nodeId).join(", ")} to be alive`;
    }
    if (caPem !== undefined) {
      await checkTlsHandshake(advertisedHost(plan.security), broker.plan.clientPort, caPem, PROBE_TIMEOUT_MS);
    }
    return undefined;
  } catch (error) {
    // Not there yet; why is for the message, should it stay so.
    return error instanceof Error ? error.message : String(error);
  }
}
