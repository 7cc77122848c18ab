import { execFile } from "node:child_process";
import { copyFile, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../../", import.meta.url));
const execute = promisify(execFile);

/** Builds the package into a directory of its own, beside its package.json, and removes that afterwards. */
export async function withPackage<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "kafkawire-size-"));
  try {
    const tsc = join(root, "node_modules/.bin/tsc");
    await execute(tsc, ["-p", join(root, "tsconfig.build.json"), "--outDir", join(directory, "dist")]);
    await copyFile(join(root, "package.json"), join(directory, "package.json"));
    await symlink(join(root, "node_modules"), join(directory, "node_modules"));
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
