import type { ChildProcess } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ClusterPlan, formatArguments, type NodePlan, propertiesFile } from "./config.ts";
import { errorCode, KafkaRunnerError, PortTakenError } from "./errors.ts";
import { exited, type Guard } from "./guard.ts";
import { SHORT_LIVED_JVM } from "./java.ts";
import { besideScripts } from "./paths.ts";
import { tail } from "./process.ts";

/** What it takes to start a JVM with Kafka in it. */
export interface Launcher {
  readonly java: string;
  readonly classpath: string;
  readonly guard: Guard;
}

/** 355 MiB resident at rest with this heap; one compiler and one collector thread suit a small machine. */
const BROKER_JVM = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"] as const;

/** A controlled shutdown hands leadership over and closes the logs; a healthy broker needs a second or two. */
const STOP_TIMEOUT_MS = 30_000;

/** One node of a cluster, running or not: the same id, ports and data across restarts. */
export class Broker {
  readonly plan: NodePlan;
  readonly #launcher: Launcher;
  #child: ChildProcess | undefined;
  #paused = false;

  constructor(plan: NodePlan, launcher: Launcher) {
    this.plan = plan;
    this.#launcher = launcher;
  }

  /** The JVM's process id while it runs. */
  get pid(): number | undefined {
    return this.running ? this.#child?.pid : undefined;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get paused(): boolean {
    return this.running && this.#paused;
  }

  /** Makes the data directory (Kafka's `storage format`). */
  async format(cluster: ClusterPlan): Promise<void> {
    const { classpath } = this.#launcher;
    const logFile = join(this.plan.directory, "format.log");
    const child = await spawnJvm(this.#launcher, logFile, [
      ...SHORT_LIVED_JVM,
      `-Dlog4j2.configurationFile=${besideScripts("log4j2-stderr.xml")}`,
      ...["-cp", classpath, "kafka.tools.StorageTool", ...formatArguments(cluster, this.plan)],
    ]);
    await exited(child);
    if (child.exitCode !== 0) {
      throw new KafkaRunnerError(
        `Kafka's storage tool could not format node ${this.plan.nodeId} (exit code ${child.exitCode ?? child.signalCode}):\n` +
          tail(await readFile(logFile, "utf8"), 15),
      );
    }
  }

  /** Starts the JVM. Whether the broker serves is for the cluster to find out. */
  async start(): Promise<void> {
    if (this.running) throw new KafkaRunnerError(`broker ${this.plan.nodeId} is running already`);
    const { classpath } = this.#launcher;
    this.#paused = false;
    this.#child = await spawnJvm(this.#launcher, join(this.plan.directory, "jvm.out"), [
      ...BROKER_JVM,
      `-Dlog4j2.configurationFile=${besideScripts("log4j2-broker.xml")}`,
      `-Dkafkawire.log.file=${this.#logFile}`,
      ...["-cp", classpath, "kafka.Kafka", propertiesFile(this.plan)],
    ]);
  }

  /** A controlled shutdown (SIGTERM). One that does not end is killed, and that is an error. */
  async stop(): Promise<void> {
    this.#signal("SIGTERM");
    if (await this.#exitsWithin(STOP_TIMEOUT_MS)) return;
    await this.kill();
    throw new KafkaRunnerError(
      `broker ${this.plan.nodeId} did not stop within ${STOP_TIMEOUT_MS} ms and was killed; the end of its log:\n${await this.logTail()}`,
    );
  }

  /** Death without a word (SIGKILL), as in a power cut. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.running) return;
    child.kill("SIGKILL");
    await exited(child);
  }

  /** The process keeps its sockets and answers nothing (SIGSTOP), as in a long garbage collection. */
  pause(): void {
    this.#signal("SIGSTOP");
    this.#paused = true;
  }

  resume(): void {
    this.#signal("SIGCONT");
    this.#paused = false;
  }

  /** Throws if the JVM has ended, saying why as far as its log tells. */
  async assertRunning(): Promise<void> {
    if (this.running) return;
    const log = await this.logTail();
    const how = this.#child?.signalCode ?? `exit code ${this.#child?.exitCode}`;
    // Stack traces may follow the line that tells.
    if (/Address already in use|BindException/.test(await this.logTail(500))) {
      throw new PortTakenError(
        `broker ${this.plan.nodeId} found one of its ports taken by another process:\n${log}`,
      );
    }
    throw new KafkaRunnerError(
      `broker ${this.plan.nodeId} ended by itself (${how}); the end of its log:\n${log}`,
    );
  }

  /** The end of the broker's log, and of what the JVM itself printed. */
  async logTail(lines = 25): Promise<string> {
    const texts = await Promise.all([this.#logFile, join(this.plan.directory, "jvm.out")].map(readIfThere));
    return tail(texts.filter((text) => text !== "").join("\n"), lines);
  }

  get #logFile(): string {
    return join(this.plan.directory, "server.log");
  }

  #signal(signal: NodeJS.Signals): void {
    if (!this.running || this.#child === undefined) {
      throw new KafkaRunnerError(`broker ${this.plan.nodeId} is not running, so it cannot get ${signal}`);
    }
    this.#child.kill(signal);
  }

  async #exitsWithin(timeoutMs: number): Promise<boolean> {
    const child = this.#child;
    if (child === undefined || !this.running) return true;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), timeoutMs);
    });
    const result = await Promise.race([exited(child).then(() => true), timeout]);
    clearTimeout(timer);
    return result;
  }
}

/** Starts Java under the guard; what it prints goes to the file. */
export async function spawnJvm(
  { java, guard }: Launcher,
  outputFile: string,
  args: readonly string[],
): Promise<ChildProcess> {
  const output = await open(outputFile, "a");
  try {
    return await guard.spawn(java, args, output.fd);
  } finally {
    await output.close();
  }
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return "";
    throw error;
  }
}
