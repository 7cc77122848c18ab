import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EMBEDDED_CLUSTERS } from "../support/kafka.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const VITEST = path("../../node_modules/vitest/vitest.mjs");
const CONFIG = path("../support/fixtures/not-run/vitest.config.ts");
/** One test that needs nothing, and one on each embedded cluster. */
const RUN = 1 + EMBEDDED_CLUSTERS.length;

describe("on a machine without Java, Maven, Docker and kcat", () => {
  let empty: string;

  beforeAll(async () => {
    empty = await mkdtemp(join(tmpdir(), "no-tools-"));
  });
  afterAll(() => rm(empty, { recursive: true }));

  /** Runs the fixture's suites with a PATH on which nothing is found. */
  const runFixture = (env: Record<string, string>, ...args: string[]) =>
    new Promise<{ code: number; output: string }>((resolve) => {
      const child = execFile(
        process.execPath,
        [VITEST, "run", "--config", CONFIG, ...args],
        { env: { PATH: empty, HOME: empty, NO_COLOR: "1", ...env } },
        (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
      );
    });

  it("runs what needs no broker, names the rest, and passes", async () => {
    const { code, output } = await runFixture({});
    expect(output).toContain("NOT RUN: 10 suites with 10 tests");
    expect(output).toContain("suites.fixture.ts > asks a broker (1 test, needs broker)");
    expect(output).toContain("suites.fixture.ts > stops brokers (1 test, needs cluster and kcat)");
    expect(output).toContain("suites.fixture.ts > runs everywhere [Kafka 3.9.1, 3 brokers]");
    expect(output).toMatch(/broker: set KAFKA_BOOTSTRAP .*Docker.*install a JDK/);
    expect(output).toContain("cluster: Java was not found");
    expect(output).toContain("Maven (mvn) was not found on PATH: install Maven");
    expect(output).toContain("kcat: kcat was not found");
    expect(output).toMatch(/bun: (npm was not found on PATH|no npm package of it is known)/);
    expect(output.trimEnd().split("\n").at(-1)).toBe(`${RUN} passed, 0 failed, 10 skipped`);
    expect(code).toBe(0);
  }, 30_000);

  it("fails when CI=true", async () => {
    const { code, output } = await runFixture({ CI: "true" });
    expect(output).toContain("NOT RUN: 10 suites with 10 tests");
    expect(output).toContain("CI=true: this is a failure.");
    expect(code).toBe(1);
  }, 30_000);

  it("does not complain of suites that were not asked for", async () => {
    const { code, output } = await runFixture({ CI: "true" }, "-t", "needs nothing");
    expect(output).not.toContain("NOT RUN");
    expect(code).toBe(0);
  }, 30_000);

  it("fails the suites of a broker that was promised and does not answer", async () => {
    const { code, output } = await runFixture({ KAFKA_BOOTSTRAP: "127.0.0.1:1" });
    expect(output).toContain("no broker of KAFKA_BOOTSTRAP answers (127.0.0.1:1: ");
    expect(output).toMatch(new RegExp(`^${RUN} passed, 2 failed, 10 skipped$`, "m"));
    expect(code).toBe(1);
  }, 30_000);
});
