/**
 * The first look: a Kafka in this process, producers, and a group whose members come and go; then it ends.
 * `npm run quickstart -- --bootstrap-server HOST:PORT` does the same on a Kafka that is there already.
 */

import { parseArgs } from "node:util";
import { KafkaError } from "kafkawire";
import { TestCluster } from "kafkawire/testing";
import { run } from "../examples/quickstart.ts";

const print = (line: string): void => console.log(line);

class UsageError extends Error {}

async function main(): Promise<void> {
  const bootstrapServer = readArguments();
  if (bootstrapServer !== undefined) {
    await run(bootstrapServer.split(","), print);
    return;
  }
  const started = performance.now();
  await using cluster = await TestCluster.start({ brokers: 3 });
  const ms = Math.round(performance.now() - started);
  print(`Three brokers are up in this process after ${ms} ms, at ${cluster.bootstrapServers.join(" ")}:`);
  print("no Java, no Docker, and the real protocol. Any Kafka client can connect.\n");
  await run(cluster.bootstrapServers, print);
}

function readArguments(): string | undefined {
  try {
    return parseArgs({ options: { "bootstrap-server": { type: "string" } } }).values["bootstrap-server"];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${why}\nUsage: npm run quickstart [-- --bootstrap-server HOST:PORT[,HOST:PORT]]`);
  }
}

main().catch((error: unknown) => {
  // An error that a person can act on needs no stack.
  const known = error instanceof KafkaError || error instanceof UsageError;
  console.error(known ? `quickstart: ${error.message}` : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
