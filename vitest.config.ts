import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const file = (path: string) => fileURLToPath(new URL(`./${path}`, import.meta.url));
const source = (path: string) => file(`src/${path}`);

/**
 * A project whose tests may want Kafka. One file at a time and after the unit tests: brokers and tests share
 * the machine's processors, and a starved broker looks like a broken one.
 */
const withKafka = (name: string) => ({
  extends: true as const,
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    globalSetup: [file("test/support/global-setup.ts")],
    fileParallelism: false,
    sequence: { groupOrder: 1 },
    testTimeout: 30_000,
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
      withKafka("golden"),
      withKafka("integration"),
      withKafka("interop"),
      withKafka("runtimes"),
    ],
  },
});
