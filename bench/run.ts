/**
 * Runs benchmarks against the built package: `npm run bench -- NAME ...`, or all of them without a name. Each prints
 * its table and keeps its figures in `bench/results/NAME.json`.
 */

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = new URL("./micro/", import.meta.url);
const known = readdirSync(folder)
  .filter((name) => name.endsWith(".bench.ts"))
  .map((name) => name.slice(0, -".bench.ts".length));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`No benchmark is called ${unknown.join(", ")}: there are ${known.join(", ")}`);
  process.exit(2);
}
// A process each: what one benchmark has made the runtime optimise must not show in the next.
for (const name of wanted.length > 0 ? wanted : known) {
  console.log(`\n# ${name}\n`);
  const file = fileURLToPath(new URL(`${name}.bench.ts`, folder));
  const { status } = spawnSync(process.execPath, [...process.execArgv, "--expose-gc", file], {
    stdio: "inherit",
  });
  if (status !== 0) process.exitCode = 1;
}
