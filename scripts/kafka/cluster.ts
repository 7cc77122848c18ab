import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Broker, type Launcher } from "./broker.ts";
import {
  advertisedHost,
  BIND_HOST,
  brokerProperties,
  type ClusterPlan,
  type ListenerOptions,
  type NodePlan,
  propertiesFile,
  renderProperties,
  SASL_MECHANISMS,
  type Security,
} from "./config.ts";
import { KafkaRunnerError, PortTakenError } from "./errors.ts";
import { Guard } from "./guard.ts";
import { javaClasspath } from "./java.ts";
import { chooseFreePorts } from "./ports.ts";
import { sleep } from "./process.ts";
import { waitUntilServing } from "./readiness.ts";
import { createTlsFiles, type TlsFiles } from "./tls.ts";
import { requireJava } from "./tools.ts";
import { checkKafkaVersion, DEFAULT_KAFKA_VERSION, needsZooKeeper } from "./versions.ts";
import { ZooKeeper } from "./zookeeper.ts";

export interface ClusterOptions {
  /** Default: 4.4.0. Kafka 2.1 to 2.8 come with a ZooKeeper. */
  readonly kafkaVersion?: string | undefined;
  /** 1 or 3; each is broker and controller in one (where there is a ZooKeeper, a broker). Default: 1. */
  readonly brokers?: number | undefined;
  /** Default: plaintext. */
  readonly security?: Security | undefined;
  /** Default: false, unlike Kafka's own, so that a test which forgets to create its topic sees that. */
  readonly autoCreateTopics?: boolean | undefined;
  /** More broker properties under Kafka's dotted names; they win over those that are set here. */
  readonly properties?: Readonly<Record<string, string>> | undefined;
  /** Where the brokers stand, one rack for each. Default: nowhere. */
  readonly racks?: readonly string[] | undefined;
  /**
   * Ports that clients are told instead of those where the brokers listen, one per broker: a proxy's. The
   * brokers themselves talk to each other past it.
   */
  readonly advertisedPorts?: readonly number[] | undefined;
  /** More listeners for clients, on every broker. */
  readonly listeners?: readonly ListenerOptions[] | undefined;
  /** An empty directory of the caller's to use, deleted in the end. Default: a new temporary one. */
  readonly directory?: string | undefined;
  /** Aborts the start, after which nothing is left. Has no meaning once the cluster is up. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((message: string) => void) | undefined;
}

export interface KafkaBroker {
  readonly nodeId: number;
  readonly host: string;
  /** Where it listens. */
  readonly port: number;
  /** Ports of the listeners that were asked for beside, by name. */
  readonly listenerPorts: Readonly<Record<string, number>>;
  /** Undefined while it is stopped. */
  readonly pid: number | undefined;
}

/** What a client needs to get into a cluster with SASL. */
export interface ClusterCredentials {
  /** With sasl_ssl only. */
  readonly caFile?: string;
  readonly caPem?: string;
  readonly username: string;
  readonly password: string;
  readonly mechanisms: readonly string[];
}

const MAX_PORT_ATTEMPTS = 4;
const START_TIMEOUT_MS = 90_000;
const USERNAME = "kafkawire";
const PASSWORD = "kafkawire-secret";

/**
 * Starts a cluster and waits until all its brokers serve. The brokers live as long as this process: `close`
 * ends them, and so does the end of this process, however it comes.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<KafkaCluster> {
  const { signal } = options;
  const kafkaVersion = checkKafkaVersion(options.kafkaVersion ?? DEFAULT_KAFKA_VERSION);
  const count = options.brokers ?? 1;
  if (count !== 1 && count !== 3) {
    throw new KafkaRunnerError(`a cluster of ${count} brokers cannot be started: choose 1 or 3`);
  }
  if (process.platform === "win32") {
    throw new KafkaRunnerError("clusters cannot be started on Windows: use WSL or docker compose");
  }
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), "kafkawire-")));
  try {
    if (options.security === "sasl_ssl" && needsZooKeeper(kafkaVersion)) {
      throw new KafkaRunnerError(
        `Kafka ${kafkaVersion} does not take its certificate from a PEM file as ours is: choose sasl_plaintext, or Kafka 3.9.0 or later`,
      );
    }
    const java = await requireJava(kafkaVersion, signal);
    const classpath = await javaClasspath(kafkaVersion, { signal, onProgress: options.onProgress });
    for (let attempt = 1; ; attempt++) {
      try {
        return await boot(options, { kafkaVersion, count, directory }, { java, classpath });
      } catch (error) {
        if (!(error instanceof PortTakenError) || attempt === MAX_PORT_ATTEMPTS) throw error;
        options.onProgress?.("another process took one of the ports; starting again with others");
      }
    }
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

interface Shape {
  readonly kafkaVersion: string;
  readonly count: number;
  /** Deleted in the end with all that is in it; the cluster's files go into its `cluster` folder. */
  readonly directory: string;
}

async function boot(
  options: ClusterOptions,
  shape: Shape,
  jvm: Pick<Launcher, "java" | "classpath">,
): Promise<KafkaCluster> {
  const home = join(shape.directory, "cluster");
  const guard = await Guard.over(shape.directory);
  const abort = new AbortController();
  const onAbort = () => abort.abort(options.signal?.reason);
  options.signal?.addEventListener("abort", onAbort, { once: true });
  const work = formatAndStart(options, shape, home, { ...jvm, guard }, abort.signal);
  const aborted = new Promise<never>((_, reject) => {
    abort.signal.addEventListener("abort", () => reject(abort.signal.reason), { once: true });
    if (options.signal?.aborted) onAbort();
  });
  try {
    return await Promise.race([work, aborted]);
  } catch (error) {
    abort.abort(error);
    await guard.killAll();
    // It may be between two steps; with all processes gone and the signal aborted, it ends at once.
    await Promise.allSettled([work]);
    await rm(home, { recursive: true, force: true });
    await guard.release();
    throw error;
  } finally {
    options.signal?.removeEventListener("abort", onAbort);
  }
}

async function formatAndStart(
  options: ClusterOptions,
  shape: Shape,
  home: string,
  launcher: Launcher,
  signal: AbortSignal,
): Promise<KafkaCluster> {
  const security = options.security ?? "plaintext";
  await mkdir(home);
  const tls = security === "sasl_ssl" ? await createTlsFiles(home, signal) : undefined;
  const plan = await planCluster(options, shape, home, tls);
  const brokers = plan.nodes.map((node) => new Broker(node, launcher));
  options.onProgress?.(
    `starting Kafka ${plan.kafkaVersion}, ${brokers.length === 1 ? "one broker" : `${brokers.length} brokers`}, ${security}`,
  );
  const zookeeper = plan.zookeeper && new ZooKeeper(plan.zookeeper, launcher);
  await zookeeper?.start(plan, signal);
  // All settle before one's failure is told, so that none writes into a directory that is being deleted.
  await allOrThrow(
    brokers.map(async (broker) => {
      await mkdir(broker.plan.directory, { recursive: true });
      await writeProperties(plan, broker.plan);
      if (zookeeper === undefined) await broker.format(plan);
      signal.throwIfAborted();
      await broker.start();
    }),
  );
  await waitUntilServing(plan, brokers, {
    signal,
    timeoutMs: START_TIMEOUT_MS,
    ...(tls === undefined ? {} : { caPem: tls.caPem }),
  });
  return new KafkaCluster(plan, brokers, zookeeper, launcher.guard, shape.directory, tls);
}

function writeProperties(plan: ClusterPlan, node: NodePlan): Promise<void> {
  return writeFile(propertiesFile(node), renderProperties(brokerProperties(plan, node)));
}

async function planCluster(
  options: ClusterOptions,
  shape: Shape,
  home: string,
  tls: TlsFiles | undefined,
): Promise<ClusterPlan> {
  const { advertisedPorts, listeners = [], security = "plaintext" } = options;
  const isInternal = security !== "plaintext" || advertisedPorts !== undefined;
  const perNode = 2 + Number(isInternal) + listeners.length;
  const ports = await chooseFreePorts(1 + shape.count * perNode, BIND_HOST);
  const nextPort = (): number => {
    const port = ports.shift();
    if (port === undefined) throw new Error("fewer ports than asked for");
    return port;
  };
  const nodes: NodePlan[] = [];
  for (let nodeId = 1; nodeId <= shape.count; nodeId++) {
    const advertisedPort = advertisedPorts?.[nodeId - 1];
    const rack = options.racks?.[nodeId - 1];
    nodes.push({
      nodeId,
      clientPort: nextPort(),
      controllerPort: nextPort(),
      ...(isInternal ? { internalPort: nextPort() } : {}),
      ...(advertisedPort === undefined ? {} : { advertisedPort }),
      ...(rack === undefined ? {} : { rack }),
      listeners: listeners.map((listener) => ({ ...listener, port: nextPort() })),
      directory: join(home, `node-${nodeId}`),
      directoryId: randomKafkaUuid(),
    });
  }
  return {
    kafkaVersion: shape.kafkaVersion,
    clusterId: randomKafkaUuid(),
    security,
    autoCreateTopics: options.autoCreateTopics ?? false,
    properties: options.properties ?? {},
    nodes,
    ...(needsZooKeeper(shape.kafkaVersion)
      ? { zookeeper: { port: nextPort(), directory: join(home, "zookeeper") } }
      : {}),
    ...(security === "plaintext"
      ? {}
      : {
          sasl: {
            username: USERNAME,
            password: PASSWORD,
            ...(tls === undefined ? {} : { keystoreFile: tls.keystoreFile }),
          },
        }),
  };
}

/** A random uuid in Kafka's form of 22 characters, none of which begins like an option of a command. */
function randomKafkaUuid(): string {
  const bytes = randomBytes(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const text = bytes.toString("base64url");
  return text.startsWith("-") ? randomKafkaUuid() : text;
}

async function allOrThrow(work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) {
    if (result.status === "rejected") throw result.reason;
  }
}

/** A running cluster of one's own, whose brokers one may also stop, kill, pause and start again. */
export class KafkaCluster {
  readonly kafkaVersion: string;
  readonly clusterId: string;
  readonly security: Security;
  /** `host:port` of every broker, running or not. */
  readonly bootstrapServers: readonly string[];
  readonly directory: string;
  /** With SASL only. */
  readonly credentials: ClusterCredentials | undefined;
  readonly #plan: ClusterPlan;
  readonly #brokers: readonly Broker[];
  readonly #zookeeper: ZooKeeper | undefined;
  readonly #guard: Guard;
  #closing: Promise<void> | undefined;

  constructor(
    plan: ClusterPlan,
    brokers: readonly Broker[],
    zookeeper: ZooKeeper | undefined,
    guard: Guard,
    directory: string,
    tls: TlsFiles | undefined,
  ) {
    const host = advertisedHost(plan.security);
    this.kafkaVersion = plan.kafkaVersion;
    this.clusterId = plan.clusterId;
    this.security = plan.security;
    this.bootstrapServers = plan.nodes.map((node) => `${host}:${node.clientPort}`);
    this.directory = directory;
    this.credentials =
      plan.sasl === undefined
        ? undefined
        : {
            ...(tls === undefined ? {} : { caFile: tls.caFile, caPem: tls.caPem }),
            username: plan.sasl.username,
            password: plan.sasl.password,
            mechanisms: SASL_MECHANISMS,
          };
    this.#plan = plan;
    this.#brokers = brokers;
    this.#zookeeper = zookeeper;
    this.#guard = guard;
  }

  /** The process id of its ZooKeeper, which only Kafka 2 has. */
  get zookeeperPid(): number | undefined {
    return this.#zookeeper?.pid;
  }

  /** As they are at this moment. */
  get brokers(): readonly KafkaBroker[] {
    const host = advertisedHost(this.security);
    return this.#brokers.map(({ plan, pid }) => ({
      nodeId: plan.nodeId,
      host,
      port: plan.clientPort,
      listenerPorts: Object.fromEntries((plan.listeners ?? []).map(({ name, port }) => [name, port])),
      pid,
    }));
  }

  /** Stops a broker in good order: it hands its leadership over first. */
  async stopBroker(nodeId: number): Promise<void> {
    await this.#broker(nodeId).stop();
  }

  /** Kills a broker as a power cut would. The others notice after `broker.session.timeout.ms`, 9 s by default. */
  async killBroker(nodeId: number): Promise<void> {
    await this.#broker(nodeId).kill();
  }

  /** Freezes a broker: its connections stay open and get no answer. */
  pauseBroker(nodeId: number): void {
    this.#broker(nodeId).pause();
  }

  resumeBroker(nodeId: number): void {
    this.#broker(nodeId).resume();
  }

  /** From its next start on, a broker tells clients this port. */
  async advertise(nodeId: number, advertisedPort: number): Promise<void> {
    await writeProperties(this.#plan, { ...this.#broker(nodeId).plan, advertisedPort });
  }

  /**
   * Starts a stopped or killed broker with the same id, ports and data, and waits until it serves. The
   * controller may refuse it until the session of its former life is over (`broker.session.timeout.ms`, 9 s).
   */
  async startBroker(nodeId: number, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const starting = this.#broker(nodeId);
    if (!starting.running) await this.#zookeeper?.untilForgotten(nodeId, options.signal);
    await starting.start();
    const active = this.#brokers.filter((broker) => broker.running && !broker.paused);
    await waitUntilServing(this.#plan, active, {
      timeoutMs: START_TIMEOUT_MS,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(this.credentials?.caPem === undefined ? {} : { caPem: this.credentials.caPem }),
    });
  }

  /** The end of a broker's log, for the message of a test that failed. */
  logTail(nodeId: number, lines?: number): Promise<string> {
    return this.#broker(nodeId).logTail(lines);
  }

  /** Resolves when no broker runs any more, for whatever reason. */
  async stopped(signal?: AbortSignal): Promise<void> {
    while (this.#brokers.some((broker) => broker.running)) await sleep(200, signal);
  }

  /** Lets the brokers outlive this process; `close` must not be called any more. */
  async detach(): Promise<void> {
    await this.#guard.release();
  }

  /**
   * Ends all brokers and deletes their data. They are killed, since nobody reads the data again, and a
   * quorum that is stopped all at once would wait for the majority it has just lost.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await this.#guard.killAll();
    await rm(this.directory, { recursive: true, force: true });
    await this.#guard.release();
  }

  #broker(nodeId: number): Broker {
    const broker = this.#brokers.find(({ plan }) => plan.nodeId === nodeId);
    if (broker === undefined) {
      const ids = this.#brokers.map(({ plan }) => plan.nodeId).join(", ");
      throw new KafkaRunnerError(`there is no broker ${nodeId} in this cluster: its ids are ${ids}`);
    }
    return broker;
  }
}
