/**
 * Bytes that are random, and valid ones that came to harm, through every decoder there is:
 *
 *     npm run fuzz -- --minutes 10 [--seed N]
 *     npm run fuzz -- --replay 'FAMILY|TARGET|HEX'
 *
 * A decoder has to give a value, or the error that it documents, within a second, and to keep no memory. Ends
 * with 1 where one does not, and prints what brings the case back.
 */

import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Cases, formatCase, parseCase } from "./cases.ts";
import type { RunFigures, RunOutcome } from "./run.ts";

/** A call that takes this long may never end. A second is the limit, but the machine may have other work. */
const HANG_MS = 20_000;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string" },
    replay: { type: "string" },
  },
});

if (values.replay === undefined) {
  const seed = values.seed === undefined ? Math.floor(Math.random() * 0x7fff_ffff) : Number(values.seed);
  const minutes = Number(values.minutes);
  if (!Number.isInteger(seed) || !(minutes > 0)) throw new RangeError("--seed and --minutes take numbers");
  if (!(await fuzz(seed, minutes))) process.exitCode = 1;
} else {
  replay(values.replay);
}

async function fuzz(seed: number, minutes: number): Promise<boolean> {
  console.log(`Fuzzing for ${minutes} minutes, seed ${seed}, Node.js ${process.versions.node}`);
  const directory = mkdtempSync(join(tmpdir(), "kafkawire-fuzz-"));
  try {
    const progress = join(directory, "case");
    const failure = await runChild(seed, minutes, progress);
    if (failure === null) return true;
    const index = numberIn(progress);
    console.log(`Case ${index} of seed ${seed}: ${failure}`);
    console.log(`npm run fuzz -- --replay '${formatCase(new Cases(seed).at(index))}'`);
    return false;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What went wrong; null when nothing did. */
async function runChild(seed: number, minutes: number, progress: string): Promise<string | null> {
  const fd = openSync(progress, "w+");
  const runner = fileURLToPath(new URL("run.ts", import.meta.url));
  const child = spawn(
    process.execPath,
    [
      ...process.execArgv,
      "--expose-gc",
      runner,
      "--seed",
      String(seed),
      "--milliseconds",
      String(minutes * 60_000),
    ],
    { stdio: ["ignore", "pipe", "inherit", fd] },
  );
  closeSync(fd);
  let hung = false;
  let last = { index: -1, since: performance.now() };
  const watch = setInterval(() => {
    const index = numberIn(progress);
    if (index !== last.index) last = { index, since: performance.now() };
    if (performance.now() - last.since < HANG_MS) return;
    hung = true;
    child.kill("SIGKILL");
  }, 1000);
  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  }).finally(() => clearInterval(watch));
  if (hung) return `the call did not end within ${HANG_MS / 1000} s`;
  if (code !== 0) return `the process ended with ${code}`;
  const outcome = JSON.parse(output) as RunOutcome;
  if ("failure" in outcome) return outcome.failure;
  report(outcome.figures);
  return null;
}

function numberIn(file: string): number {
  const bytes = readFileSync(file);
  return bytes.byteLength < 8 ? 0 : bytes.readDoubleLE(0);
}

function report({ families, memory }: RunFigures): void {
  const line = (...cells: readonly string[]): string =>
    cells.map((cell, index) => (index === 0 ? cell.padEnd(34) : cell.padStart(12))).join("");
  console.log(line("", "cases", "decoded", "slowest ms"));
  for (const { name, cases, decoded, slowest } of families) {
    console.log(line(name, String(cases), String(decoded), slowest.toFixed(1)));
  }
  const total = families.reduce((sum, { cases }) => sum + cases, 0);
  const decoded = families.reduce((sum, family) => sum + family.decoded, 0);
  console.log(line("all", String(total), String(decoded)));
  console.log(`MB in use after collecting garbage: ${memory.join(" ")}`);
}

function replay(text: string): void {
  const { family, target, bytes } = parseCase(text);
  const start = performance.now();
  const decoded = family.decode(target, bytes);
  const ms = performance.now() - start;
  console.log(`${family.name}, ${target}: ${decoded ? "decoded" : "refused"} in ${ms.toFixed(1)} ms`);
}
