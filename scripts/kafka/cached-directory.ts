import { access, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errorCode } from "./errors.ts";
import { withLock } from "./lock.ts";

/** Written last: a directory without it was not finished. */
const MARKER = ".complete";

/**
 * Fills a directory of the cache once, whoever else wants it at the same time. What it gets is gathered beside it
 * and renamed into place whole, so that no reader ever sees half of it.
 */
export async function ensureDirectory(
  directory: string,
  fill: (partial: string) => Promise<void>,
  options: { readonly signal?: AbortSignal | undefined; readonly onWait?: () => void } = {},
): Promise<void> {
  if (await isComplete(directory)) return;
  await mkdir(dirname(directory), { recursive: true });
  await withLock(`${directory}.lock`, options.signal, options.onWait ?? (() => {}), async () => {
    if (await isComplete(directory)) return;
    await sweep(directory);
    const partial = await mkdtemp(`${directory}.partial-`);
    try {
      await fill(partial);
      await writeFile(join(partial, MARKER), "");
      await publish(partial, directory);
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  });
}

/** Whether an earlier call has filled it. */
export async function isComplete(directory: string): Promise<boolean> {
  try {
    await access(join(directory, MARKER));
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
}

/** What killed processes left: no live one can be at work, since we hold the lock. */
async function sweep(directory: string): Promise<void> {
  const parent = dirname(directory);
  for (const name of await readdir(parent)) {
    if (name.startsWith(`${basename(directory)}.partial-`)) {
      await rm(join(parent, name), { recursive: true, force: true });
    }
  }
  await rm(directory, { recursive: true, force: true });
}

async function publish(partial: string, directory: string): Promise<void> {
  try {
    await rename(partial, directory);
  } catch (error) {
    // Another process was as quick; what it published is as good as ours.
    const code = errorCode(error);
    if ((code === "ENOTEMPTY" || code === "EEXIST") && (await isComplete(directory))) return;
    throw error;
  }
}
