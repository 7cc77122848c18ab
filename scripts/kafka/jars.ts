import { join } from "node:path";
import { ensureDirectory, isComplete } from "./cached-directory.ts";
import { KafkaRunnerError } from "./errors.ts";
import { besideScripts, cacheDirectory } from "./paths.ts";
import { run, tail } from "./process.ts";
import { requireMaven } from "./tools.ts";
import { checkKafkaVersion, needsZooKeeper, zooKeeperVersion } from "./versions.ts";

export interface JarsOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((message: string) => void) | undefined;
}

const MAVEN_TIMEOUT_MS = 10 * 60_000;

/** The directory that holds the jars of one Kafka version, fetched through Maven when they are not there yet. */
export async function ensureJars(kafkaVersion: string, options: JarsOptions = {}): Promise<string> {
  checkKafkaVersion(kafkaVersion);
  const directory = join(cacheDirectory(), `kafka-${kafkaVersion}`);
  if (await isComplete(directory)) return directory;
  // Checked first: without Maven there is nothing to wait for.
  const maven = requireMaven();
  const { signal, onProgress } = options;
  const fill = (partial: string) => {
    onProgress?.(`fetching Kafka ${kafkaVersion} through Maven into ${directory}`);
    return fetchJars(maven, kafkaVersion, partial, signal);
  };
  const onWait = () => onProgress?.(`waiting for another process that fetches Kafka ${kafkaVersion}`);
  await ensureDirectory(directory, fill, { signal, onWait });
  return directory;
}

async function fetchJars(
  maven: string,
  kafkaVersion: string,
  directory: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { code, stdout, stderr } = await run(
    maven,
    [
      "-q",
      "-B",
      ...project(kafkaVersion),
      `-Dkafka.version=${kafkaVersion}`,
      "dependency:copy-dependencies",
      `-DoutputDirectory=${directory}`,
      "-DincludeScope=runtime",
    ],
    { signal, timeoutMs: MAVEN_TIMEOUT_MS },
  );
  if (code === 0) return;
  const output = `${stdout.toString("utf8")}\n${stderr}`;
  if (/could not find artifact org\.apache\.kafka:kafka_2\.1[23]/i.test(output)) {
    throw new KafkaRunnerError(
      `Kafka ${kafkaVersion} is not in the Maven repository: choose a version that was released, for example 4.4.0 or 3.9.1`,
    );
  }
  const errors = output.split("\n").filter((line) => line.includes("[ERROR]"));
  throw new KafkaRunnerError(
    `Maven could not fetch the jars of Kafka ${kafkaVersion} (exit code ${code}): check the network and Maven's settings\n` +
      tail((errors.length > 0 ? errors.slice(0, 5).join("\n") : output).trim(), 20),
  );
}

function project(kafkaVersion: string): string[] {
  if (!needsZooKeeper(kafkaVersion)) return ["-f", besideScripts("pom.xml")];
  return ["-f", besideScripts("zookeeper-pom.xml"), `-Dzookeeper.version=${zooKeeperVersion(kafkaVersion)}`];
}
