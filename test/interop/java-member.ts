import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { javaClasspath, SHORT_LIVED_JVM } from "../../scripts/kafka/java.ts";
import { besideScripts } from "../../scripts/kafka/paths.ts";
import { tail } from "../../scripts/kafka/process.ts";
import { requireJava } from "../../scripts/kafka/tools.ts";
import { DEFAULT_KAFKA_VERSION } from "../../scripts/kafka/versions.ts";

const PROGRAM = fileURLToPath(new URL("./java/GroupMember.java", import.meta.url));
/** How long one that was asked to leave may take before it is killed. */
const GRACE_MS = 15_000;

/** A member of a group, of Kafka's own client, in a process that ends with this one. */
export class JavaMember {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #ended: Promise<unknown>;
  #lines = "";
  #errors = "";

  private constructor(child: ChildProcessByStdio<Writable, Readable, Readable>) {
    this.#child = child;
    this.#ended = once(child, "close");
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      this.#lines += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      this.#errors += chunk;
    });
    child.stdin.on("error", () => {});
  }

  static async start(
    bootstrapServers: readonly string[],
    groupId: string,
    topic: string,
    config: Readonly<Record<string, string>>,
  ): Promise<JavaMember> {
    const java = await requireJava(DEFAULT_KAFKA_VERSION);
    const settings = Object.entries(config).map(([key, value]) => `${key}=${value}`);
    const logging = `-Dlog4j2.configurationFile=${besideScripts("log4j2-stderr.xml")}`;
    const program = [PROGRAM, bootstrapServers.join(","), groupId, topic, ...settings];
    const options = [...SHORT_LIVED_JVM, logging, "-cp", await javaClasspath()];
    return new JavaMember(spawn(java, [...options, ...program], { stdio: ["pipe", "pipe", "pipe"] }));
  }

  /** `topic-partition`, sorted; null before it has said anything. */
  get held(): string[] | null {
    const last = this.#lines.split("\n").at(-2);
    if (last === undefined) return null;
    return last === "" ? [] : last.split(" ");
  }

  /** It leaves its group, and its process ends. */
  async close(): Promise<void> {
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), GRACE_MS);
    await this.#ended;
    clearTimeout(timer);
    if (this.#child.exitCode !== 0) throw new Error(`The Java member failed:\n${tail(this.#errors, 20)}`);
  }
}
