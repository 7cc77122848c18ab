/** Runs kcat, which reads and writes through librdkafka. */

import { randomUUID } from "node:crypto";
import { run } from "../../scripts/kafka/process.ts";
import type { AwkwardRecord } from "./awkward-records.ts";
import { bytesOf, type RecordBytes, recordBytes, show } from "./bytes.ts";
import type { Place, SentRecord } from "./compare.ts";
import { LARGEST_REQUEST } from "./lanes.ts";

const TIMEOUT_MS = 20_000;
const EMPTY = Buffer.alloc(0);

/**
 * Each length stands before what it measures, so that no bytes can be mistaken for the end of a record. `%R` is
 * the value's length in four bytes, -1 for null; `%K` the key's in digits.
 */
const FORMAT = "%t-%p@%o %T %K:%k %R%s %h\\n";

/** What kcat prints of the records of one partition, as raw bytes. */
export async function printWithKcat(
  bootstrap: string,
  { topic, partition }: Omit<Place, "offset">,
): Promise<Buffer> {
  // Without the last setting the end of the partition takes half a second to show.
  const wait = ["-X", "fetch.wait.max.ms=10"];
  const target = ["-t", topic, "-p", `${partition}`, "-o", "beginning", "-e"];
  return kcat(["-C", "-q", "-b", bootstrap, ...target, ...wait, "-f", FORMAT]);
}

/** What kcat has to print of a record. */
export function asKcatPrints({ topic, partition, offset, timestamp, bytes }: SentRecord): Buffer {
  const { key, value, headers } = bytes;
  const valueLength = Buffer.alloc(4);
  valueLength.writeInt32BE(value?.byteLength ?? -1);
  return Buffer.concat([
    Buffer.from(`${topic}-${partition}@${offset} ${timestamp} ${key?.byteLength ?? -1}:`),
    key ?? EMPTY,
    Buffer.from(" "),
    valueLength,
    value ?? EMPTY,
    Buffer.from(" "),
    asKcatPrintsHeaders(headers),
    Buffer.from("\n"),
  ]);
}

/** Headers are C strings to kcat's printing: they end at a NUL. */
function asKcatPrintsHeaders(headers: RecordBytes["headers"]): Buffer {
  const pieces = headers.flatMap(([key, value], i) => [
    Buffer.from(i === 0 ? "" : ","),
    upToNul(key),
    Buffer.from("="),
    value === null ? Buffer.from("NULL") : upToNul(value),
  ]);
  return Buffer.concat(pieces);
}

function upToNul(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

/** The first record that kcat printed otherwise than it was to, in words; null if there is none. */
export function firstDifference(sent: readonly SentRecord[], printed: Buffer): string | null {
  let at = 0;
  for (const record of sent) {
    const expected = asKcatPrints(record);
    const actual = printed.subarray(at, at + expected.byteLength);
    if (!actual.equals(expected)) {
      const where = `${record.topic}-${record.partition}@${record.offset} (${record.name})`;
      return `${where}: kcat should print ${show(expected)} and prints ${show(actual)}`;
    }
    at += expected.byteLength;
  }
  return at === printed.byteLength ? null : `kcat prints more: ${show(printed.subarray(at))}`;
}

/** How kcat is to be called to write a record; records with the same `args` can share a call. */
interface Saying {
  readonly args: readonly string[];
  /** What stands for the record in the input. */
  readonly input: Buffer;
}

const delimiter = (): string => `<${randomUUID()}>`;
const BEHIND_KEY = delimiter();
const BEHIND_RECORD = delimiter();

/**
 * What of a record kcat can be told to write, null if nothing: it skips empty lines, its headers are arguments,
 * and its timestamps are its own.
 */
export function asFarAsKcatCanSay(record: AwkwardRecord): AwkwardRecord | null {
  const { key, value, headers } = recordBytes(record);
  if (key === null && value?.byteLength === 0) return null;
  const { timestamp: _, ...rest } = record;
  return {
    ...rest,
    headers: record.headers.filter(
      (_, i) => headerArgument(...(headers[i] as (typeof headers)[number])) !== null,
    ),
  };
}

function sayWithKcat(record: AwkwardRecord): Saying {
  const { key, value, headers } = recordBytes(record);
  const args = headers.flatMap((header) => ["-H", headerArgument(...header) as string]);
  // A line without the delimiter is a value; without -Z, what is empty is empty, and with it, null.
  if (key === null && value !== null) return { args, input: value };
  const line = Buffer.concat([key ?? EMPTY, Buffer.from(BEHIND_KEY), value ?? EMPTY]);
  if (value !== null) return { args, input: line };
  // The fixed key takes the place of the null that -Z makes of an empty one.
  const fixedKey = key?.byteLength === 0 ? ["-k", ""] : [];
  return { args: [...args, "-Z", ...fixedKey], input: line };
}

/** Null for what no argument can hold: NULs, bytes that are no UTF-8, and names that are empty or hold "=". */
function headerArgument(name: Buffer, value: Buffer | null): string | null {
  if (name.byteLength === 0 || name.includes("=")) return null;
  const bytes = value === null ? name : Buffer.concat([name, Buffer.from("="), value]);
  const text = bytes.toString("utf8");
  return text.includes("\0") || !bytesOf(text)?.equals(bytes) ? null : text;
}

/** Writes records, all of which kcat can say, to one partition, and returns them in the order in which they lie there. */
export async function writeWithKcat(
  bootstrap: string,
  { topic, partition }: Omit<Place, "offset">,
  compressionType: string,
  records: readonly AwkwardRecord[],
): Promise<AwkwardRecord[]> {
  const calls = new Map<
    string,
    { readonly args: readonly string[]; readonly said: [AwkwardRecord, Buffer][] }
  >();
  for (const record of records) {
    const { args, input } = sayWithKcat(record);
    const name = JSON.stringify(args);
    const call = calls.get(name) ?? { args, said: [] };
    call.said.push([record, input]);
    calls.set(name, call);
  }
  for (const { args, said } of calls.values()) {
    const target = ["-t", topic, "-p", `${partition}`];
    const delimiters = ["-K", BEHIND_KEY, "-D", BEHIND_RECORD];
    const settings = ["-z", compressionType, "-X", `message.max.bytes=${LARGEST_REQUEST}`];
    const input = said.flatMap(([, bytes]) => [bytes, Buffer.from(BEHIND_RECORD)]);
    await kcat(["-P", "-b", bootstrap, ...target, ...delimiters, ...settings, ...args], Buffer.concat(input));
  }
  return [...calls.values()].flatMap(({ said }) => said.map(([record]) => record));
}

/** A key as kcat can be given it, with the number of its record as value. */
export interface KeyPlace {
  readonly number: number;
  readonly partition: number;
  readonly key: Buffer;
}

/** Has librdkafka's partitioner put each key somewhere; the value is the key's number from 0. */
export async function spreadWithKcat(
  bootstrap: string,
  topic: string,
  partitioner: string,
  keys: readonly Uint8Array[],
): Promise<void> {
  const input = keys.flatMap((key, number) => [
    key,
    Buffer.from(`${BEHIND_KEY}${number}`),
    Buffer.from(BEHIND_RECORD),
  ]);
  const settings = ["-X", `topic.partitioner=${partitioner}`];
  const delimiters = ["-K", BEHIND_KEY, "-D", BEHIND_RECORD];
  await kcat(["-P", "-b", bootstrap, "-t", topic, ...settings, ...delimiters], Buffer.concat(input));
}

/** Where librdkafka finds the records of {@link spreadWithKcat}, or of who did the same, by number. */
export async function placesByKcat(bootstrap: string, topic: string): Promise<KeyPlace[]> {
  const format = ["-f", `%s %p %k${BEHIND_RECORD}`];
  const printed = await kcat(["-C", "-q", "-e", "-b", bootstrap, "-t", topic, "-o", "beginning", ...format]);
  const places: KeyPlace[] = [];
  for (let at = 0; at < printed.byteLength; ) {
    const end = printed.indexOf(BEHIND_RECORD, at);
    const [number = "", partition = ""] = printed.toString("latin1", at, end).split(" ", 2);
    const key = Buffer.from(printed.subarray(at + number.length + partition.length + 2, end));
    places.push({ number: Number(number), partition: Number(partition), key });
    at = end + BEHIND_RECORD.length;
  }
  return places.toSorted((a, b) => a.number - b.number);
}

/** Runs kcat, and gives what it prints. */
export async function kcat(args: readonly string[], input?: Buffer): Promise<Buffer> {
  const { code, stdout, stderr } = await run("kcat", args, {
    timeoutMs: TIMEOUT_MS,
    ...(input === undefined ? {} : { input }),
  });
  if (code !== 0) throw new Error(`kcat ${args.join(" ").slice(0, 500)}: exit code ${code}:\n${stderr}`);
  return stdout;
}
