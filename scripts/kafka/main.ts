import { isDeepStrictEqual } from "node:util";
import { HELP, parseArguments, type UpOptions } from "./args.ts";
import { type KafkaCluster, startCluster } from "./cluster.ts";
import { KafkaRunnerError, UsageError } from "./errors.ts";
import {
  type ClusterState,
  clusterDirectory,
  listNames,
  livingBrokers,
  readState,
  recordUp,
  reserve,
  starterLives,
  takeDown,
} from "./state.ts";

/** stdout carries what a script may want to read, stderr what a person may. */
const print = (line: string) => process.stdout.write(`${line}\n`);
const tell = (line: string) => process.stderr.write(`${line}\n`);

/** The reason of an abort by a signal; the exit code follows the shells' custom. */
class Interrupted extends KafkaRunnerError {
  readonly exitCode: number;

  constructor(signal: string, exitCode: number) {
    super(`interrupted by ${signal}; nothing is left running`);
    this.exitCode = exitCode;
  }
}

async function main(args: readonly string[]): Promise<void> {
  const command = parseArguments(args);
  switch (command.command) {
    case "help":
      process.stdout.write(HELP);
      return;
    case "up":
      return up(command.options);
    case "down":
      return down(command.name, command.all);
    case "status":
      return status(command.json);
  }
}

async function up(options: UpOptions): Promise<void> {
  const interruption = new AbortController();
  const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
  for (const [signal, exitCode] of Object.entries(signals)) {
    process.on(signal, () => interruption.abort(new Interrupted(signal, exitCode)));
  }
  if (!(await reserve(options))) return alreadyUp(options);
  // Should the start fail, it deletes the directory, and with it the reservation.
  const cluster = await startCluster({
    ...options,
    directory: clusterDirectory(options.name),
    signal: interruption.signal,
    onProgress: tell,
  });
  try {
    await recordUp(options, cluster);
    interruption.signal.throwIfAborted();
    printAddress(cluster);
    if (options.foreground) {
      tell(`cluster ${options.name} is up; Ctrl-C stops it`);
      await cluster.stopped(interruption.signal);
      throw new KafkaRunnerError(
        `all brokers of cluster ${options.name} have ended; "down" from elsewhere does that`,
      );
    }
  } catch (error) {
    await cluster.close();
    // Ctrl-C is how a foreground cluster is meant to end.
    if (options.foreground && error instanceof Interrupted) return;
    throw error;
  }
  await cluster.detach();
  tell(`cluster ${options.name} is up; "npm run kafka -- down --name ${options.name}" stops it`);
}

/** Twice `up` is once, as long as both want the same. */
async function alreadyUp(options: UpOptions): Promise<void> {
  const { name } = options;
  const state = await readState(name);
  const remedy = `"npm run kafka -- down --name ${name}" clears it, --name chooses another name`;
  if (state === undefined) throw new KafkaRunnerError(`cluster ${name} is half there: ${remedy}`);
  if (state.phase === "starting" && starterLives(state)) {
    throw new KafkaRunnerError(
      `cluster ${name} is being started by process ${state.starterPid}: wait for it, or choose another --name`,
    );
  }
  const living = await livingBrokers(state);
  if (state.phase !== "up" || living.length < state.brokers.length) {
    throw new KafkaRunnerError(
      `cluster ${name} is not whole any more (${living.length} of ${state.options.brokers} brokers run): ${remedy}`,
    );
  }
  if (!isDeepStrictEqual({ ...state.options, foreground: false }, { ...options, foreground: false })) {
    throw new KafkaRunnerError(`cluster ${name} is up with other options: ${remedy}`);
  }
  printAddress(state);
  tell(`cluster ${name} was up already`);
}

async function down(name: string | undefined, all: boolean): Promise<void> {
  const names = await listNames();
  if (name !== undefined && !names.includes(name)) {
    const up = names.length === 0 ? "none is up" : `there are: ${names.join(", ")}`;
    throw new KafkaRunnerError(`there is no cluster ${name}; ${up}`);
  }
  if (name === undefined && !all && names.length > 1) {
    throw new UsageError(`several clusters are up: choose one with --name or --all (${names.join(", ")})`);
  }
  if (names.length === 0) tell("no cluster is up");
  for (const each of name === undefined ? names : [name]) {
    await takeDown(each);
    tell(`cluster ${each} is down`);
  }
}

async function status(json: boolean): Promise<void> {
  const clusters = [];
  for (const name of await listNames()) {
    const state = await readState(name);
    if (state === undefined) continue;
    const living = await livingBrokers(state);
    clusters.push({ name, state, living: living.map(({ nodeId }) => nodeId) });
  }
  if (json) {
    print(
      JSON.stringify(
        clusters.map(({ state, living }) => ({ ...state, living })),
        null,
        2,
      ),
    );
    return;
  }
  if (clusters.length === 0) tell('no cluster is up; "npm run kafka -- up" starts one');
  for (const { name, state, living } of clusters) {
    const { kafkaVersion, brokers, security } = state.options;
    const isStarting = state.phase === "starting" && starterLives(state);
    const condition = isStarting ? "starting" : living.length === brokers ? "up" : "BROKEN, take it down";
    print(`${name}: ${condition} (Kafka ${kafkaVersion}, ${security})`);
    for (const { nodeId, host, port, pid } of state.brokers) {
      print(`  broker ${nodeId} ${host}:${port} ${living.includes(nodeId) ? `pid ${pid}` : "not running"}`);
    }
    if (state.phase === "up") printAddress(state, "  ");
  }
}

/** In a form that a shell can take over: KEY=value. */
function printAddress(
  cluster: Pick<ClusterState, "bootstrapServers"> & Pick<KafkaCluster | ClusterState, "credentials">,
  indent = "",
): void {
  print(`${indent}KAFKA_BOOTSTRAP=${cluster.bootstrapServers.join(",")}`);
  const { credentials } = cluster;
  if (credentials === undefined) return;
  if (credentials.caFile !== undefined) print(`${indent}KAFKA_SSL_CA=${credentials.caFile}`);
  print(`${indent}KAFKA_SASL_USERNAME=${credentials.username}`);
  print(`${indent}KAFKA_SASL_PASSWORD=${credentials.password}`);
  print(`${indent}KAFKA_SASL_MECHANISMS=${credentials.mechanisms.join(",")}`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof KafkaRunnerError)) throw error;
  tell(`kafka: ${error.message}`);
  if (error instanceof UsageError) tell('"npm run kafka -- help" lists what there is');
  process.exitCode = error instanceof Interrupted ? error.exitCode : error instanceof UsageError ? 2 : 1;
}
