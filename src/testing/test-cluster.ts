import { listen } from "#listener";
import { platform as runtimePlatform } from "#platform";
import { compressionCodecs } from "../compression/codecs.ts";
import type { Listener } from "../platform/listener.ts";
import { MemoryNetwork } from "../platform/memory.ts";
import type { Platform } from "../platform/platform.ts";
import { servedApis } from "./api-table.ts";
import { Broker } from "./broker.ts";
import { BrokerClock } from "./broker-clock.ts";
import { BrokerServer, type ListenAt } from "./broker-server.ts";
import { Cluster } from "./cluster.ts";
import type { TestClusterOptions, TopicOptions } from "./cluster-options.ts";
import { ConfigStore } from "./config/config-store.ts";
import type { CoordinatorKind } from "./coordinator/coordinator-topics.ts";
import { keepOffsetRetention } from "./coordinator/offset-retention.ts";
import { Dispatcher } from "./dispatcher.ts";
import { disturbed } from "./faults/disturbed-stream.ts";
import type { Fault, FaultOptions } from "./faults/fault.ts";
import { FaultTable } from "./faults/fault-table.ts";
import { type NetworkFault, type NetworkFaultOptions, NetworkFaults } from "./faults/network-fault.ts";
import { forgetProducers } from "./log/producer-expiry.ts";
import { keepRetention } from "./log/retention.ts";
import { type ClusterObserver, Observers } from "./observer.ts";
import { factsOf, type Release, releases } from "./releases.ts";
import { RequestLog } from "./request-log.ts";
import { SaslConnection } from "./security/sasl/sasl-connection.ts";
import { hasSasl, saslConfigs, securityProtocolOf } from "./security/security-protocol.ts";
import { ServedVersions } from "./served-versions.ts";
import type { DataDirectory } from "./storage/data-directory.ts";
import { checkKept, made, openData } from "./storage/open-data.ts";
import { TestBroker } from "./test-broker.ts";
import { TestPartition } from "./test-partition.ts";

/**
 * A Kafka cluster in this process, for tests: real frames over loopback TCP for any client, or in memory for this one.
 * It keeps everything in memory and is gone when it is closed, unless it is given a data directory.
 *
 * @example
 * ```ts
 * import { Kafka } from "kafkawire";
 * import { TestCluster } from "kafkawire/testing";
 *
 * await using cluster = await TestCluster.start({ brokers: 3, topics: { orders: 3 } });
 * await using kafka = new Kafka({ bootstrapServers: cluster.bootstrapServers, platform: cluster.platform });
 * await using producer = kafka.producer();
 * await producer.send({ topic: "orders", key: "42", value: "paid" });
 * console.log(cluster.requests.of("Produce").length); // 1
 * ```
 */
export class TestCluster implements AsyncDisposable {
  /** The Kafka release that it is like. */
  readonly release: Release;
  /** For the client that is to connect: the runtime's own platform, or that of the network in memory. */
  readonly platform: Platform;
  /** The brokers' time. */
  readonly clock: BrokerClock;
  /** What clients asked, in the order in which it came. */
  readonly requests = new RequestLog();
  /** The brokers by their order; ids count from 1. */
  readonly brokers: readonly TestBroker[];
  readonly #cluster: Cluster;
  readonly #servers: readonly BrokerServer[];
  readonly #faults: FaultTable;
  readonly #network: NetworkFaults;
  readonly #observers = new Observers();
  readonly #failures: unknown[] = [];
  readonly #data: DataDirectory | null;
  #connectionCount = 0;
  #isClosed = false;

  /** Starts a cluster; it is ready to serve when the promise resolves. */
  static async start(options: TestClusterOptions = {}): Promise<TestCluster> {
    const data = openData(options);
    const cluster = made(() => new TestCluster(options, data), data);
    try {
      await Promise.all(cluster.brokers.map((broker) => broker.start()));
      for (const [name, topic] of Object.entries(options.topics ?? {})) {
        if (data !== null && cluster.topics.includes(name)) continue;
        cluster.createTopic(name, typeof topic === "number" ? { partitions: topic } : topic);
      }
    } catch (error) {
      await cluster.close();
      throw error;
    }
    return cluster;
  }

  private constructor(options: TestClusterOptions, data: DataDirectory | null) {
    const kept = data?.kept ?? null;
    const {
      brokers: count = kept?.brokers ?? 1,
      as = "4.4",
      network = "tcp",
      racks = [],
      port = 0,
    } = options;
    if (!releases.includes(as)) {
      throw new RangeError(`There is no release "${as}" to be like: there are ${releases.join(", ")}`);
    }
    if (!Number.isInteger(count) || count < 1)
      throw new RangeError(`A cluster has at least 1 broker, not ${count}`);
    const protocol = securityProtocolOf(options);
    checkKept(kept, count, options);
    const base = options.platform ?? runtimePlatform;
    this.release = as;
    this.clock = new BrokerClock(base.clock, options.time !== "manual");
    const configs = new ConfigStore(
      {
        "auto.create.topics.enable": String(options.autoCreateTopics ?? true),
        // As in the configuration that Kafka brings along: a test has no use for the default of three seconds.
        "group.initial.rebalance.delay.ms": "0",
        ...saslConfigs(protocol, options.sasl),
        ...options.configs,
      },
      as,
    );
    const slots = configs.number("max.incremental.fetch.session.cache.slots");
    const brokers = Array.from({ length: count }, (_, index) => {
      const host = options.host ?? (network === "memory" ? `broker-${index + 1}` : "127.0.0.1");
      const broker = new Broker(index + 1, host, racks[index] ?? null, slots);
      broker.port = port === 0 ? 0 : port + index;
      return broker;
    });
    const codecs = compressionCodecs(base.zlib);
    const release = factsOf(as);
    const versions = new ServedVersions(release, servedApis);
    this.#cluster = new Cluster({
      clusterId:
        options.clusterId ??
        kept?.clusterId ??
        `kafkawire-${Math.floor(base.clock.random() * 2 ** 48).toString(36)}`,
      release,
      clock: this.clock,
      configs,
      brokers,
      forReading: (type) => codecs.forReading(type),
      forWriting: (type) => (codecs.supported.includes(type) ? codecs.forWriting(type) : null),
      advertised: versions.advertised,
      sasl: options.sasl ?? {},
      authorizer: options.authorizer ?? null,
    });
    this.#data = data;
    data?.attach(this.#cluster, this.#cluster.replication);
    this.#cluster.loadCoordinators();
    keepRetention(this.#cluster);
    forgetProducers(this.#cluster);
    keepOffsetRetention(this.#cluster, this.#cluster.groups);
    this.#faults = new FaultTable(this.#cluster.topics);
    const memory = network === "memory" ? new MemoryNetwork(base) : null;
    this.platform = memory?.platform ?? base;
    const listenAt = memory === null ? overTcp(options) : inMemory(memory);
    this.#network = new NetworkFaults();
    this.#servers = this.#serversOf(brokers, versions, listenAt, hasSasl(protocol));
    this.brokers = this.#servers.map((server) => new TestBroker(this.#cluster, server));
  }

  /** Addresses of the brokers, for a client's `bootstrapServers`. */
  get bootstrapServers(): string[] {
    return this.#servers.map(({ broker }) => `${broker.host}:${broker.port}`);
  }

  /** The id that brokers tell clients. */
  get clusterId(): string {
    return this.#cluster.clusterId;
  }

  /** Names of all topics, those of Kafka itself included. */
  get topics(): string[] {
    return Array.from(this.#cluster.topics.all, ({ name }) => name);
  }

  /** The name of the topic with this id, as newer requests give it; null where there is none. */
  topicName(topicId: string): string | null {
    return this.#cluster.topics.byId(topicId)?.name ?? null;
  }

  /** The id of a topic, as newer requests give it; null where there is none. */
  topicId(topic: string): string | null {
    return this.#cluster.topics.get(topic)?.topicId ?? null;
  }

  /**
   * What went wrong in the brokers themselves, with the request: mistakes of kafkawire, which clients see as
   * UNKNOWN_SERVER_ERROR. Empty unless there is something to report.
   */
  get failures(): readonly unknown[] {
    return this.#failures;
  }

  /** What was cut off of the files of the data directory, which were torn or damaged; empty where all was well. */
  get warnings(): readonly string[] {
    return this.#data?.warnings ?? [];
  }

  /** Tells `observer` of connections and requests as they come; returns what ends that. */
  observe(observer: ClusterObserver): () => void {
    return this.#observers.add(observer);
  }

  /** The broker with this id; ids count from 1. */
  broker(id: number): TestBroker {
    const broker = this.brokers[id - 1];
    if (broker === undefined)
      throw new RangeError(`There is no broker ${id}, but ${this.brokers.length} of them`);
    return broker;
  }

  /** A partition, to look at and to act on. */
  partition(topic: string, partition: number): TestPartition {
    const found = this.#cluster.topics.partition(topic, partition);
    if (found === undefined) throw new RangeError(`There is no partition ${topic}-${partition}`);
    return new TestPartition(this.#cluster, found);
  }

  /**
   * Sets a fault: what happens to requests that fit.
   *
   * @throws RangeError when it makes no sense, such as an error that Kafka does not have.
   */
  fault(options: FaultOptions): Fault {
    return this.#faults.add(options);
  }

  /**
   * Sets a fault of the network between clients and brokers.
   *
   * @throws RangeError when it makes no sense.
   */
  networkFault(options: NetworkFaultOptions): NetworkFault {
    return this.#network.add(options);
  }

  /** Breaks all connections that there are; of one broker, where its id is given. */
  resetConnections(broker?: number): void {
    for (const server of this.#servers) {
      if (broker === undefined || server.broker.id === broker) server.resetConnections();
    }
  }

  /** Has another broker coordinate a group or a transactional id, and whatever else shares its partition. */
  moveCoordinator(kind: CoordinatorKind, key: string, broker: number): void {
    const partition = this.#cluster.coordinators.partitionFor(kind, key);
    this.#cluster.replication.moveLeader(partition, broker);
  }

  /**
   * Has the brokers agree on another level of a feature, such as `transaction.version`, as UpdateFeatures does.
   *
   * @throws RangeError for a feature or a level that the release does not have.
   */
  setFeature(name: string, level: number): void {
    this.#cluster.features.set(name, level);
    this.#cluster.metadataChanged();
  }

  /** Makes a topic at once. */
  createTopic(name: string, options: TopicOptions = {}): void {
    const { partitions = -1, replicationFactor = -1, assignments, configs = {} } = options;
    this.#cluster.topicManager.create({
      name,
      numPartitions: partitions,
      replicationFactor,
      assignments: assignments === undefined ? null : new Map(assignments.entries()),
      configs: Object.entries(configs),
    });
  }

  /** Deletes a topic at once, with its records. */
  deleteTopic(name: string): void {
    const topic = this.#cluster.topics.get(name);
    if (topic === undefined) throw new RangeError(`There is no topic ${name}`);
    this.#cluster.topicManager.delete(topic);
  }

  /**
   * Ends all connections and stops listening. What is not kept in a data directory is forgotten. May be called again.
   */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.clock.stop();
    await Promise.all(this.#servers.map((server) => server.close("close")));
    this.#data?.close();
  }

  /** Closes the cluster. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #serversOf(
    brokers: readonly Broker[],
    versions: ServedVersions,
    listenAt: ListenAt,
    logsIn: boolean,
  ): BrokerServer[] {
    const { configs, sasl } = this.#cluster;
    const dispatcher = new Dispatcher(
      this.#cluster,
      versions,
      this.requests,
      this.#faults,
      this.#observers,
      (error, request) => {
        this.#failures.push({ error, request });
      },
    );
    return brokers.map((broker) => {
      const maxFrameSize = configs.number("socket.request.max.bytes");
      return new BrokerServer(
        broker,
        (host, port, accept) => listenAt(host, port, disturbed(accept, broker.id, this.#network, this.clock)),
        (frame, connection, done) => dispatcher.serve(frame, broker, connection, done),
        maxFrameSize,
        () => ++this.#connectionCount,
        (connection, { clientName = null }) => {
          if (clientName !== null) connection.principal = { type: "User", name: clientName };
          if (logsIn) connection.sasl = new SaslConnection(sasl);
        },
        this.#observers,
      );
    });
  }
}

function overTcp({ tls = null }: TestClusterOptions): ListenAt {
  return (host, port, accept) => listen({ host, port, tls }, accept);
}

function inMemory(network: MemoryNetwork): ListenAt {
  let clients = 0;
  return async (host, port, accept): Promise<Listener> => {
    const listener = network.listen(host, port, (stream) => accept(stream, `memory:${++clients}`));
    return { port: listener.port, close: async () => listener.close() };
  };
}
