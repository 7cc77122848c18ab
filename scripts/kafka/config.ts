import { join } from "node:path";
import { compareVersions } from "./versions.ts";

export type Security = "plaintext" | "sasl_plaintext" | "sasl_ssl";

export const SECURITIES: readonly [Security, ...Security[]] = ["plaintext", "sasl_plaintext", "sasl_ssl"];

/** OAUTHBEARER with tokens that nobody signed, as Kafka has it for tests. */
export const SASL_MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] as const;

/** A listener for clients that is unlike the others, for example one with a certificate of its own. */
export interface ListenerOptions {
  /** In capitals, as Kafka's own. */
  readonly name: string;
  readonly securityProtocol: "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT";
  /** Properties of this listener, without the prefix `listener.name.NAME.`. */
  readonly properties?: Readonly<Record<string, string>>;
}

export interface ListenerPlan extends ListenerOptions {
  readonly port: number;
}

export interface NodePlan {
  readonly nodeId: number;
  /** Where clients connect. */
  readonly clientPort: number;
  /** Not used where there is a ZooKeeper. */
  readonly controllerPort: number;
  /**
   * Where brokers talk to each other when clients must use SASL or are sent elsewhere; otherwise they use
   * `clientPort` too.
   */
  readonly internalPort?: number;
  /** The port that clients are told, where that is not `clientPort` but a proxy's. */
  readonly advertisedPort?: number;
  /** Where it stands, as clients and other brokers are told. */
  readonly rack?: string;
  /** Listeners beside those that every broker has. */
  readonly listeners?: readonly ListenerPlan[];
  /** Holds the node's properties, log file and data. */
  readonly directory: string;
  /** The uuid of its log directory, by which a KRaft quorum knows a voter. */
  readonly directoryId: string;
}

export interface ZooKeeperPlan {
  readonly port: number;
  /** Holds its configuration, log file and data. */
  readonly directory: string;
}

/** All that decides what the brokers are told; nothing here is started yet. */
export interface ClusterPlan {
  readonly kafkaVersion: string;
  readonly clusterId: string;
  readonly security: Security;
  readonly autoCreateTopics: boolean;
  readonly properties: Readonly<Record<string, string>>;
  readonly nodes: readonly NodePlan[];
  /** For Kafka 2. */
  readonly zookeeper?: ZooKeeperPlan;
  readonly sasl?: {
    readonly username: string;
    readonly password: string;
    /** Where clients use TLS too. */
    readonly keystoreFile?: string;
  };
}

/** Everything binds to loopback: these clusters are for this machine alone. */
export const BIND_HOST = "127.0.0.1";

/**
 * The name that clients are told. With TLS it is a name, so that host name verification has something to
 * verify; without, the address itself, since `localhost` may also mean ::1, where no broker listens.
 */
export function advertisedHost(security: Security): string {
  return security === "sasl_ssl" ? "localhost" : BIND_HOST;
}

/** The port on which brokers (and our readiness probe) speak without TLS and SASL. */
export function plainPort(node: NodePlan): number {
  return node.internalPort ?? node.clientPort;
}

export function propertiesFile(node: NodePlan): string {
  return join(node.directory, "server.properties");
}

export function brokerProperties(plan: ClusterPlan, node: NodePlan): Record<string, string> {
  const count = plan.nodes.length;
  const replication = String(Math.min(3, count));
  const minInSync = count >= 3 ? "2" : "1";
  return {
    ...withMoreListeners(roleProperties(plan, node), node.listeners ?? []),
    "log.dirs": join(node.directory, "data"),
    "auto.create.topics.enable": String(plan.autoCreateTopics),
    "default.replication.factor": replication,
    "offsets.topic.replication.factor": replication,
    "transaction.state.log.replication.factor": replication,
    "transaction.state.log.min.isr": minInSync,
    // Internal topics of the default 50 partitions only cost files and start-up time here.
    "offsets.topic.num.partitions": "5",
    "transaction.state.log.num.partitions": "5",
    // The first member of a group need not wait three seconds for others.
    "group.initial.rebalance.delay.ms": "0",
    // Members of the newer protocol hear with a heartbeat what to do, every 5 s by default.
    "group.consumer.heartbeat.interval.ms": "1000",
    "group.consumer.min.heartbeat.interval.ms": "1000",
    "num.network.threads": "2",
    "num.io.threads": "4",
    ...(node.rack === undefined ? {} : { "broker.rack": node.rack }),
    ...plan.properties,
  };
}

/** Kafka 3.9 knows dynamic quorums too, but only 4.x forms one at format time as simply as this. */
export function hasDynamicQuorum(kafkaVersion: string): boolean {
  return compareVersions(kafkaVersion, "4.0.0") >= 0;
}

/** The arguments of `kafka.tools.StorageTool` that make a node's data directory. */
export function formatArguments(plan: ClusterPlan, node: NodePlan): string[] {
  const args = ["format", "--cluster-id", plan.clusterId, "--config", propertiesFile(node)];
  if (hasDynamicQuorum(plan.kafkaVersion)) {
    const voters = plan.nodes.map((n) => `${n.nodeId}@${BIND_HOST}:${n.controllerPort}:${n.directoryId}`);
    args.push("--initial-controllers", voters.join(","));
  }
  if (plan.sasl !== undefined) {
    for (const mechanism of SASL_MECHANISMS.filter((name) => name.startsWith("SCRAM"))) {
      args.push("--add-scram", `${mechanism}=[name=${plan.sasl.username},password=${plan.sasl.password}]`);
    }
  }
  return args;
}

/** What the broker is in its cluster, and where it listens. */
function roleProperties(plan: ClusterPlan, node: NodePlan): Record<string, string> {
  if (plan.zookeeper !== undefined) {
    return {
      "broker.id": String(node.nodeId),
      "zookeeper.connect": `${BIND_HOST}:${plan.zookeeper.port}`,
      "zookeeper.connection.timeout.ms": "30000",
      // The default before Kafka 2.5; zookeeper.ts waits for its end.
      "zookeeper.session.timeout.ms": "6000",
      ...listenerProperties(plan, node),
    };
  }
  const count = plan.nodes.length;
  return {
    "process.roles": "broker,controller",
    "node.id": String(node.nodeId),
    ...quorumProperties(plan),
    ...withController(listenerProperties(plan, node), node),
    "share.coordinator.state.topic.replication.factor": String(Math.min(3, count)),
    "share.coordinator.state.topic.min.isr": count >= 3 ? "2" : "1",
    "share.coordinator.state.topic.num.partitions": "5",
  };
}

function quorumProperties(plan: ClusterPlan): Record<string, string> {
  return hasDynamicQuorum(plan.kafkaVersion)
    ? {
        "controller.quorum.bootstrap.servers": plan.nodes
          .map((node) => `${BIND_HOST}:${node.controllerPort}`)
          .join(","),
      }
    : {
        "controller.quorum.voters": plan.nodes
          .map((node) => `${node.nodeId}@${BIND_HOST}:${node.controllerPort}`)
          .join(","),
      };
}

function listenerProperties(plan: ClusterPlan, node: NodePlan): Record<string, string> {
  const advertised = `${advertisedHost(plan.security)}:${node.advertisedPort ?? node.clientPort}`;
  const internal = `INTERNAL://${BIND_HOST}:${plainPort(node)}`;
  if (plan.sasl === undefined && node.internalPort !== undefined) {
    return {
      listeners: `PLAINTEXT://${BIND_HOST}:${node.clientPort},${internal}`,
      "advertised.listeners": `PLAINTEXT://${advertised},${internal}`,
      "inter.broker.listener.name": "INTERNAL",
      "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,INTERNAL:PLAINTEXT",
    };
  }
  if (plan.sasl === undefined) {
    return {
      listeners: `PLAINTEXT://${BIND_HOST}:${node.clientPort}`,
      "advertised.listeners": `PLAINTEXT://${advertised}`,
      "inter.broker.listener.name": "PLAINTEXT",
      "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT",
    };
  }
  const { username, password, keystoreFile } = plan.sasl;
  const protocol = keystoreFile === undefined ? "SASL_PLAINTEXT" : "SASL_SSL";
  const mechanism = (name: string): string => `listener.name.${protocol.toLowerCase()}.${name}`;
  const login = "org.apache.kafka.common.security";
  return {
    listeners: `${protocol}://${BIND_HOST}:${node.clientPort},${internal}`,
    "advertised.listeners": `${protocol}://${advertised},${internal}`,
    "inter.broker.listener.name": "INTERNAL",
    "listener.security.protocol.map": `${protocol}:${protocol},INTERNAL:PLAINTEXT`,
    "sasl.enabled.mechanisms": SASL_MECHANISMS.join(","),
    [`${mechanism("plain")}.sasl.jaas.config`]: `${login}.plain.PlainLoginModule required user_${username}="${password}";`,
    [`${mechanism("scram-sha-256")}.sasl.jaas.config`]: `${login}.scram.ScramLoginModule required;`,
    [`${mechanism("scram-sha-512")}.sasl.jaas.config`]: `${login}.scram.ScramLoginModule required;`,
    [`${mechanism("oauthbearer")}.sasl.jaas.config`]: `${login}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
    [`${mechanism("oauthbearer")}.sasl.server.callback.handler.class`]: `${login}.oauthbearer.internals.unsecured.OAuthBearerUnsecuredValidatorCallbackHandler`,
    [`${mechanism("oauthbearer")}.sasl.login.callback.handler.class`]: `${login}.oauthbearer.internals.unsecured.OAuthBearerUnsecuredLoginCallbackHandler`,
    ...(keystoreFile === undefined
      ? {}
      : { "ssl.keystore.type": "PEM", "ssl.keystore.location": keystoreFile }),
  };
}

function withController(
  properties: Readonly<Record<string, string>>,
  { controllerPort }: NodePlan,
): Record<string, string> {
  return {
    ...properties,
    listeners: `${properties["listeners"]},CONTROLLER://${BIND_HOST}:${controllerPort}`,
    "listener.security.protocol.map": `${properties["listener.security.protocol.map"]},CONTROLLER:PLAINTEXT`,
    "controller.listener.names": "CONTROLLER",
  };
}

/** They are for TLS as much as for anything, so clients are told a name for them. */
function withMoreListeners(
  properties: Readonly<Record<string, string>>,
  more: readonly ListenerPlan[],
): Record<string, string> {
  const all: Record<string, string> = { ...properties };
  const append = (key: string, entry: string) => {
    all[key] = `${all[key]},${entry}`;
  };
  for (const { name, port, securityProtocol, properties: own = {} } of more) {
    append("listeners", `${name}://${BIND_HOST}:${port}`);
    append("advertised.listeners", `${name}://localhost:${port}`);
    append("listener.security.protocol.map", `${name}:${securityProtocol}`);
    for (const [key, value] of Object.entries(own)) all[`listener.name.${name.toLowerCase()}.${key}`] = value;
  }
  return all;
}

/** Java's .properties format, in which a backslash, a line break and anything outside ASCII are escaped. */
export function renderProperties(properties: Readonly<Record<string, string>>): string {
  return Object.entries(properties)
    .map(([key, value]) => `${escapeProperty(key).replace(/[=: ]/g, "\\$&")}=${escapeProperty(value)}\n`)
    .join("");
}

function escapeProperty(text: string): string {
  return text
    .replace(/\\/g, "\\\\")
    .replace(/^[ \t]/, "\\$&")
    .replace(/\n/g, "\\n")
    .replace(/\r/g, "\\r")
    .replace(/[^\x20-\x7e\t]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
