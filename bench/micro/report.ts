import { mkdir, writeFile } from "node:fs/promises";
import { run } from "mitata";

interface Figure {
  readonly name: string;
  /** Nanoseconds of one run. */
  readonly medianNs: number;
  readonly minNs: number;
  /** How many times the best of the others in its group this takes; below 1 is faster. Null for a single one. */
  readonly timesBestOther: number | null;
}

/** Runs what was registered, prints it, and keeps the figures in `bench/results/NAME.json`. */
export async function report(name: string): Promise<void> {
  const { benchmarks, context, layout } = await run({
    format: process.env["MITATA_FORMAT"] === "quiet" ? "quiet" : "mitata",
  });
  const groups = new Map<
    number,
    { readonly name: string; readonly medianNs: number; readonly minNs: number }[]
  >();
  for (const trial of benchmarks) {
    for (const { name: label, stats, error } of trial.runs) {
      if (stats === undefined) throw new Error(`${label} failed`, { cause: error });
      const group = groups.get(trial.group) ?? [];
      group.push({ name: label, medianNs: stats.p50, minNs: stats.min });
      groups.set(trial.group, group);
    }
  }
  const figures: { readonly group: string; readonly figures: Figure[] }[] = [...groups].map(
    ([group, runs]) => ({
      group: layout[group]?.name ?? String(group),
      figures: runs.map((run) => {
        const others = runs.filter((other) => other !== run).map(({ medianNs }) => medianNs);
        return { ...run, timesBestOther: others.length === 0 ? null : run.medianNs / Math.min(...others) };
      }),
    }),
  );
  const ratios = figures.flatMap(({ figures: [first] }) => first?.timesBestOther ?? []);
  const geometricMean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  const result = {
    command: `npm run bench -- ${name}`,
    runtime: `Node.js ${process.version}`,
    cpu: context.cpu.name,
    geometricMeanTimesBestOther: geometricMean,
    figures,
  };
  await mkdir(new URL("../results/", import.meta.url), { recursive: true });
  await writeFile(
    new URL(`../results/${name}.json`, import.meta.url),
    `${JSON.stringify(result, null, 2)}\n`,
  );
  console.log(
    `\nfirst of each group against the best of the others, geometric mean: ${geometricMean.toFixed(2)}`,
  );
}
