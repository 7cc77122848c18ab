/** `npm run quickstart`, run as a program: on the Kafka that it brings along. */

import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

function quickstart(...args: string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return promisify(execFile)(join(root, "node_modules/.bin/tsx"), ["scripts/quickstart.ts", ...args], {
    cwd: root,
  });
}

describe("the quickstart", () => {
  it("shows producers, a group whose members come and go, and that nothing is lost", async () => {
    const { stdout, stderr } = await quickstart();
    expect(stderr).toBe("");
    const records =
      stdout.match(/^ {2}\w+ +→ {2}partition \d, offset +\d+ {2}→ {2}\w+ +\w+: order \d+$/gm) ?? [];
    expect(stdout).toMatch(/^Three brokers are up in this process after \d+ ms/);
    expect(stdout).toMatch(/^\* cleo now reads \d, \d$/m);
    expect(stdout).toMatch(/^\* anna gives up \d/m);
    const end = `${records.length} records were sent and ${records.length} read`;
    expect(stdout.trimEnd().split("\n").at(-1)).toMatch(
      new RegExp(`^${end} \\(.*\\): each once, every customer's in order\\.$`),
    );
  }, 60_000);

  it("says what is wrong with its arguments, and with the address of a Kafka", async () => {
    const usage = "Usage: npm run quickstart";
    await expect(quickstart("--bootstrap", "x")).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining(usage),
    });
    await expect(quickstart("--bootstrap-server", "no address")).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^quickstart: .*no address/),
    });
  }, 60_000);
});
