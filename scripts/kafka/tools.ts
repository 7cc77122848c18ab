import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { KafkaRunnerError } from "./errors.ts";
import { run } from "./process.ts";
import { compareVersions } from "./versions.ts";

export const INSTALL_JAVA =
  "install a JDK 17 or later (Debian: apt-get install openjdk-17-jdk-headless) or set JAVA_HOME";
export const INSTALL_MAVEN = "install Maven (Debian: apt-get install maven)";
export const INSTALL_OPENSSL = "install openssl (Debian: apt-get install openssl)";

/** The path of an executable on PATH, as a shell would find it. */
export function findOnPath(name: string): string | undefined {
  for (const directory of (process.env["PATH"] ?? "").split(delimiter)) {
    if (directory !== "" && isExecutable(join(directory, name))) return join(directory, name);
  }
  return undefined;
}

/** `java`: JAVA_HOME's first, as Maven and Kafka's own scripts do. */
export function findJava(): string | undefined {
  const home = process.env["JAVA_HOME"];
  if (home !== undefined && home !== "") {
    const java = join(home, "bin", "java");
    if (isExecutable(java)) return java;
  }
  return findOnPath("java");
}

export function findMaven(): string | undefined {
  return findOnPath("mvn");
}

export function requireMaven(): string {
  const maven = findMaven();
  if (maven === undefined) throw new KafkaRunnerError(`Maven (mvn) was not found on PATH: ${INSTALL_MAVEN}`);
  return maven;
}

/** `java`, checked to be new enough for this Kafka: brokers need Java 17 from 4.0 on, Java 11 before. */
export async function requireJava(kafkaVersion: string, signal?: AbortSignal): Promise<string> {
  const java = findJava();
  if (java === undefined) {
    throw new KafkaRunnerError(`Java was not found on PATH nor in JAVA_HOME: ${INSTALL_JAVA}`);
  }
  const { stderr } = await run(java, ["-version"], { signal, timeoutMs: 30_000 });
  const major = javaMajorVersion(stderr);
  const needed = compareVersions(kafkaVersion, "4.0.0") >= 0 ? 17 : 11;
  if (major === undefined) {
    throw new KafkaRunnerError(`${java} -version said no version that is understood: ${stderr.trim()}`);
  }
  if (major < needed) {
    throw new KafkaRunnerError(
      `${java} is Java ${major}, and Kafka ${kafkaVersion} needs Java ${needed} or later: ${INSTALL_JAVA}`,
    );
  }
  return java;
}

/** Understands both `version "17.0.15"` and the older `version "1.8.0_402"`. */
export function javaMajorVersion(versionOutput: string): number | undefined {
  const match = /version "(?:1\.)?(\d+)/.exec(versionOutput);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Absent or not ours to run: either way it is not the tool we look for.
    return false;
  }
}
