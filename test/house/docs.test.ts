/** The documents say what is true: every example compiles, every path exists. */

import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CLIENT_EVENT_NAMES } from "../../src/client/observe/events.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string): Promise<string> => readFile(join(root, path), "utf8");

/** The TypeScript of fenced blocks, in their order. */
function blocks(markdown: string): string[] {
  return [...markdown.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = ""]) => code);
}

describe("examples", () => {
  let directory: string;
  const sources = new Map<string, string>();

  beforeAll(async () => {
    // A document's blocks build on those before them.
    sources.set("readme.ts", blocks(await read("README.md")).join("\n"));
    sources.set("producer.ts", blocks(await read("docs/producer.md")).join("\n"));
    sources.set("observability.ts", blocks(await read("docs/observability.md")).join("\n"));
    // Those of this one stand each by itself.
    for (const code of blocks(await read("docs/security.md")))
      sources.set(`security-${sources.size}.ts`, code);
    sources.set("testing.ts", blocks(await read("docs/testing.md")).join("\n"));
    sources.set("platforms.ts", blocks(await read("docs/platforms.md")).join("\n"));
    for (const path of (await readdir(join(root, "src"), { recursive: true })).filter((name) =>
      name.endsWith(".ts"),
    )) {
      for (const comment of (await read(`src/${path}`)).match(/\/\*\*.*?\*\//gs) ?? []) {
        const text = comment.replace(/^ *\* ?/gm, "");
        for (const code of blocks(text))
          sources.set(`example-${sources.size}.ts`, `// from src/${path}\n${code}`);
      }
    }
    directory = await mkdtemp(join(tmpdir(), "kafkawire-docs-"));
    for (const [name, code] of sources) await writeFile(join(directory, name), `${code}\nexport {};\n`);
    const path = (file: string): string[] => [join(root, file)];
    const config = {
      extends: join(root, "tsconfig.base.json"),
      compilerOptions: {
        lib: ["ES2023", "ESNext.Disposable"],
        types: ["node"],
        typeRoots: [join(root, "node_modules/@types")],
        noEmit: true,
        allowImportingTsExtensions: true,
        paths: {
          "#platform": path("src/platform/node.ts"),
          "#listener": path("src/platform/node-listener.ts"),
          "#storage": path("src/platform/node-storage.ts"),
          kafkawire: path("src/mod.ts"),
          "kafkawire/protocol": path("src/protocol/mod.ts"),
          "kafkawire/testing": path("src/testing/mod.ts"),
        },
      },
      include: ["*.ts"],
    };
    await writeFile(join(directory, "tsconfig.json"), JSON.stringify(config));
    await writeFile(join(directory, "package.json"), '{ "type": "module" }');
  });

  afterAll(() => rm(directory, { recursive: true, force: true }));

  it("compile: those of the README, of the guides and of every docstring", async () => {
    expect(sources.size).toBeGreaterThan(5);
    const output = await new Promise<string>((resolve) => {
      execFile(join(root, "node_modules/.bin/tsc"), ["-p", directory], (_, stdout, stderr) =>
        resolve(stdout + stderr),
      );
    });
    expect(output).toBe("");
  }, 60_000);
});

it("docs/observability.md and the docstring list every event, and no other", async () => {
  for (const path of ["docs/observability.md", "src/client/observe/events.ts"]) {
    const listed = [...(await read(path)).matchAll(/^[ *]*\| `([a-z]+:[a-z-]+|stalled)` +\|/gm)].map(
      ([, name]) => name,
    );
    expect(listed).toEqual(CLIENT_EVENT_NAMES);
  }
});

describe("docs/architecture.md", () => {
  it("names only files that exist, and every folder of src", async () => {
    const map = /^```\n(.*?)^```/ms.exec(await read("docs/architecture.md"))?.[1] ?? "";
    const names = new Set<string>();
    const folders: string[] = [];
    for (const line of map.split("\n")) {
      const [, indent = "", names_ = ""] = /^( *)([\w./()-]+(?: [\w./()-]+)*)(?: {2}|$)/.exec(line) ?? [];
      // Deeper lines go on with a description.
      if (indent.length > 6 || names_ === "") continue;
      folders.length = indent.length / 2;
      for (const name of names_
        .trim()
        .split(" ")
        .map((each) => each.replace(/[()]/g, ""))) {
        if (name.endsWith("/")) folders[indent.length / 2] = name;
        names.add(folders.slice(0, indent.length / 2).join("") + name);
      }
    }
    expect(names.size).toBeGreaterThan(30);
    const missing: string[] = [];
    for (const name of names) {
      await stat(join(root, name)).catch(() => missing.push(name));
    }
    expect(missing).toEqual([]);
    const entries = await readdir(join(root, "src"), { withFileTypes: true });
    for (const entry of entries) if (entry.isDirectory()) expect(names).toContain(`src/${entry.name}/`);
  });
});

it("every link of the documents leads somewhere", async () => {
  const documents = [
    "README.md",
    ...(await readdir(join(root, "docs"), { recursive: true })).map((name) => `docs/${name}`),
  ];
  const broken: string[] = [];
  for (const document of documents.filter((name) => name.endsWith(".md"))) {
    for (const [, target = ""] of (await read(document)).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)) {
      await stat(join(root, document, "..", target)).catch(() => broken.push(`${document}: ${target}`));
    }
  }
  expect(broken).toEqual([]);
});
