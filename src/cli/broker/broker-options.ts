/** What the command line says of the cluster to start. */

import { parseArgs } from "node:util";
import type { TestClusterOptions } from "../../testing/cluster-options.ts";
import { type Release, releases } from "../../testing/releases.ts";

/** A command line that makes no sense. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export interface BrokerOptions {
  readonly cluster: TestClusterOptions;
  /** Whether requests that bring nothing are told of too. */
  readonly isVerbose: boolean;
  /** Whether nothing is told of but the start and what went wrong. */
  readonly isQuiet: boolean;
}

export const USAGE = `Usage: kafkawire broker [OPTION]...

A Kafka for development, in one process and without Java. It keeps everything in memory and forgets it when it stops.

  --port NUMBER            port of the first broker; others take the next ones (9092)
  --host NAME              where to listen, and what clients are told (127.0.0.1)
  --brokers NUMBER         how many brokers (1)
  --topic NAME[:NUMBER]    make a topic with so many partitions (1); may be given again
  --as RELEASE             be like this release of Kafka: ${releases.join(", ")} (4.4)
  --config KEY=VALUE       a broker configuration, such as num.partitions=3; may be given again
  --data DIR               keep topics, records, groups and offsets there (nothing is kept)
  --no-auto-create         do not make topics that are asked for
  --verbose                tell of every request, empty fetches and heartbeats too
  --quiet                  tell of no request
  --help                   say this`;

const DEFAULT_PORT = 9092;

/** @throws UsageError where the command line makes no sense; null where help is asked for. */
export function parseBrokerOptions(args: readonly string[]): BrokerOptions | null {
  const values = parsed(args);
  if (values.help === true) return null;
  return {
    isVerbose: values.verbose === true,
    isQuiet: values.quiet === true,
    cluster: {
      port: numberOf("--port", values.port, DEFAULT_PORT, 65_535),
      ...(values.brokers === undefined ? {} : { brokers: numberOf("--brokers", values.brokers, 1, 100) }),
      ...(values.data === undefined ? {} : { dataDirectory: values.data }),
      as: releaseOf(values.as),
      topics: Object.fromEntries((values.topic ?? []).map(topicOf)),
      configs: Object.fromEntries((values.config ?? []).map(configOf)),
      autoCreateTopics: values["no-auto-create"] !== true,
      ...(values.host === undefined ? {} : { host: values.host }),
    },
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: "string" },
        host: { type: "string" },
        brokers: { type: "string" },
        topic: { type: "string", multiple: true },
        as: { type: "string" },
        config: { type: "string", multiple: true },
        data: { type: "string" },
        "no-auto-create": { type: "boolean" },
        verbose: { type: "boolean" },
        quiet: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function numberOf(option: string, text: string | undefined, byDefault: number, most: number): number {
  if (text === undefined) return byDefault;
  const value = Number(text);
  const least = option === "--port" ? 0 : 1;
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`${option} is "${text}": it has to be a number from ${least} to ${most}`);
}

function releaseOf(text: string | undefined): Release {
  if (text === undefined) return "4.4";
  const release = releases.find((known) => known === text);
  if (release !== undefined) return release;
  throw new UsageError(`--as is "${text}": there are ${releases.join(", ")}`);
}

function topicOf(text: string): [string, number] {
  const [, name, partitions = "1"] = /^([^:]+)(?::(\d+))?$/.exec(text) ?? [];
  if (name === undefined || Number(partitions) < 1) {
    throw new UsageError(
      `--topic is "${text}": it has to be a name, or a name and a number such as orders:3`,
    );
  }
  return [name, Number(partitions)];
}

function configOf(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1)
    throw new UsageError(`--config is "${text}": it has to be a key and a value such as num.partitions=3`);
  return [text.slice(0, at), text.slice(at + 1)];
}
