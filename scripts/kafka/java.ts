import { join } from "node:path";
import { KafkaRunnerError } from "./errors.ts";
import { ensureJars, type JarsOptions } from "./jars.ts";
import { besideScripts } from "./paths.ts";
import { run, tail } from "./process.ts";
import { INSTALL_JAVA, requireJava } from "./tools.ts";
import { DEFAULT_KAFKA_VERSION } from "./versions.ts";

/** JVM options for programs that live for seconds: quick to start, small, one compiler. */
export const SHORT_LIVED_JVM = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"] as const;

/** A classpath with all jars of a Kafka version, `kafka-clients` included, fetching them if need be. */
export async function javaClasspath(
  kafkaVersion: string = DEFAULT_KAFKA_VERSION,
  options: JarsOptions = {},
): Promise<string> {
  return join(await ensureJars(kafkaVersion, options), "*");
}

export interface RunJavaOptions {
  /** Path of a Java source file, compiled in memory (Java's source launcher), or a class on the classpath. */
  readonly program: string;
  readonly kafkaVersion?: string;
  readonly args?: readonly string[];
  /** Written to the program's stdin. */
  readonly input?: string | Uint8Array;
  readonly jvmOptions?: readonly string[];
  readonly signal?: AbortSignal;
  /** Default: two minutes. */
  readonly timeoutMs?: number;
}

export interface JavaOutput {
  /** The program's stdout, raw. Logging never goes there. */
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs a Java program against the jars of a Kafka version; an exit code other than 0 is an error. */
export async function runJava(options: RunJavaOptions): Promise<JavaOutput> {
  const kafkaVersion = options.kafkaVersion ?? DEFAULT_KAFKA_VERSION;
  const java = await requireJava(kafkaVersion, options.signal);
  const classpath = await javaClasspath(kafkaVersion, { signal: options.signal });
  const { code, stdout, stderr } = await run(
    java,
    [
      ...SHORT_LIVED_JVM,
      ...(options.jvmOptions ?? []),
      `-Dlog4j2.configurationFile=${besideScripts("log4j2-stderr.xml")}`,
      "-cp",
      classpath,
      options.program,
      ...(options.args ?? []),
    ],
    {
      signal: options.signal,
      timeoutMs: options.timeoutMs ?? 120_000,
      ...(options.input === undefined ? {} : { input: options.input }),
    },
  );
  if (code !== 0) {
    const hint = stderr.includes("jdk.compiler") ? `\nThis Java has no compiler: ${INSTALL_JAVA}` : "";
    throw new KafkaRunnerError(
      `${options.program} failed under ${java} with Kafka ${kafkaVersion} (exit code ${code}):\n${tail(stderr, 30)}${hint}`,
    );
  }
  return { stdout, stderr };
}
