/**
 * The first look: starts a Kafka, shows keyed records going there and coming back, and ends.
 * `npm run quickstart -- --bootstrap-server HOST:PORT` does the same on a Kafka that is there already.
 */

import { parseArgs } from "node:util";
import { run } from "../examples/keyed-records.ts";
import { startCluster } from "./kafka/cluster.ts";
import { KafkaRunnerError, UsageError } from "./kafka/errors.ts";

const print = (line: string): void => console.log(line);

async function main(): Promise<void> {
  const bootstrapServer = readArguments();
  if (bootstrapServer !== undefined) {
    await run(bootstrapServer.split(","), print);
    return;
  }
  const interruption = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => interruption.abort(new KafkaRunnerError(`Interrupted by ${signal}`)));
  }
  print("Starting a real Apache Kafka (the first time its jars are fetched) ...");
  const started = performance.now();
  await using cluster = await startCluster({ signal: interruption.signal });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  print(`Kafka ${cluster.kafkaVersion} is up at ${cluster.bootstrapServers} after ${seconds} s.`);
  await Promise.race([run(cluster.bootstrapServers, print), aborted(interruption.signal)]);
  print("\nDone; stopping Kafka.");
}

function readArguments(): string | undefined {
  try {
    return parseArgs({ options: { "bootstrap-server": { type: "string" } } }).values["bootstrap-server"];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${why}\nUsage: npm run quickstart [-- --bootstrap-server HOST:PORT[,HOST:PORT]]`);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}

main().catch((error: unknown) => {
  // An error that a person can act on needs no stack.
  const known = error instanceof KafkaRunnerError || (error instanceof Error && "code" in error);
  console.error(known ? `quickstart: ${error.message}` : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
