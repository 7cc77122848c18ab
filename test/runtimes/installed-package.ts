import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { KafkaRunnerError } from "../../scripts/kafka/errors.ts";
import { run } from "../../scripts/kafka/process.ts";
import type { Runtime } from "../support/runtimes.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const NODE_TYPES = { lib: ["ES2022"], types: ["node"], typeRoots: [join(root, "node_modules/@types")] };
const STEP_TIMEOUT_MS = 120_000;
const PROGRAM_TIMEOUT_MS = 30_000;

/** How a program ended. */
export interface Ended {
  /** What it told with `output`. */
  readonly value: unknown;
  /** Milliseconds from that to its end. */
  readonly lingeredMs: number;
}

/** A project of a user who has installed the packed package, in a folder of its own. */
export class InstalledPackage implements AsyncDisposable {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Builds, packs and installs, and compiles the programs against what was installed. */
  static async create(): Promise<InstalledPackage> {
    const directory = await mkdtemp(join(tmpdir(), "kafkawire-user-"));
    const installed = new InstalledPackage(directory);
    try {
      await installed.#fill();
      return installed;
    } catch (error) {
      await installed[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #fill(): Promise<void> {
    await step("npm", ["run", "--silent", "build"], root);
    const destination = join(this.#directory, "packed");
    await mkdir(destination);
    await step("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", destination], root);
    const [tarball = "nothing was packed"] = await readdir(destination);
    await writeFile(join(this.#directory, "package.json"), '{ "type": "module", "private": true }');
    const flags = ["--silent", "--prefer-offline", "--no-audit", "--no-fund"];
    await step("npm", ["install", ...flags, join(destination, tarball)], this.#directory);
    // Laid out as here, so that programs may use what tests of this process use too.
    for (const path of [
      "runtimes/programs",
      "platform/socket-transport.ts",
      "platform/transport-conformance.ts",
    ]) {
      await cp(join(root, "test", path), join(this.#directory, "test", path), { recursive: true });
    }
    await this.compile({ ...NODE_TYPES, include: ["test"], outDir: "compiled", rootDir: "test" });
  }

  /**
   * Compiles programs as strictly as can be, declarations of the package included.
   *
   * @param options Compiler options, and which files.
   */
  async compile(options: {
    readonly include?: readonly string[];
    readonly [option: string]: unknown;
  }): Promise<void> {
    const { include = ["test/runtimes/programs/*.ts"], ...compilerOptions } = options;
    const config = {
      compilerOptions: {
        target: "ES2022",
        module: "NodeNext",
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        rewriteRelativeImportExtensions: true,
        skipLibCheck: false,
        types: [],
        ...compilerOptions,
      },
      include,
    };
    await writeFile(join(this.#directory, "tsconfig.json"), JSON.stringify(config));
    await step(join(root, "node_modules/.bin/tsc"), ["-p", "."], this.#directory);
  }

  /** Runs a program to its end, which it has to find by itself. */
  async run(runtime: Runtime, program: string, input: unknown = null): Promise<Ended> {
    const args = [...runtime.args, `compiled/runtimes/programs/${program}.js`, JSON.stringify(input)];
    const { code, stdout, stderr } = await run(runtime.executable, args, {
      cwd: this.#directory,
      timeoutMs: PROGRAM_TIMEOUT_MS,
    });
    const endedAtMs = Date.now();
    const text = stdout.toString("utf8");
    // A warning on stderr is a failure too: a user would see it as well.
    if (code !== 0 || stderr !== "") {
      throw new Error(
        `${program} ended with exit code ${code}, said ${JSON.stringify(text)}, and\n${stderr}`,
      );
    }
    const { value, atMs } = JSON.parse(text) as { readonly value: unknown; readonly atMs: number };
    return { value, lingeredMs: endedAtMs - atMs };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}

async function step(command: string, args: readonly string[], cwd: string): Promise<void> {
  const { code, stdout, stderr } = await run(command, args, { cwd, timeoutMs: STEP_TIMEOUT_MS });
  if (code === 0) return;
  throw new KafkaRunnerError(
    `${command} ${args.join(" ")} failed (exit code ${code}):\n${stdout.toString("utf8")}${stderr}`,
  );
}
