/** A short run of `npm run fuzz`, which is how it is run for longer. */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { Cases, families, formatCase, parseCase } from "../../scripts/fuzz/cases.ts";
import { seed } from "../support/seed.ts";

const execute = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));

/** What the script prints; it rejects when the script ends with an error. */
async function fuzz(...options: readonly string[]): Promise<string> {
  const { stdout } = await execute(
    process.execPath,
    ["--import", "tsx", "scripts/fuzz/main.ts", ...options],
    { cwd: root },
  );
  return stdout;
}

describe(`fuzzing, seed ${seed}`, () => {
  it("finds no decoder that throws what it should not, or takes long", async () => {
    const report = await fuzz("--minutes", "0.06", "--seed", String(seed));
    for (const { name } of families) expect(report).toMatch(new RegExp(`^${name} +[1-9]`, "m"));
  }, 60_000);

  it("brings a case back by its seed and number, or by what is printed of it", async () => {
    for (let index = 0; index < 2 * families.length; index++) {
      const found = new Cases(seed).at(index);
      expect(formatCase(new Cases(seed).at(index))).toBe(formatCase(found));
      expect(parseCase(formatCase(found))).toEqual(found);
    }
    const report = await fuzz("--replay", "zstd in TypeScript|magic 2|28b52ffd00384d000000ffffff5423003401");
    expect(report).toMatch(/^zstd in TypeScript, magic 2: refused in /);
  }, 60_000);

  it("says when there is no such case", () => {
    expect(() => parseCase("requests|MetadataRequest v1")).toThrow(/write FAMILY\|TARGET\|HEX/);
    expect(() => parseCase("requests|MetadataRequest v1|0g")).toThrow(/write FAMILY\|TARGET\|HEX/);
    expect(() => parseCase("nothing|x|00")).toThrow(/is no case/);
    expect(() => parseCase("requests|Nothing v1|00")).toThrow(/requests has no target "Nothing v1"/);
  });
});
