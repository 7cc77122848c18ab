import { access, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errorCode, KafkaRunnerError } from "./errors.ts";
import { withLock } from "./lock.ts";
import { besideScripts, cacheDirectory } from "./paths.ts";
import { run, tail } from "./process.ts";
import { requireMaven } from "./tools.ts";
import { checkKafkaVersion } from "./versions.ts";

export interface JarsOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((message: string) => void) | undefined;
}

/** Written last: a directory without it was not finished. */
const MARKER = ".complete";
const MAVEN_TIMEOUT_MS = 10 * 60_000;

/**
 * The directory that holds the jars of one Kafka version, fetched through Maven when they are not there yet.
 * The jars are gathered beside it and renamed into place whole, so that no reader ever sees half of them.
 */
export async function ensureJars(kafkaVersion: string, options: JarsOptions = {}): Promise<string> {
  checkKafkaVersion(kafkaVersion);
  const directory = join(cacheDirectory(), `kafka-${kafkaVersion}`);
  if (await isComplete(directory)) return directory;
  // Checked first: without Maven there is nothing to wait for.
  const maven = requireMaven();
  await mkdir(dirname(directory), { recursive: true });
  const onWait = () => options.onProgress?.(`waiting for another process that fetches Kafka ${kafkaVersion}`);
  await withLock(`${directory}.lock`, options.signal, onWait, async () => {
    if (await isComplete(directory)) return;
    options.onProgress?.(`fetching Kafka ${kafkaVersion} through Maven into ${directory}`);
    await sweep(directory);
    const partial = await mkdtemp(`${directory}.partial-`);
    try {
      await fetchJars(maven, kafkaVersion, partial, options.signal);
      await writeFile(join(partial, MARKER), "");
      await publish(partial, directory);
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  });
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
      "-f",
      besideScripts("pom.xml"),
      `-Dkafka.version=${kafkaVersion}`,
      "dependency:copy-dependencies",
      `-DoutputDirectory=${directory}`,
      "-DincludeScope=runtime",
    ],
    { signal, timeoutMs: MAVEN_TIMEOUT_MS },
  );
  if (code === 0) return;
  const output = `${stdout.toString("utf8")}\n${stderr}`;
  if (/could not find artifact org\.apache\.kafka:kafka_2\.13/i.test(output)) {
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

/** What killed processes left: no live one can be at work, since we hold the lock. */
async function sweep(directory: string): Promise<void> {
  const parent = dirname(directory);
  for (const name of await readdir(parent)) {
    if (name.startsWith(`${basename(directory)}.partial-`)) {
      await rm(join(parent, name), { recursive: true, force: true });
    }
  }
  await rm(directory, { recursive: true, force: true });
}

async function publish(partial: string, directory: string): Promise<void> {
  try {
    await rename(partial, directory);
  } catch (error) {
    // Another process was as quick; what it published is as good as ours.
    const code = errorCode(error);
    if ((code === "ENOTEMPTY" || code === "EEXIST") && (await isComplete(directory))) return;
    throw error;
  }
}

async function isComplete(directory: string): Promise<boolean> {
  try {
    await access(join(directory, MARKER));
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
}
