/** Runs the Java programs of this folder, which speak through Kafka's own classes. */

import { fileURLToPath } from "node:url";
import { runJava } from "../../scripts/kafka/java.ts";

const program = (name: string) => fileURLToPath(new URL(`./java/${name}.java`, import.meta.url));

/** One message in one version, as bytes. */
export interface Encoded {
  readonly name: string;
  readonly version: number;
  readonly hex: string;
}

/** What Kafka wrote, and its JSON form. */
export interface Generated extends Encoded {
  readonly json: string;
}

/** What Kafka made of bytes: the reason why it refused them, or what it read. */
export type KafkaReading =
  | { readonly error: string }
  | { readonly error?: undefined; readonly unread: number; readonly hex: string; readonly json: string };

/** `count` random instances of every version of each message, made and written by Kafka. */
export async function generateByKafka(options: {
  readonly names: readonly string[];
  readonly count: number;
  readonly seed: number;
  /** Bounds arrays and texts. Default: 5. */
  readonly size?: number;
}): Promise<Generated[]> {
  const { names, count, seed, size = 5 } = options;
  const { stdout } = await runJava({
    program: program("GoldenMessages"),
    args: ["generate", `${seed}`, `${count}`, `${size}`, ...names],
  });
  return rows(stdout).map(([name, version, hex, json]) => ({
    name: name as string,
    version: Number(version),
    hex: hex as string,
    json: json as string,
  }));
}

/** What Kafka reads from each of `messages`, in their order. */
export async function readByKafka(messages: readonly Encoded[]): Promise<KafkaReading[]> {
  const { stdout } = await runJava({
    program: program("GoldenMessages"),
    args: ["read"],
    input: messages.map(({ name, version, hex }) => `${name}\t${version}\t${hex}\n`).join(""),
  });
  const readings = rows(stdout).map(([outcome, first, hex, json]) =>
    outcome === "ok"
      ? { unread: Number(first), hex: hex as string, json: json as string }
      : { error: first as string },
  );
  if (readings.length !== messages.length) {
    throw new Error(`Kafka was given ${messages.length} messages and answered to ${readings.length}`);
  }
  return readings;
}

/** What Kafka answers to each of `lines`, in their order; `java/VersionedBytes.java` says which there are. */
export async function readVersionedByKafka(lines: readonly string[]): Promise<string[]> {
  return askKafka("VersionedBytes", lines);
}

/** What Kafka's broker makes of what a client says by SASL; `java/Sasl.java` says which questions there are. */
export async function readSaslByKafka(lines: readonly string[]): Promise<string[]> {
  return askKafka("Sasl", lines);
}

/** What Kafka's own serializers and deserializers answer; `java/Serializers.java` says which questions there are. */
export async function askKafkaSerializers(lines: readonly string[]): Promise<string[]> {
  return askKafka("Serializers", lines);
}

/** What Kafka's own assignors answer; `java/Assignors.java` says which questions there are. */
export async function askAssignorsOfKafka(lines: readonly string[]): Promise<string[]> {
  return askKafka("Assignors", lines);
}

/** What the assignors of Kafka's own group coordinator answer; `java/ServerAssignors.java` says in which form. */
export async function askServerAssignorsOfKafka(lines: readonly string[]): Promise<string[]> {
  return askKafka("ServerAssignors", lines);
}

async function askKafka(name: string, lines: readonly string[]): Promise<string[]> {
  const { stdout } = await runJava({
    program: program(name),
    input: lines.map((line) => `${line}\n`).join(""),
  });
  const answers = stdout.toString("utf8").trimEnd().split("\n");
  if (answers.length !== lines.length) {
    throw new Error(`Kafka was asked ${lines.length} questions and answered ${answers.length}`);
  }
  return answers;
}

/** Rows of Kafka's own tables, each with its kind first: "error", "api" or "headers". */
export async function kafkaTables(): Promise<string[][]> {
  const { stdout } = await runJava({ program: program("Tables") });
  return rows(stdout);
}

/** What Kafka and Java make of texts of one kind, in their order; `java/Configs.java` says in which form. */
export async function readConfigsByKafka(kind: string, texts: readonly string[]): Promise<string[]> {
  const { stdout } = await runJava({
    program: program("Configs"),
    input: texts
      .map((text) => `${kind}\t${Buffer.from(text, "utf16le").swap16().toString("hex")}\n`)
      .join(""),
  });
  const answers = stdout.toString("utf8").split("\n").slice(0, -1);
  if (answers.length !== texts.length) {
    throw new Error(`Kafka was given ${texts.length} texts and answered to ${answers.length}`);
  }
  return answers;
}

/** Each setting of each of Kafka's clients, with its default as Java shows it. */
export async function kafkaSettings(): Promise<{ client: string; key: string; default: string }[]> {
  const { stdout } = await runJava({ program: program("Configs"), args: ["names"] });
  return rows(stdout).map(([client = "", key = "", value = ""]) => ({ client, key, default: value }));
}

function rows(stdout: Buffer): string[][] {
  // Never split at the line ends that Unicode knows beside "\n": JSON holds those as they are.
  const text = stdout.toString("utf8");
  return text === ""
    ? []
    : text
        .trimEnd()
        .split("\n")
        .map((line) => line.split("\t"));
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}
