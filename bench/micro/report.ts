import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { run } from "mitata";
import { run as runInCpuTime } from "./cpu-time.ts";

interface Figure {
  readonly name: string;
  /** Nanoseconds of one run. */
  readonly medianNs: number;
  readonly minNs: number;
  /**
   * How many times the best of the others in its group this takes; below 1 is faster. Null for a single one. What has
   * the same name up to a comma is the same thing in another way, and no other.
   */
  readonly timesBestOther: number | null;
}

/** What mitata's result has and its types leave out: which group a trial belongs to. */
interface Grouped {
  readonly layout: readonly { readonly name: string | null }[];
  readonly benchmarks: readonly { readonly group: number }[];
}

/** Of one thing that was measured. */
interface Run {
  readonly name: string;
  readonly medianNs: number;
  readonly minNs: number;
}

/**
 * Runs what was registered with mitata, prints it, and keeps the figures in `bench/results/NAME.json`.
 *
 * @param more Figures that were measured otherwise, kept beside them.
 */
export async function report(name: string, more: object = {}): Promise<void> {
  const result = await run({ format: process.env["MITATA_FORMAT"] === "quiet" ? "quiet" : "mitata" });
  const { layout, benchmarks: grouped } = result as unknown as Grouped;
  const groups = new Map<number, Run[]>();
  result.benchmarks.forEach((trial, index) => {
    const number = grouped[index]?.group ?? -1;
    for (const { name: label, stats, error } of trial.runs) {
      if (stats === undefined) throw new Error(`${label} failed`, { cause: error });
      const group = groups.get(number) ?? [];
      group.push({ name: label, medianNs: stats.p50, minNs: stats.min });
      groups.set(number, group);
    }
  });
  await keep(
    name,
    "time on the clock",
    [...groups].map(([group, runs]) => [layout[group]?.name ?? String(group), runs]),
    more,
  );
}

/** The same with what was registered with `cpu-time.ts`. */
export async function reportCpuTime(name: string): Promise<void> {
  const results = await runInCpuTime();
  const groups = results.map(({ name: group, measured }): [string, Run[]] => [
    group,
    measured.map(({ name: who, rounds }) => {
      const sorted = rounds.toSorted((a, b) => a - b);
      return { name: who, medianNs: sorted[sorted.length >> 1] as number, minNs: sorted[0] as number };
    }),
  ]);
  for (const [group, runs] of groups) {
    console.log(group);
    for (const { name: who, medianNs, minNs } of runs) {
      console.log(
        `  ${who.padEnd(28)} ${medianNs.toFixed(0).padStart(12)} ns, at best ${minNs.toFixed(0)} ns`,
      );
    }
  }
  await keep(name, "processor time of all threads", groups);
}

async function keep(
  name: string,
  measured: string,
  groups: readonly (readonly [string, readonly Run[]])[],
  more: object = {},
): Promise<void> {
  const figures: { readonly group: string; readonly figures: Figure[] }[] = groups.map(([group, runs]) => ({
    group,
    figures: runs.map((run) => {
      const others = runs
        .filter(({ name }) => subject(name) !== subject(run.name))
        .map(({ medianNs }) => medianNs);
      return { ...run, timesBestOther: others.length === 0 ? null : run.medianNs / Math.min(...others) };
    }),
  }));
  const ratios = figures.flatMap(({ group, figures: [first] }) =>
    typeof first?.timesBestOther === "number"
      ? [{ kind: group.split(" ", 1)[0], ratio: first.timesBestOther }]
      : [],
  );
  // One mean for all, and one for each kind of work, which is the first word of a group's name.
  const geometricMeans = Object.fromEntries(
    [undefined, ...new Set(ratios.map(({ kind }) => kind))].map((wanted) => [
      wanted ?? "all",
      geometricMean(
        ratios.filter(({ kind }) => wanted === undefined || kind === wanted).map(({ ratio }) => ratio),
      ),
    ]),
  );
  const kept = {
    command: `npm run bench -- ${name}`,
    runtime: `Node.js ${process.version}`,
    cpu: cpus()[0]?.model,
    measured,
    whatIsCompared: "the first of each group with the best of the others: medians, below 1 is faster",
    geometricMeansTimesBestOther: geometricMeans,
    ...more,
    figures,
  };
  await mkdir(new URL("../results/", import.meta.url), { recursive: true });
  await writeFile(new URL(`../results/${name}.json`, import.meta.url), `${JSON.stringify(kept, null, 2)}\n`);
  console.log("\nfirst of each group, times the best of the others, geometric means:", geometricMeans);
}

function subject(name: string): string {
  return name.split(",", 1)[0] ?? name;
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
