/** The package as it would be published: packed, and looked at from outside. */

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VERSION } from "../../src/client/version.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const execute = promisify(execFile);

describe("the packed package", () => {
  let directory: string;
  let tarball: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "kafkawire-pack-"));
    await execute("npm", ["run", "--silent", "build"], { cwd: root });
    await execute("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", directory], {
      cwd: root,
    });
    const [packed] = await readdir(directory);
    tarball = join(directory, packed ?? "nothing was packed");
  }, 120_000);

  afterAll(() => rm(directory, { recursive: true, force: true }));

  it("is what publint accepts without a suggestion", async () => {
    const bytes = await readFile(tarball);
    const archive = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    const { messages } = await publint({ pack: { tarball: archive }, strict: true });
    expect(messages).toEqual([]);
  });

  it("resolves with its types in every way that ESM is resolved", async () => {
    const attw = join(root, "node_modules/.bin/attw");
    // It exits with an error, which rejects, when a way of resolving that ESM has finds no types or wrong ones.
    const { stdout } = await execute(attw, [tarball, "--profile", "esm-only", "--format", "json"], {
      cwd: root,
    });
    const { analysis } = JSON.parse(stdout) as { analysis: { entrypoints: object } };
    expect(Object.keys(analysis.entrypoints)).toEqual([".", "./protocol", "./testing", "./package.json"]);
  }, 60_000);

  it("installs without scripts and native code, loads, and speaks", async () => {
    const home = join(directory, "user");
    await mkdir(home);
    await writeFile(join(home, "package.json"), '{ "type": "module", "private": true }');
    await execute("npm", ["install", "--silent", "--prefer-offline", "--no-audit", "--no-fund", tarball], {
      cwd: home,
    });
    const installed = JSON.parse(
      await readFile(join(home, "node_modules/kafkawire/package.json"), "utf8"),
    ) as {
      scripts?: { [name: string]: string };
    };
    for (const script of ["preinstall", "install", "postinstall"])
      expect(installed.scripts).not.toHaveProperty(script);
    await writeFile(
      join(home, "use.js"),
      `import { Kafka } from "kafkawire";
       import { decode, encode, MetadataRequest } from "kafkawire/protocol";
       import * as testing from "kafkawire/testing";
       new Kafka({ bootstrapServers: "localhost:9092" });
       const bytes = encode(MetadataRequest, 12, { topics: [{ name: "orders" }] });
       console.log(decode(MetadataRequest, 12, bytes).topics[0].name, typeof testing);`,
    );
    const { stdout } = await execute(process.execPath, ["use.js"], { cwd: home });
    expect(stdout).toBe("orders object\n");
  }, 120_000);
});

it("tells brokers the version in package.json", async () => {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
  expect(VERSION).toBe(version);
});
