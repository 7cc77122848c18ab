import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { UpOptions } from "./args.ts";
import type { ClusterCredentials, KafkaBroker, KafkaCluster } from "./cluster.ts";
import { errorCode, KafkaRunnerError } from "./errors.ts";
import { cacheDirectory } from "./paths.ts";
import { sleep } from "./process.ts";

/** What `up` writes down so that `status` and `down`, other processes, find the cluster again. */
export interface ClusterState {
  readonly options: UpOptions;
  /** Of the `up` that starts the cluster, or that holds it in the foreground. */
  readonly starterPid: number;
  readonly phase: "starting" | "up";
  readonly bootstrapServers: readonly string[];
  readonly brokers: readonly KafkaBroker[];
  readonly zookeeperPid?: number;
  readonly credentials?: ClusterCredentials;
}

const STATE_FILE = "state.json";
const STOP_TIMEOUT_MS = 30_000;

export function clusterDirectory(name: string): string {
  return join(cacheDirectory(), "clusters", name);
}

/**
 * Takes the name for us by making its directory, which only one process can. The cluster's data goes there
 * too. Returns false when the name is taken.
 */
export async function reserve(options: UpOptions): Promise<boolean> {
  const directory = clusterDirectory(options.name);
  await mkdir(join(directory, ".."), { recursive: true });
  try {
    await mkdir(directory);
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
  await writeState({
    options,
    starterPid: process.pid,
    phase: "starting",
    bootstrapServers: [],
    brokers: [],
  });
  return true;
}

export async function recordUp(options: UpOptions, cluster: KafkaCluster): Promise<void> {
  await writeState({
    options,
    starterPid: process.pid,
    phase: "up",
    bootstrapServers: cluster.bootstrapServers,
    brokers: cluster.brokers,
    ...(cluster.zookeeperPid === undefined ? {} : { zookeeperPid: cluster.zookeeperPid }),
    ...(cluster.credentials === undefined ? {} : { credentials: cluster.credentials }),
  });
}

/** The state of one cluster, or undefined when there is none of that name. */
export async function readState(name: string): Promise<ClusterState | undefined> {
  const file = join(clusterDirectory(name), STATE_FILE);
  // A reservation and its file come one shortly after the other.
  for (let attempt = 0; ; attempt++) {
    try {
      return JSON.parse(await readFile(file, "utf8")) as ClusterState;
    } catch (error) {
      if (errorCode(error) !== "ENOENT") throw error;
      if (attempt === 10 || !(await listNames()).includes(name)) return undefined;
      await sleep(50);
    }
  }
}

export async function listNames(): Promise<string[]> {
  try {
    const entries = await readdir(clusterDirectory("."), { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}

/** The brokers of a cluster that still run. */
export async function livingBrokers(state: ClusterState): Promise<KafkaBroker[]> {
  const directory = clusterDirectory(state.options.name);
  const living: KafkaBroker[] = [];
  for (const broker of state.brokers) {
    if (broker.pid !== undefined && (await runsFrom(broker.pid, directory))) living.push(broker);
  }
  return living;
}

/** Whether the process that starts (or holds) the cluster is still there. */
export function starterLives(state: ClusterState): boolean {
  try {
    process.kill(state.starterPid, 0);
    return true;
  } catch (error) {
    if (errorCode(error) === "ESRCH") return false;
    if (errorCode(error) === "EPERM") return true;
    throw error;
  }
}

/** Stops the brokers in good order, kills those that do not, and deletes the cluster's directory. */
export async function takeDown(name: string): Promise<void> {
  const state = await readState(name);
  if (state?.phase === "starting" && starterLives(state)) {
    throw new KafkaRunnerError(
      `cluster ${name} is still being started by process ${state.starterPid}: wait until it is up, or interrupt that process`,
    );
  }
  if (state !== undefined) {
    await signalAll(state, "SIGTERM");
    const deadline = Date.now() + STOP_TIMEOUT_MS;
    while ((await livingBrokers(state)).length > 0) {
      if (Date.now() > deadline) {
        await signalAll(state, "SIGKILL");
        break;
      }
      await sleep(100);
    }
    while ((await livingBrokers(state)).length > 0) await sleep(50);
    await killZooKeeper(state);
  }
  // A foreground `up` deletes it too, once it sees that its brokers are gone.
  await rm(clusterDirectory(name), { recursive: true, force: true, maxRetries: 5 });
}

/** Last, since brokers say goodbye to it, and at once, since nobody reads its data again. */
async function killZooKeeper({ options, zookeeperPid }: ClusterState): Promise<void> {
  const directory = clusterDirectory(options.name);
  while (zookeeperPid !== undefined && (await runsFrom(zookeeperPid, directory))) {
    kill(zookeeperPid, "SIGKILL");
    await sleep(50);
  }
}

async function signalAll(state: ClusterState, signal: NodeJS.Signals): Promise<void> {
  for (const { pid } of await livingBrokers(state)) {
    if (pid !== undefined) kill(pid, signal);
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended in between, which is what we want.
    if (errorCode(error) !== "ESRCH") throw error;
  }
}

/**
 * Whether a process with this id runs, and is one of that cluster's: after a restart of the machine the id
 * may belong to anybody, but only our broker has a path in this directory among its arguments.
 */
async function runsFrom(pid: number, directory: string): Promise<boolean> {
  return (await commandLine(pid)).includes(`${directory}/`);
}

async function commandLine(pid: number): Promise<string> {
  try {
    // A zombie's is empty.
    return await readFile(`/proc/${pid}/cmdline`, "utf8");
  } catch (error) {
    if (errorCode(error) !== "ENOENT" && errorCode(error) !== "ESRCH") throw error;
  }
  if (process.platform === "linux") return "";
  try {
    const { stdout } = await promisify(execFile)("ps", ["-ww", "-o", "command=", "-p", String(pid)]);
    return stdout;
  } catch (error) {
    // ps exits with 1 when there is no such process.
    if (error instanceof Error && "code" in error && error.code === 1) return "";
    throw error;
  }
}

/** Replaces the file whole, so that no reader sees half of it. */
async function writeState(state: ClusterState): Promise<void> {
  const file = join(clusterDirectory(state.options.name), STATE_FILE);
  await writeFile(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
