import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const file = (path: string) => fileURLToPath(new URL(`./${path}`, import.meta.url));
const source = (path: string) => file(`src/${path}`);

/** Of the integration tests those in which time is told: what is late, and what it costs. */
const TIMED = [
  "test/integration/faults/**/*.test.ts",
  "test/integration/{kafka-cluster,near-replica,sasl-sessions}.test.ts",
  "test/integration/groups/{half-open,slow-handlers}.test.ts",
];

/**
 * A project whose tests may want Kafka. After the unit tests, since brokers and tests share the machine's processors,
 * and a starved broker looks like a broken one: two files at a time, which mostly wait, or one where time is told.
 */
const withKafka = (name: string, files: string[], { alone = false, exclude = [] as string[] } = {}) => ({
  extends: true as const,
  test: {
    name,
    include: files,
    exclude,
    globalSetup: [file("test/support/global-setup.ts")],
    maxWorkers: alone ? 1 : 2,
    sequence: { groupOrder: alone ? 2 : 1 },
    testTimeout: alone ? 30_000 : 60_000,
    hookTimeout: 60_000,
  },
});

/**
 * The suites of the client's own core once more, with the bytes of brokers arriving in another way: what comes out
 * must not depend on how the network cuts them.
 */
const withChunks = (chunking: string) => ({
  extends: true as const,
  test: {
    name: `unit-${chunking}`,
    include: ["test/client/{connection,broker,version-negotiation,cluster,coordinators}*.test.ts"].concat(
      "test/client/{producer,consumer}/**/*.test.ts",
    ),
    env: { KAFKAWIRE_CHUNKING: chunking },
    testTimeout: 30_000,
  },
});

export default defineConfig({
  resolve: {
    alias: [
      { find: "#platform", replacement: source("platform/node.ts") },
      { find: "#listener", replacement: source("platform/node-listener.ts") },
      { find: "#storage", replacement: source("platform/node-storage.ts") },
      { find: /^kafkawire$/, replacement: source("mod.ts") },
      { find: /^kafkawire\/protocol$/, replacement: source("protocol/mod.ts") },
      { find: /^kafkawire\/testing$/, replacement: source("testing/mod.ts") },
    ],
  },
  test: {
    reporters: [
      "default",
      ...(process.env["GITHUB_ACTIONS"] === "true" ? ["github-actions"] : []),
      // Last, since it ends the output with what was not run and one line of counts.
      file("test/support/not-run-reporter.ts"),
    ],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: [
            "test/{protocol,platform,compression,client,cli,group,testing,house,property}/**/*.test.ts",
          ],
          // A property may take a second, and several times that on a machine with other work.
          testTimeout: 30_000,
        },
      },
      withChunks("bytes"),
      withChunks("cuts"),
      withKafka("golden", ["test/golden/**/*.test.ts"]),
      withKafka("integration", ["test/integration/**/*.test.ts"], { exclude: TIMED }),
      withKafka("interop", ["test/interop/**/*.test.ts"]),
      withKafka("timed", TIMED, { alone: true }),
      withKafka("runtimes", ["test/runtimes/**/*.test.ts"], { alone: true }),
    ],
  },
});
