import { fileURLToPath } from "node:url";
import { KafkaRunnerError } from "../../scripts/kafka/errors.ts";
import { run, tail } from "../../scripts/kafka/process.ts";
import {
  findMaven,
  findOnPath,
  INSTALL_JAVA,
  INSTALL_MAVEN,
  requireJava,
} from "../../scripts/kafka/tools.ts";
import { DEFAULT_KAFKA_VERSION } from "../../scripts/kafka/versions.ts";

export const INSTALL_KCAT = "install kcat (Debian: apt-get install kcat)";

/** The addresses that docker-compose.yml publishes. */
export const COMPOSE_BOOTSTRAP = ["127.0.0.1:19092", "127.0.0.1:29092", "127.0.0.1:39092"];

const root = fileURLToPath(new URL("../../", import.meta.url));

/** What keeps Kafka's jars from being fetched and run here, with the remedy, or undefined if nothing does. */
export async function whatJavaLacks(): Promise<string | undefined> {
  const lacks: string[] = [];
  try {
    const java = await requireJava(DEFAULT_KAFKA_VERSION);
    // The tests' own Java programs are compiled as they run, which a mere runtime cannot do.
    const { stdout } = await run(java, ["--list-modules"], { timeoutMs: 30_000 });
    if (!stdout.includes("jdk.compiler")) lacks.push(`${java} has no compiler: ${INSTALL_JAVA}`);
  } catch (error) {
    if (!(error instanceof KafkaRunnerError)) throw error;
    lacks.push(error.message);
  }
  if (findMaven() === undefined) lacks.push(`Maven (mvn) was not found on PATH: ${INSTALL_MAVEN}`);
  return lacks.length === 0 ? undefined : lacks.join("; ");
}

export function whatKcatLacks(): string | undefined {
  return findOnPath("kcat") === undefined ? `kcat was not found on PATH: ${INSTALL_KCAT}` : undefined;
}

/** Whether `docker compose` is installed and an engine answers. */
export async function dockerComposeAnswers(): Promise<boolean> {
  const docker = findOnPath("docker");
  if (docker === undefined) return false;
  for (const args of [["compose", "version"], ["info"]]) {
    try {
      if ((await run(docker, args, { timeoutMs: 15_000 })).code !== 0) return false;
    } catch (error) {
      // It hangs or cannot be run, which is no more of use than its absence.
      if (error instanceof KafkaRunnerError) return false;
      throw error;
    }
  }
  return true;
}

export async function dockerCompose(...args: string[]): Promise<string> {
  const docker = findOnPath("docker");
  if (docker === undefined) throw new KafkaRunnerError("docker was not found on PATH");
  const { code, stdout, stderr } = await run(docker, ["compose", ...args], {
    cwd: root,
    timeoutMs: 10 * 60_000,
  });
  if (code !== 0) {
    throw new KafkaRunnerError(
      `docker compose ${args.join(" ")} failed (exit code ${code}):\n${tail(stderr, 20)}`,
    );
  }
  return stdout.toString("utf8");
}
