import { randomUUID } from "node:crypto";
import { readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { errorCode } from "./errors.ts";
import { sleep } from "./process.ts";

const HEARTBEAT_MS = 1_000;
/** A holder that has not touched its lock for so long was killed. */
const STALE_AFTER_MS = 10_000;

/**
 * Runs `work` while holding a lock file, so that two processes do not do the same work twice. The holder
 * touches the file every second; process ids would not do, since they are reused, and differ between
 * containers that share a cache. Two waiters that find a stale lock in the same instant may both get in:
 * what they do must stand that (jars.ts publishes by an atomic rename), the lock only saves the double work.
 */
export async function withLock<T>(
  file: string,
  signal: AbortSignal | undefined,
  onWait: () => void,
  work: () => Promise<T>,
): Promise<T> {
  const owner = randomUUID();
  let waited = false;
  while (!(await tryCreate(file, owner))) {
    if (await isStale(file)) {
      await rm(file, { force: true });
      continue;
    }
    if (!waited) onWait();
    waited = true;
    await sleep(200, signal);
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    // Failing is harmless: whoever removed the file took a holder that seemed dead for dead.
    utimes(file, now, now).catch(() => {});
  }, HEARTBEAT_MS);
  heartbeat.unref();
  try {
    signal?.throwIfAborted();
    return await work();
  } finally {
    clearInterval(heartbeat);
    if ((await readIfThere(file)) === owner) await rm(file, { force: true });
  }
}

async function tryCreate(file: string, owner: string): Promise<boolean> {
  try {
    await writeFile(file, owner, { flag: "wx" });
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

async function isStale(file: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(file)).mtimeMs > STALE_AFTER_MS;
  } catch (error) {
    // Released between our attempt and now.
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
