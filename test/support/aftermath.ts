import { queryObjects } from "node:v8";
import { afterEach, beforeEach, expect } from "vitest";
import type { ProxiedCluster } from "./proxied-cluster.ts";

/** How long a closed client may take until its sockets and timers are gone. */
const SETTLE_MS = 5_000;

/**
 * Holds each test to what it leaves behind: no rejection that nobody took, and, all its clients being closed by
 * then, no connection, and no timer or socket that was not there before.
 */
export function leavesNothingBehind(proxied: () => ProxiedCluster): void {
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
  let before: string[] = [];

  beforeEach(() => {
    process.on("unhandledRejection", onUnhandled);
    before = activeResources();
  });

  afterEach(async () => {
    proxied().heal();
    const deadline = performance.now() + SETTLE_MS;
    const isQuiet = (): boolean =>
      proxied().openConnections === 0 && surplus(before, activeResources()).length === 0;
    while (!isQuiet() && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
    process.off("unhandledRejection", onUnhandled);
    expect(unhandled.splice(0), "rejections that nobody handled").toEqual([]);
    expect(proxied().openConnections, "connections that stayed open").toBe(0);
    expect(surplus(before, activeResources()), "what was not there before").toEqual([]);
  });
}

/** What keeps the process alive, but for what comes and goes by itself (files, pipes of the test runner). */
function activeResources(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((kind) => /Timeout|Immediate|TCP|TLS|GetAddrInfo|Connect/.test(kind))
    .sort();
}

/** What is in `after` and was not in `before`, each as often as it is too many. */
function surplus(before: readonly string[], after: readonly string[]): string[] {
  const left = [...before];
  return after.filter((kind) => {
    const at = left.indexOf(kind);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/**
 * How many objects of any kind are alive, after a collection. Unlike the bytes of the heap they do not grow with the
 * machine code that a runtime goes on making. The least of several counts, since some are about to go.
 */
export async function liveObjects(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    least = Math.min(least, queryObjects(Object, { format: "count" }));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return least;
}
