/** Runs the Java programs of this folder, which read and write with Kafka's own clients. */

import { fileURLToPath } from "node:url";
import { runJava } from "../../scripts/kafka/java.ts";
import type { RecordData } from "../../src/mod.ts";
import type { AwkwardRecord } from "./awkward-records.ts";
import { bytesOf } from "./bytes.ts";
import type { SeenRecord } from "./compare.ts";
import { LARGE_BATCH } from "./lanes.ts";

/** Under the time that a hook has, so that a failure here is told as one. */
const TIMEOUT_MS = 50_000;

/** A record for Java to write. */
export interface Order {
  readonly topic: string;
  readonly partition: number;
  readonly compressionType: string;
  /** In a batch with others, or in one of its own. */
  readonly batching: "together" | "alone";
  readonly record: AwkwardRecord;
}

/** Every record of the topics, as Kafka's consumer sees them. */
export async function readWithJava(bootstrap: string, topics: readonly string[]): Promise<SeenRecord[]> {
  const rows = await java("Records", ["read", bootstrap, ...topics]);
  return rows.map(([topic = "", partition, offset = "", timestamp, timestampType = "", ...data]) => {
    const [key = "", value = "", headers = ""] = data;
    return {
      topic,
      partition: Number(partition),
      offset: BigInt(offset),
      timestamp: Number(timestamp),
      timestampType,
      key,
      value,
      headers,
    };
  });
}

/** What Kafka's producer says of each record that it was given, in the same order, and what Java took it for. */
export async function writeWithJava(
  bootstrap: string,
  orders: readonly Order[],
): Promise<Omit<SeenRecord, "timestampType">[]> {
  const rows = await java(
    "Records",
    ["write", bootstrap, `${LARGE_BATCH}`],
    orders.map(({ topic, partition, compressionType, batching, record }) => {
      const { key, value, headers, timestamp } = record;
      const listed = headers.map(([name, content]) => `${utf16(name)}=${column(content)}`).join(",");
      return [
        topic,
        partition,
        compressionType,
        batching,
        timestamp ?? "-",
        column(key),
        column(value),
        listed,
      ].join("\t");
    }),
  );
  return rows.map(([partition, offset = "", timestamp, key = "", value = "", headers = ""], i) => ({
    topic: orders[i]?.topic ?? "",
    partition: Number(partition),
    offset: BigInt(offset),
    timestamp: Number(timestamp),
    key,
    value,
    headers,
  }));
}

export interface JavaPartitions {
  /** `Utils.toPositive(Utils.murmur2(key))` */
  readonly hash: number;
  /** That modulo 1, 2 and so on. */
  readonly partitions: Uint8Array;
  /** Where Kafka's producer put the record. */
  readonly landedIn: number;
}

/** Where Kafka puts each key; each is also written to the topic, with its number from 0 as value. */
export async function partitionsByJava(
  bootstrap: string,
  topic: string,
  maxPartitions: number,
  keys: readonly (string | Uint8Array)[],
): Promise<JavaPartitions[]> {
  const rows = await java("Partitions", [bootstrap, topic, `${maxPartitions}`], keys.map(column));
  return rows.map(([hash, partitions = "", landedIn]) => ({
    hash: Number(hash),
    partitions: Buffer.from(partitions, "hex"),
    landedIn: Number(landedIn),
  }));
}

/** An offset that a group has committed, as Kafka's admin client sees it. */
export interface JavaOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** -1 for none. */
  readonly leaderEpoch: number;
  readonly metadata: string;
}

/** All that a group has committed; afterwards `offsets` are committed for it. */
export async function offsetsByJava(
  bootstrap: string,
  groupId: string,
  offsets: readonly JavaOffset[] = [],
): Promise<JavaOffset[]> {
  const rows = await java(
    "Offsets",
    [bootstrap, groupId],
    offsets.map(({ topic, partition, offset, leaderEpoch, metadata }) =>
      [topic, partition, offset, leaderEpoch, utf16(metadata)].join("\t"),
    ),
  );
  return rows.map(([topic = "", partition, offset = "", leaderEpoch, metadata = ""]) => ({
    topic,
    partition: Number(partition),
    offset: BigInt(offset),
    leaderEpoch: Number(leaderEpoch),
    metadata: Buffer.from(metadata, "hex").swap16().toString("utf16le"),
  }));
}

/** What is to be seen of records that Kafka's transactional producers wrote, committed some and aborted others. */
export async function transactionsByJava(
  bootstrap: string,
  { topic, partitions, seed, steps }: { topic: string; partitions: number; seed: number; steps: number },
): Promise<string[]> {
  const rows = await java("Transactions", [bootstrap, topic, `${partitions}`, `${seed}`, `${steps}`]);
  return rows.map(([value = ""]) => value);
}

/** Runs a program of `java/`; gives the columns of the lines that it prints. */
export async function java(
  name: string,
  args: readonly string[],
  lines: readonly string[] = [],
): Promise<string[][]> {
  const { stdout } = await runJava({
    program: fileURLToPath(new URL(`./java/${name}.java`, import.meta.url)),
    args,
    input: lines.map((line) => `${line}\n`).join(""),
    timeoutMs: TIMEOUT_MS,
  });
  const text = stdout.toString("utf8");
  // The last column may be empty, so only the last line end is to go.
  return text === ""
    ? []
    : text
        .replace(/\n$/, "")
        .split("\n")
        .map((line) => line.split("\t"));
}

/** Text goes as text, so that Java turns it into bytes by its own lights. */
function column(data: RecordData): string {
  if (typeof data === "string") return `t:${utf16(data)}`;
  return data === null ? "-" : `b:${bytesOf(data)?.toString("hex")}`;
}

/** As hex, which holds lone surrogates too. */
function utf16(text: string): string {
  return Buffer.from(text, "utf16le").swap16().toString("hex");
}
