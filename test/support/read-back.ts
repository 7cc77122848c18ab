/** What stands in the log of a stream, read with kcat, which is none of ours, against what became of its records. */

import { expect } from "vitest";
import { run } from "../../scripts/kafka/process.ts";
import type { NumberedStream, Outcome } from "./numbered-stream.ts";

const TIMEOUT_MS = 60_000;
/** Examples of each kind of fault that are shown. */
const SHOWN = 5;

/** Whether a record that failed may be in the log all the same, as its error says. */
export function mayBeWritten(error: unknown): boolean {
  return (error as { readonly mayBeWritten?: boolean }).mayBeWritten !== false;
}

interface Stored {
  readonly partition: number;
  readonly offset: bigint;
}

/** Everything that is wrong, counted, with the first few of each kind. All empty when all is well. */
export interface Verdict {
  /** Acknowledged, and not in the log, or not where the acknowledgement said. */
  readonly lost: readonly string[];
  readonly duplicates: readonly string[];
  /** Behind one that was sent after it, in the same partition. */
  readonly inversions: readonly string[];
  /** Neither delivered nor failed, or both, or twice. */
  readonly outcomes: readonly string[];
  /** Said to have failed without a trace, and in the log. */
  readonly wronglyFailed: readonly string[];
  readonly neverSent: readonly string[];
}

const NOTHING_WRONG: Verdict = {
  lost: [],
  duplicates: [],
  inversions: [],
  outcomes: [],
  wronglyFailed: [],
  neverSent: [],
};

/** Reads the stream's topic to its end and holds it to what its producer was told. */
export async function expectExactlyOnce(
  bootstrapServers: readonly string[],
  stream: NumberedStream,
): Promise<void> {
  expect(judge(stream, await read(bootstrapServers, stream.topic))).toEqual(NOTHING_WRONG);
}

/** @param log The records of each partition in the order of their offsets, by number. */
function judge(
  { outcomes, settledTwice }: NumberedStream,
  log: readonly { readonly number: number; readonly at: Stored }[],
): Verdict {
  const faults = {
    lost: new Faults(),
    duplicates: new Faults(),
    inversions: new Faults(),
    outcomes: new Faults(),
    wronglyFailed: new Faults(),
    neverSent: new Faults(),
  };
  const places = new Map<number, Stored[]>();
  const last = new Map<number, number>();
  for (const { number, at } of log) {
    const others = places.get(number);
    if (others === undefined) places.set(number, [at]);
    else {
      others.push(at);
      faults.duplicates.add(`${number} at ${others.map(show).join(" and ")}`);
      continue;
    }
    const before = last.get(at.partition) ?? -1;
    if (number < before) faults.inversions.add(`${number} behind ${before} at ${show(at)}`);
    last.set(at.partition, Math.max(before, number));
    if (number >= outcomes.length) faults.neverSent.add(`${number} at ${show(at)}`);
  }
  outcomes.forEach((outcome, number) => {
    const stored = places.get(number) ?? [];
    if (outcome === undefined) faults.outcomes.add(`${number} has none`);
    else if (outcome.state === "delivered") {
      if (!stored.some((at) => isAt(outcome, at)))
        faults.lost.add(`${number}, acknowledged at ${show(outcome)}, is at ${stored.map(show)}`);
    } else if (stored[0] !== undefined && !mayBeWritten(outcome.error)) {
      faults.wronglyFailed.add(`${number} at ${show(stored[0])}: ${outcome.error}`);
    }
  });
  for (const number of settledTwice) faults.outcomes.add(`${number} has two`);
  return {
    lost: faults.lost.list(),
    duplicates: faults.duplicates.list(),
    inversions: faults.inversions.list(),
    outcomes: faults.outcomes.list(),
    wronglyFailed: faults.wronglyFailed.list(),
    neverSent: faults.neverSent.list(),
  };
}

function isAt({ partition, offset }: Outcome & { readonly state: "delivered" }, at: Stored): boolean {
  return at.partition === partition && at.offset === offset;
}

function show({ partition, offset }: Stored): string {
  return `${partition}@${offset}`;
}

/** Faults of one kind. */
class Faults {
  readonly #shown: string[] = [];
  #count = 0;

  add(fault: string): void {
    this.#count++;
    if (this.#shown.length < SHOWN) this.#shown.push(fault);
  }

  list(): string[] {
    const more = this.#count - this.#shown.length;
    return more > 0 ? [...this.#shown, `and ${more} more`] : this.#shown;
  }
}

async function read(
  bootstrapServers: readonly string[],
  topic: string,
): Promise<{ readonly number: number; readonly at: Stored }[]> {
  const { code, stdout, stderr } = await run(
    "kcat",
    [
      ...["-C", "-q", "-e", "-b", bootstrapServers.join(","), "-t", topic, "-o", "beginning"],
      // Without this the ends of the partitions take half a second to show.
      ...["-X", "fetch.wait.max.ms=10", "-f", "%p %o %s\n"],
    ],
    { timeoutMs: TIMEOUT_MS },
  );
  if (code !== 0) throw new Error(`kcat cannot read ${topic}: exit code ${code}:\n${stderr}`);
  const lines = stdout.toString("latin1").split("\n");
  lines.pop();
  return lines.map((line) => {
    const [partition, offset = "", number] = line.split(" ");
    return { number: Number(number), at: { partition: Number(partition), offset: BigInt(offset) } };
  });
}
