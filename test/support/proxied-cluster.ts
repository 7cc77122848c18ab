import { afterAll, beforeAll } from "vitest";
import { type ClusterOptions, type KafkaCluster, startCluster } from "../../scripts/kafka/cluster.ts";
import { TcpProxy } from "./tcp-proxy.ts";

const START_TIMEOUT_MS = 5 * 60_000;

/** A real cluster that clients reach through proxies only; the brokers talk to each other past them. */
export class ProxiedCluster implements AsyncDisposable {
  readonly cluster: KafkaCluster;
  /** One per broker, in the order of node ids. */
  readonly proxies: readonly TcpProxy[];
  /** Leads to broker 1 and is never advertised: an address that stays while those of the brokers change. */
  readonly entrance: TcpProxy;

  private constructor(cluster: KafkaCluster, proxies: readonly TcpProxy[], entrance: TcpProxy) {
    this.cluster = cluster;
    this.proxies = proxies;
    this.entrance = entrance;
  }

  static async start(options: Omit<ClusterOptions, "advertisedPorts"> = {}): Promise<ProxiedCluster> {
    const proxies: TcpProxy[] = [];
    for (let i = 0; i <= (options.brokers ?? 1); i++) proxies.push(await TcpProxy.open());
    const entrance = proxies.pop() as TcpProxy;
    try {
      const cluster = await startCluster({ ...options, advertisedPorts: proxies.map(({ port }) => port) });
      cluster.brokers.forEach(({ host, port }, i) => {
        (proxies[i] as TcpProxy).target = { host, port };
      });
      entrance.target = (proxies[0] as TcpProxy).target;
      return new ProxiedCluster(cluster, proxies, entrance);
    } catch (error) {
      await disposeAll([...proxies, entrance]);
      throw error;
    }
  }

  /** The brokers' addresses, as clients are told them. */
  get bootstrapServers(): readonly string[] {
    return this.proxies.map(({ address }) => address);
  }

  /** All ways in. */
  get all(): readonly TcpProxy[] {
    return [...this.proxies, this.entrance];
  }

  /** The one in front of a broker. */
  proxyOf(nodeId: number): TcpProxy {
    const proxy = this.proxies[nodeId - 1];
    if (proxy === undefined) throw new Error(`there is no broker ${nodeId}`);
    return proxy;
  }

  /** Connections that are open through any of them. */
  get openConnections(): number {
    return this.all.reduce((sum, { connections }) => sum + connections.length, 0);
  }

  heal(): void {
    for (const proxy of this.all) proxy.heal();
  }

  /** Kills all brokers, moves the proxies, and starts the brokers again, which advertise the new ports. */
  async moveBrokers(): Promise<void> {
    const { brokers } = this.cluster;
    await Promise.all(brokers.map(({ nodeId }) => this.cluster.killBroker(nodeId)));
    for (const { nodeId } of brokers) {
      const proxy = this.proxyOf(nodeId);
      await proxy.move();
      await this.cluster.advertise(nodeId, proxy.port);
    }
    // Together: none serves before there is a majority.
    await Promise.all(brokers.map(({ nodeId }) => this.cluster.startBroker(nodeId)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cluster.close();
    await disposeAll(this.all);
  }
}

async function disposeAll(proxies: readonly TcpProxy[]): Promise<void> {
  await Promise.all(proxies.map((proxy) => proxy[Symbol.asyncDispose]()));
}

/** As `clusterFor`, behind proxies. */
export function proxiedClusterFor(options: Omit<ClusterOptions, "advertisedPorts">): () => ProxiedCluster {
  let started: ProxiedCluster | undefined;
  beforeAll(async () => {
    started = await ProxiedCluster.start(options);
  }, START_TIMEOUT_MS);
  afterAll(() => started?.[Symbol.asyncDispose]());
  return () => {
    if (started === undefined) throw new Error("the cluster is there in hooks and tests only");
    return started;
  };
}
