/** The process that decodes. Its parent watches it, since a decoder that hangs cannot be stopped from within. */

import { writeSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Cases, type FuzzCase, families } from "./cases.ts";

export interface FamilyFigures {
  readonly name: string;
  readonly cases: number;
  /** How many of them were decoded, and not refused. */
  readonly decoded: number;
  /** The slowest call, in milliseconds. */
  readonly slowest: number;
}

export interface RunFigures {
  readonly families: readonly FamilyFigures[];
  /** Megabytes in use after collecting garbage, at even intervals. */
  readonly memory: readonly number[];
}

/** What a child says last. */
export type RunOutcome = { readonly figures: RunFigures } | { readonly failure: string };

const SLOW_MS = 1000;
const MEMORY_SAMPLES = 40;
/** Of the memory in use; what V8 keeps of code that it compiles grows by less. */
const GROWTH_MB = 8;
/** Below this, programs that get warm cannot be told from those that leak. */
const SHORTEST_FOR_MEMORY_MS = 60_000;

class Failure extends Error {}

async function run(seed: number, milliseconds: number, progress: number): Promise<RunFigures> {
  const cases = new Cases(seed);
  const tally = families.map(({ name }) => ({ name, cases: 0, decoded: 0, slowest: 0 }));
  const memory: number[] = [];
  const number = new Float64Array(1);
  const start = performance.now();
  for (let index = 0, now = start; now - start < milliseconds; index++) {
    number[0] = index;
    writeSync(progress, new Uint8Array(number.buffer), 0, 8, 0);
    const next = cases.at(index);
    const figures = tally[index % families.length] as (typeof tally)[number];
    const before = performance.now();
    const decoded = decodeCase(next);
    now = performance.now();
    figures.cases++;
    if (decoded) figures.decoded++;
    figures.slowest = Math.max(figures.slowest, quickest(next, now - before));
    // What node:zlib holds when it fails is not given back before this.
    if (index % 1000 === 0) await turn();
    if ((now - start) / milliseconds > memory.length / MEMORY_SAMPLES) memory.push(await memoryInUse());
  }
  if (milliseconds >= SHORTEST_FOR_MEMORY_MS) checkMemory(memory);
  return { families: tally, memory };
}

function decodeCase({ family, target, bytes }: FuzzCase): boolean {
  try {
    return family.decode(target, bytes);
  } catch (error) {
    throw new Failure(`an error that is not documented: ${error instanceof Error ? error.stack : error}`);
  }
}

/** How long a call takes: another process may have been in the way, so a slow one is made again. */
function quickest(slow: FuzzCase, measured: number): number {
  let least = measured;
  for (let times = 0; least > SLOW_MS && times < 2; times++) {
    const start = performance.now();
    decodeCase(slow);
    least = Math.min(least, performance.now() - start);
  }
  if (least > SLOW_MS) throw new Failure(`the call took ${Math.round(least)} ms`);
  return least;
}

async function memoryInUse(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error("This has to run with --expose-gc");
  // The second time takes what the first has only found to be out of use.
  for (let times = 0; times < 2; times++) {
    globalThis.gc();
    await turn();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return Math.round((heapUsed + arrayBuffers) / 1e5) / 10;
}

/** In the first quarter programs get warm, and every kind of valid bytes is made once. */
function checkMemory(memory: readonly number[]): void {
  const quarter = memory.length >> 2;
  const early = Math.min(...memory.slice(quarter, 2 * quarter));
  const late = Math.min(...memory.slice(-quarter));
  if (late - early > GROWTH_MB) throw new Failure(`memory grew from ${early} to ${late} MB`);
}

const { values } = parseArgs({ options: { seed: { type: "string" }, milliseconds: { type: "string" } } });
const seed = Number(values.seed);
/** Opened by the parent: where the number of the case stands that is being decoded. */
const PROGRESS = 3;

async function outcomeOf(): Promise<RunOutcome> {
  try {
    return { figures: await run(seed, Number(values.milliseconds), PROGRESS) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { failure: error.message };
  }
}

process.stdout.write(JSON.stringify(await outcomeOf()));
