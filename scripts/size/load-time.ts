import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** What `import "kafkawire"` adds to the time of a process, in milliseconds: the difference of two medians. */
export async function loadTimeMs(directory: string, processes: number): Promise<number> {
  const empty = join(directory, "empty.js");
  const loading = join(directory, "loading.js");
  await writeFile(empty, "export {};\n");
  await writeFile(loading, 'import "kafkawire";\n');
  const times = { empty: [] as number[], loading: [] as number[] };
  // In turns, so that what else the machine does meets both alike; the first of each is for the disk's cache.
  for (let i = 0; i <= processes; i++) {
    const ofEmpty = await durationOf(empty);
    const ofLoading = await durationOf(loading);
    if (i === 0) continue;
    times.empty.push(ofEmpty);
    times.loading.push(ofLoading);
  }
  return median(times.loading) - median(times.empty);
}

async function durationOf(module: string): Promise<number> {
  const start = performance.now();
  await execute(process.execPath, [module]);
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
