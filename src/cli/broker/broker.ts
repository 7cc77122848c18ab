/** `kafkawire broker`: a Kafka for development on the command line. */

import process from "node:process";
import type { ConnectedClient } from "../../testing/observer.ts";
import { TestCluster } from "../../testing/test-cluster.ts";
import type { Command } from "../command.ts";
import { type BrokerOptions, parseBrokerOptions, USAGE, UsageError } from "./broker-options.ts";
import { isNews, requestLine } from "./request-lines.ts";

export const broker: Command = {
  summary: "a Kafka for development, in one process and without Java",
  run: async (args) => {
    try {
      const options = parseBrokerOptions(args);
      if (options === null) {
        console.log(USAGE);
        return 0;
      }
      await serve(options);
      return 0;
    } catch (error) {
      if (error instanceof UsageError) {
        console.error(`${error.message}\n\n${USAGE}`);
        return 2;
      }
      console.error(explained(error));
      return 1;
    }
  },
};

/** Serves until the process is told to end. */
async function serve(options: BrokerOptions): Promise<void> {
  const startedMs = performance.now();
  const { as = "4.4" } = options.cluster;
  const told = new Promise<string>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve(signal));
  });
  await using cluster = await TestCluster.start(options.cluster);
  const readyMs = Math.round(performance.now() - startedMs);
  console.log(`Kafka ${as} is ready at ${cluster.bootstrapServers.join(",")} after ${readyMs} ms`);
  for (const topic of cluster.topics) console.log(`  topic ${topic}`);
  for (const warning of cluster.warnings) console.warn(warning);
  const { dataDirectory } = options.cluster;
  console.log(
    `Ctrl-C stops it; ${dataDirectory === undefined ? "nothing is kept" : `all is kept in ${dataDirectory}`}.`,
  );
  if (!options.isQuiet) observe(cluster, options.isVerbose);
  line(`${await told}: stopping`);
}

function observe(cluster: TestCluster, isVerbose: boolean): void {
  const nameOf = (topicId: string): string | null => cluster.topicName(topicId);
  const named = ({ id, peer, software }: ConnectedClient): string =>
    `client ${id} at ${peer}${software === null ? "" : `, ${software.name} ${software.version}`}`;
  cluster.observe({
    onConnected: (client) => line(`broker ${client.broker}  ${named(client)} connected`),
    onDisconnected: (client) => {
      line(`broker ${client.broker}  ${named(client)} went`);
    },
    onAnswered: (request) => {
      if (!isVerbose && !isNews(request)) return;
      line(`broker ${request.broker}  client ${request.connection}  ${requestLine(request, nameOf)}`);
    },
  });
}

function line(text: string): void {
  console.log(`${new Date().toISOString().slice(11, 23)}  ${text}`);
}

function explained(error: unknown): string {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  if (code === "EADDRINUSE") return `${message}. Something listens there: give another --port, or 0 for any.`;
  return message ?? String(error);
}
