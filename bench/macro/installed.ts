/** Gets what is no plain npm package: bindings that compile native code, and the program in Go. */

import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureDirectory } from "../../scripts/kafka/cached-directory.ts";
import { KafkaRunnerError } from "../../scripts/kafka/errors.ts";
import { cacheDirectory } from "../../scripts/kafka/paths.ts";
import { run, tail } from "../../scripts/kafka/process.ts";
import { findOnPath } from "../../scripts/kafka/tools.ts";

const BUILD_TIMEOUT_MS = 15 * 60_000;
const GO_SOURCE = fileURLToPath(new URL("./franz-go/", import.meta.url));

/** An npm package with native code. */
export interface NativePackage {
  readonly name: string;
  readonly version: string;
  /** For its install script. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Installs the package for that Node.js, once, and gives the directory that holds its `node_modules`.
 *
 * @throws KafkaRunnerError with the last that the installation said.
 */
export async function installNative(
  { name, version, env }: NativePackage,
  node: string,
  nodeVersion: string,
): Promise<string> {
  const directory = join(cacheDirectory(), "bench", `${name.replace("/", "-")}-${version}-${nodeVersion}`);
  await ensureDirectory(directory, async (partial) => {
    await writeFile(join(partial, "package.json"), '{ "private": true }\n');
    // npm runs install scripts with the Node.js that is first on PATH, and node-gyp takes that one's headers.
    const settings = {
      PATH: `${dirname(node)}:${process.env["PATH"] ?? ""}`,
      npm_config_nodedir: dirname(dirname(node)),
      ...env,
    };
    const { code, stdout, stderr } = await run(
      "env",
      [
        ...Object.entries(settings).map(([key, value]) => `${key}=${value}`),
        "npm",
        "install",
        "--foreground-scripts",
        "--no-audit",
        "--no-fund",
        `${name}@${version}`,
      ],
      { cwd: partial, timeoutMs: BUILD_TIMEOUT_MS },
    );
    const check = `require(${JSON.stringify(name)})`;
    const loaded =
      code === 0 ? await run(node, ["-e", check], { cwd: partial, timeoutMs: 30_000 }) : undefined;
    if (loaded?.code !== 0) {
      throw new KafkaRunnerError(tail(loaded?.stderr ?? `${stdout.toString("utf8")}\n${stderr}`, 8));
    }
  });
  return directory;
}

/**
 * Builds the program in `franz-go/`, once for each of its versions, and gives its path.
 *
 * @throws KafkaRunnerError with what Go said.
 */
export async function buildFranzGo(): Promise<string> {
  const go = findOnPath("go") ?? findOnPath("/usr/local/go/bin/go");
  if (go === undefined)
    throw new KafkaRunnerError("Go was not found on PATH: install it from https://go.dev");
  const hash = createHash("sha256");
  for (const name of ["main.go", "produce.go", "consume.go", "go.mod", "go.sum"])
    hash.update(await readFile(join(GO_SOURCE, name)));
  const directory = join(cacheDirectory(), "bench", `franz-go-${hash.digest("hex").slice(0, 16)}`);
  await ensureDirectory(directory, async (partial) => {
    const built = await run(go, ["build", "-o", join(partial, "franz-go"), "."], {
      cwd: GO_SOURCE,
      timeoutMs: BUILD_TIMEOUT_MS,
    });
    if (built.code !== 0) throw new KafkaRunnerError(tail(built.stderr, 8));
  });
  return join(directory, "franz-go");
}
