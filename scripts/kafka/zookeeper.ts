import type { ChildProcess } from "node:child_process";
import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Launcher, spawnJvm } from "./broker.ts";
import { BIND_HOST, type ClusterPlan, renderProperties, type ZooKeeperPlan } from "./config.ts";
import { errorCode, KafkaRunnerError, PortTakenError } from "./errors.ts";
import { besideScripts } from "./paths.ts";
import { sleep, tail } from "./process.ts";
import { createZnodes, type Znode, znodeExists } from "./znodes.ts";

/** Small and quick; the data is deleted in the end, so nothing need reach the disk. */
const ZOOKEEPER_JVM = [
  ...["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"],
  // ZooKeeper would look for log4j 1, which is not there.
  ...["-Dzookeeper.forceSync=no", "-Dzookeeper.jmx.log4j.disable=true"],
];

const POLL_MS = 50;
const ANSWER_TIMEOUT_MS = 5_000;
const START_TIMEOUT_MS = 60_000;
/** Its session, 6 s, and then some: on a busy machine ZooKeeper looks late. */
const FORGET_TIMEOUT_MS = 60_000;
const SCRAM_ITERATIONS = 4096;

/** The ZooKeeper of a cluster of Kafka 2: one, however many brokers there are. */
export class ZooKeeper {
  readonly #plan: ZooKeeperPlan;
  readonly #launcher: Launcher;
  #child: ChildProcess | undefined;

  constructor(plan: ZooKeeperPlan, launcher: Launcher) {
    this.#plan = plan;
    this.#launcher = launcher;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it, and writes into it what the brokers shall find: the cluster's id and its users. */
  async start(cluster: ClusterPlan, signal: AbortSignal): Promise<void> {
    const { directory, port } = this.#plan;
    await mkdir(directory, { recursive: true });
    const configFile = join(directory, "zookeeper.properties");
    await writeFile(
      configFile,
      renderProperties({
        dataDir: join(directory, "data"),
        clientPort: String(port),
        clientPortAddress: BIND_HOST,
        maxClientCnxns: "0",
        tickTime: "1000",
        "admin.enableServer": "false",
      }),
    );
    this.#child = await spawnJvm(this.#launcher, join(directory, "jvm.out"), [
      ...ZOOKEEPER_JVM,
      `-Dlog4j2.configurationFile=${besideScripts("log4j2-broker.xml")}`,
      `-Dkafkawire.log.file=${this.#logFile}`,
      ...["-cp", this.#launcher.classpath, "org.apache.zookeeper.server.ZooKeeperServerMain", configFile],
    ]);
    const znodes = initialZnodes(cluster);
    await this.#until(START_TIMEOUT_MS, "answer", signal, async () => {
      await createZnodes(BIND_HOST, port, znodes, ANSWER_TIMEOUT_MS);
      return true;
    });
  }

  /**
   * Waits until the session of a broker's former life is over. KRaft lets a broker that was killed wait; with
   * ZooKeeper, one that comes back too early ends.
   */
  async untilForgotten(nodeId: number, signal?: AbortSignal): Promise<void> {
    await this.#until(
      FORGET_TIMEOUT_MS,
      `forget broker ${nodeId}`,
      signal,
      async () =>
        !(await znodeExists(BIND_HOST, this.#plan.port, `/brokers/ids/${nodeId}`, ANSWER_TIMEOUT_MS)),
    );
  }

  get #logFile(): string {
    return join(this.#plan.directory, "server.log");
  }

  async #until(
    timeoutMs: number,
    what: string,
    signal: AbortSignal | undefined,
    done: () => Promise<boolean>,
  ): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (let obstacle = ""; ; ) {
      signal?.throwIfAborted();
      await this.#assertRunning();
      try {
        if (await done()) return;
      } catch (error) {
        // Not there yet; why is for the message, should it stay so.
        obstacle = ` (${error instanceof Error ? error.message : String(error)})`;
      }
      if (Date.now() > deadline) {
        throw new KafkaRunnerError(
          `ZooKeeper did not ${what} within ${timeoutMs} ms${obstacle}; the end of its log:\n${await this.#logTail()}`,
        );
      }
      await sleep(POLL_MS, signal);
    }
  }

  async #assertRunning(): Promise<void> {
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) return;
    const log = await this.#logTail();
    if (/Address already in use|BindException/.test(log)) {
      throw new PortTakenError(`ZooKeeper found its port ${this.#plan.port} taken:\n${log}`);
    }
    throw new KafkaRunnerError(
      `ZooKeeper ended by itself (${child?.signalCode ?? `exit code ${child?.exitCode}`}); the end of its log:\n${log}`,
    );
  }

  async #logTail(): Promise<string> {
    try {
      return tail(await readFile(this.#logFile, "utf8"), 25);
    } catch (error) {
      if (errorCode(error) === "ENOENT") return "(it has none)";
      throw error;
    }
  }
}

/** Where Kafka's own tools write them, in the form in which they do. */
function initialZnodes({ clusterId, sasl }: ClusterPlan): Znode[] {
  const znodes = [
    { path: "/cluster", data: "" },
    { path: "/cluster/id", data: JSON.stringify({ version: "1", id: clusterId }) },
  ];
  if (sasl === undefined) return znodes;
  const config = {
    "SCRAM-SHA-256": scramCredential("sha256", sasl.password),
    "SCRAM-SHA-512": scramCredential("sha512", sasl.password),
  };
  return [
    ...znodes,
    { path: "/config", data: "" },
    { path: "/config/users", data: "" },
    { path: `/config/users/${sasl.username}`, data: JSON.stringify({ version: 1, config }) },
  ];
}

/** What a server keeps of a password (RFC 5802, section 3), for a password in ASCII. */
function scramCredential(hash: "sha256" | "sha512", password: string): string {
  const salt = randomBytes(16);
  const length = hash === "sha256" ? 32 : 64;
  const saltedPassword = pbkdf2Sync(password, salt, SCRAM_ITERATIONS, length, hash);
  const clientKey = createHmac(hash, saltedPassword).update("Client Key").digest();
  const storedKey = createHash(hash).update(clientKey).digest("base64");
  const serverKey = createHmac(hash, saltedPassword).update("Server Key").digest("base64");
  return `salt=${salt.toString("base64")},stored_key=${storedKey},server_key=${serverKey},iterations=${SCRAM_ITERATIONS}`;
}
