/** One stage of a chain in hindsight: what was in front of it against what it made of that. kcat reads both. */

import { run } from "../../../scripts/kafka/process.ts";

const TIMEOUT_MS = 120_000;
/** Examples of each kind of fault that are shown. */
const SHOWN = 5;

/** A record as kcat sees it. */
export interface LoggedRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string;
  readonly number: number;
  /** `PARTITION@OFFSET` where it was read, and by whom; empty in the first topic. */
  readonly from: string;
  readonly by: string;
}

/** A member that was killed, and what its group had committed by then, by partition. */
export interface Killed {
  readonly name: string;
  readonly committed: readonly number[];
}

/** What is wrong with a stage, with some examples of each kind, and what it came to. */
export interface StageVerdict {
  readonly lost: readonly string[];
  /** Written twice though nobody was killed before committing what it had written. */
  readonly doubled: readonly string[];
  readonly swapped: readonly string[];
  /** Of records that were in the input. */
  readonly records: number;
  /** Written again by others than a member that was killed had time to commit. */
  readonly doubledByKills: number;
  /** Longest time in which nothing was written to a partition, between its first record and its last. */
  readonly longestStallMs: number;
}

/** Everything in a topic, each partition in the order of its offsets. */
export async function readLog(bootstrapServers: readonly string[], topic: string): Promise<LoggedRecord[]> {
  const target = ["-C", "-q", "-e", "-b", bootstrapServers.join(","), "-t", topic, "-o", "beginning"];
  const settings = ["-X", "fetch.wait.max.ms=10", "-f", "%p\\t%o\\t%T\\t%k\\t%s\\n"];
  const { code, stdout, stderr } = await run("kcat", [...target, ...settings], { timeoutMs: TIMEOUT_MS });
  if (code !== 0) throw new Error(`kcat cannot read ${topic}: exit code ${code}:\n${stderr}`);
  const lines = stdout.toString("latin1").split("\n");
  lines.pop();
  return lines.map((line) => {
    const [partition, offset, timestamp, key = "", value = ""] = line.split("\t");
    const [number, from = "", by = ""] = value.split(" ");
    const place = { partition: Number(partition), offset: Number(offset), timestamp: Number(timestamp) };
    return { ...place, key, number: Number(number), from, by };
  });
}

export function judgeStage(
  input: readonly LoggedRecord[],
  output: readonly LoggedRecord[],
  killed: readonly Killed[],
): StageVerdict {
  const copies = new Map<string, LoggedRecord[]>();
  for (const record of output) {
    const others = copies.get(record.from);
    if (others === undefined) copies.set(record.from, [record]);
    else others.push(record);
  }
  const lost: string[] = [];
  const doubled: string[] = [];
  let doubledByKills = 0;
  for (const { partition, offset, number } of input) {
    const written = copies.get(`${partition}@${offset}`) ?? [];
    if (written.length === 0) lost.push(`${number} at ${partition}@${offset}`);
    // The last may be by anybody; whoever wrote one before must have been killed before it could commit it.
    for (const { by } of written.slice(0, -1)) {
      const mayBe = killed.some(
        ({ name, committed }) => name === by && offset >= (committed[partition] ?? 0),
      );
      if (mayBe) doubledByKills++;
      else
        doubled.push(
          `${number} at ${partition}@${offset} by ${written.map((each) => each.by).join(" and ")}`,
        );
    }
  }
  return {
    lost: some(lost),
    doubled: some(doubled),
    swapped: some(swaps(output)),
    records: input.length,
    doubledByKills,
    longestStallMs: longestStall(output),
  };
}

/** Where a key's record stands behind one that came after it; copies do not count. */
function swaps(output: readonly LoggedRecord[]): string[] {
  const seen = new Set<string>();
  const last = new Map<string, number>();
  const found: string[] = [];
  for (const { partition, offset, key, from } of output) {
    if (seen.has(from)) continue;
    seen.add(from);
    const [source, position] = from.split("@").map(Number) as [number, number];
    const stream = `${key} of ${source}`;
    const before = last.get(stream) ?? -1;
    if (position < before) found.push(`${stream}: ${position} behind ${before}, at ${partition}@${offset}`);
    else last.set(stream, position);
  }
  return found;
}

function longestStall(output: readonly LoggedRecord[]): number {
  const last = new Map<number, number>();
  let longest = 0;
  for (const { partition, timestamp } of output) {
    longest = Math.max(longest, timestamp - (last.get(partition) ?? timestamp));
    last.set(partition, timestamp);
  }
  return longest;
}

function some(faults: readonly string[]): string[] {
  const more = faults.length - SHOWN;
  return more > 0 ? [...faults.slice(0, SHOWN), `and ${more} more`] : [...faults];
}
