/**
 * Runs benchmarks against the built package: `npm run bench -- NAME ...`, or all in micro/ without a name; those in
 * macro/ need a real broker and minutes. Each prints its table and keeps its figures in `bench/results/NAME.json`.
 */

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const inFolder = (folder: "micro" | "macro"): Map<string, URL> => {
  const url = new URL(`./${folder}/`, import.meta.url);
  const files = readdirSync(url).filter((name) => name.endsWith(".bench.ts"));
  return new Map(files.map((name) => [name.slice(0, -".bench.ts".length), new URL(name, url)]));
};
const micro = inFolder("micro");
const all = new Map([...micro, ...inFolder("macro")]);
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.has(name));
if (unknown.length > 0) {
  console.error(`No benchmark is called ${unknown.join(", ")}: there are ${[...all.keys()].join(", ")}`);
  process.exit(2);
}
// A process each: what one benchmark has made the runtime optimise must not show in the next.
for (const name of wanted.length > 0 ? wanted : micro.keys()) {
  console.log(`\n# ${name}\n`);
  const file = fileURLToPath(all.get(name) as URL);
  const { status } = spawnSync(process.execPath, [...process.execArgv, "--expose-gc", file], {
    stdio: "inherit",
  });
  if (status !== 0) process.exitCode = 1;
}
