/** The recipes of docs/testing.md do what they say: each runs in the test runner that it is for, on the built package. */

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);
let directory: string;
const recipes = new Map<string, { readonly file: string; readonly code: string }>();

beforeAll(async () => {
  const text = await readFile(join(root, "docs/testing.md"), "utf8");
  for (const [, code = "", file = "", runner = ""] of text.matchAll(
    /^```js\n(\/\/ (\S+), for (\S+)\n.*?)^```/gms,
  )) {
    recipes.set(runner, { file, code });
  }
  directory = await mkdtemp(join(tmpdir(), "kafkawire-recipes-"));
  const installed = join(directory, "node_modules/kafkawire");
  await mkdir(installed, { recursive: true });
  await cp(join(root, "package.json"), join(installed, "package.json"));
  const build = ["-p", join(root, "tsconfig.build.json"), "--outDir", join(installed, "dist")];
  await run(join(root, "node_modules/.bin/tsc"), build);
  for (const name of ["buffer-crc32", "snappyjs", "vitest"]) {
    await symlink(join(root, "node_modules", name), join(directory, "node_modules", name));
  }
  await writeFile(join(directory, "package.json"), '{ "type": "module" }');
  for (const { file, code } of recipes.values()) await writeFile(join(directory, file), code);
}, 60_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

function pathOf(runner: string): string {
  return join(directory, recipes.get(runner)?.file ?? expect.fail(`no recipe for ${runner}`));
}

it("Vitest", async () => {
  const env = { ...process.env, NO_COLOR: "1" };
  const args = ["run", "--root", directory, pathOf("Vitest")];
  const { stdout } = await run(join(root, "node_modules/.bin/vitest"), args, { cwd: directory, env });
  expect(stdout).toMatch(/Tests +2 passed \(2\)/);
}, 60_000);

it("node:test", async () => {
  const { stdout } = await run(process.execPath, ["--test", pathOf("node:test")], { cwd: directory });
  expect(stdout).toMatch(/pass 1\b/);
  expect(stdout).toMatch(/fail 0\b/);
}, 60_000);
