import type { BrokerServer } from "./broker-server.ts";
import type { Cluster } from "./cluster.ts";

/** One broker of a `TestCluster`, to stop and to start. */
export class TestBroker {
  readonly #cluster: Cluster;
  readonly #server: BrokerServer;

  /** @internal */
  constructor(cluster: Cluster, server: BrokerServer) {
    this.#cluster = cluster;
    this.#server = server;
  }

  /** Counts from 1. */
  get id(): number {
    return this.#server.broker.id;
  }

  /** Such as `127.0.0.1:9092`. The port stays the same when the broker is started again. */
  get address(): string {
    const { host, port } = this.#server.broker;
    return `${host}:${port}`;
  }

  /** Whether it serves clients and counts as alive. */
  get isUp(): boolean {
    return this.#server.broker.isUp;
  }

  /** How many clients are connected. */
  get connections(): number {
    return this.#server.connections.size;
  }

  /** Serves again after {@link stop} or {@link kill}, with all records. Others may lead what it led. */
  async start(): Promise<void> {
    const { broker } = this.#server;
    if (broker.isUp) return;
    broker.restart();
    await this.#server.listen();
    broker.isUp = true;
    this.#cluster.replication.brokerStarted(broker.id);
  }

  /** Stops in order: others lead what it led, then its connections are closed. */
  async stop(): Promise<void> {
    await this.#end("close");
  }

  /** Dies: its connections break, and others lead what it led. What only it had is lost. */
  async kill(): Promise<void> {
    await this.#end("reset");
  }

  async #end(how: "close" | "reset"): Promise<void> {
    const { broker } = this.#server;
    if (!broker.isUp) return;
    broker.isUp = false;
    this.#cluster.replication.brokerStopped(broker.id);
    await this.#server.close(how);
  }
}
