import { Cluster } from "../../src/client/cluster.ts";
import { Coordinators } from "../../src/client/coordinators.ts";
import { parseEndpoint } from "../../src/client/endpoint.ts";
import { Deadline } from "../../src/client/retry.ts";
import { platform } from "../../src/platform/node.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** What the client is made of and no public surface shows. */
export interface Internals {
  readonly internals: Cluster;
  readonly coordinators: Coordinators;
  readonly deadline: Deadline;
}

/** Works with the inside of a client, against real brokers. */
export async function withInternals(
  bootstrapServers: readonly string[],
  work: (inside: Internals) => Promise<void>,
): Promise<void> {
  const internals = new Cluster({
    platform,
    tls: null,
    clientId: "internals",
    software: { name: "kafkawire", version: "0" },
    logger: silent,
    bootstrapServers: bootstrapServers.map(parseEndpoint),
    setupTimeout: { initialMs: 10_000, maxMs: 30_000 },
    maxInFlight: 5,
    maxFrameSize: 1 << 20,
    reconnectBackoff: { initialMs: 50, maxMs: 1000 },
    requestTimeoutMs: 30_000,
    metadataMaxAgeMs: 300_000,
    metadataRecoveryStrategy: "rebootstrap",
    retryBackoff: { initialMs: 100, maxMs: 1000 },
    allowAutoCreateTopics: false,
  });
  try {
    const deadline = new Deadline(platform.clock, 20_000);
    await work({ internals, coordinators: new Coordinators(internals, 30_000), deadline });
  } finally {
    internals.close();
  }
}
