import { setTimeout as sleep } from "node:timers/promises";

const LOOK_EVERY_MS = 20;

/**
 * Resolves once nothing is wrong any more; `expect.poll` for concurrent tests, which it does not know apart.
 *
 * @throws Error with what is still wrong after `timeoutMs`.
 */
export async function eventually(wrong: () => readonly string[], timeoutMs: number): Promise<void> {
  const error = new Error();
  const endMs = performance.now() + timeoutMs;
  for (let found = wrong(); found.length > 0; found = wrong()) {
    if (performance.now() > endMs) {
      error.message = `after ${timeoutMs} ms: ${found.join("; ")}`;
      throw error;
    }
    await sleep(LOOK_EVERY_MS);
  }
}
