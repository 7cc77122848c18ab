/**
 * The rules of the house, held against this repository and against deliberate violations: a rule that no
 * violation can break would prove nothing.
 */

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const biome = join(root, "node_modules/.bin/biome");
const tsc = join(root, "node_modules/.bin/tsc");

interface Finished {
  readonly exitCode: number;
  readonly output: string;
}

function run(command: string, args: readonly string[], cwd: string): Promise<Finished> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ exitCode, output: stdout + stderr });
    });
  });
}

interface Violation {
  readonly what: string;
  readonly files: { readonly [path: string]: string };
  /** What the linter must say of the first of the files. */
  readonly complaint: string;
}

const imports = (from: string): string => `import { thing } from "${from}";\n\nconsole.log(thing);\n`;

const violations: readonly Violation[] = [
  {
    what: "protocol imports the client",
    files: { "src/protocol/a.ts": imports("../client/kafka.ts") },
    complaint: "protocol imports nothing outside itself but long",
  },
  {
    what: "a message imports the platform",
    files: { "src/protocol/messages/b.ts": imports("../../platform/platform.ts") },
    complaint: "protocol imports nothing outside itself but long",
  },
  {
    what: "protocol imports a package",
    files: { "src/protocol/c.ts": imports("lodash") },
    complaint: "protocol imports nothing outside itself but long",
  },
  {
    what: "protocol imports a module of Node.js",
    files: { "src/protocol/d.ts": imports("node:zlib") },
    complaint: "protocol imports nothing outside itself but long",
  },
  {
    what: "group imports the client",
    files: { "src/group/e.ts": imports("../client/cluster.ts") },
    complaint: "group imports protocol only",
  },
  {
    what: "the producer imports group",
    files: { "src/client/producer/f.ts": imports("../../group/membership.ts") },
    complaint: "Of the client, only the consumer imports group",
  },
  {
    what: "the client imports a module of Node.js",
    files: { "src/client/g.ts": imports("node:net") },
    complaint: "A runtime's own modules belong in src/platform and src/cli",
  },
  {
    what: "the consumer imports a module of Node.js",
    files: { "src/client/consumer/h.ts": imports("node:net") },
    complaint: "A runtime's own modules belong in src/platform and src/cli",
  },
  {
    what: "the client uses Buffer",
    files: { "src/client/i.ts": "export const bytes = Buffer.alloc(1);\n" },
    complaint: "use Uint8Array",
  },
  {
    what: "testing imports the producer",
    files: { "src/testing/j.ts": imports("../client/producer/producer.ts") },
    complaint: "A broker that shares the client's misunderstandings proves nothing",
  },
  {
    what: "two files import each other",
    files: {
      "src/client/k.ts": 'import { two } from "./l.ts";\n\nexport const one = (): unknown => two;\n',
      "src/client/l.ts": 'import { one } from "./k.ts";\n\nexport const two = (): unknown => one;\n',
    },
    complaint: "This import is part of a cycle",
  },
  {
    what: "two files import each other's types",
    files: {
      "src/client/m.ts": 'import type { Two } from "./n.ts";\n\nexport type One = Two | 1;\n',
      "src/client/n.ts": 'import type { One } from "./m.ts";\n\nexport type Two = One | 2;\n',
    },
    complaint: "This import is part of a cycle",
  },
  {
    what: "a file that is no entry point re-exports others",
    files: {
      "src/client/o.ts": 'export * from "./p.ts";\n',
      "src/client/p.ts": "export const thing = 1;\n",
    },
    complaint: "Avoid barrel files",
  },
  {
    what: "a promise is left alone",
    files: {
      "src/client/q.ts":
        "async function work(): Promise<void> {}\n\nexport const start = (): void => {\n  work();\n};\n",
    },
    complaint: "floating",
  },
];

describe("import rules", () => {
  let directory: string;
  let report: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "kafkawire-rules-"));
    await cp(join(root, "biome.json"), join(directory, "biome.json"));
    for (const [path, content] of violations.flatMap(({ files }) => Object.entries(files))) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), content);
    }
    report = (
      await run(
        biome,
        ["lint", "--colors=off", "--vcs-enabled=false", "--max-diagnostics=none", "."],
        directory,
      )
    ).output;
  }, 180_000);

  afterAll(() => rm(directory, { recursive: true, force: true }));

  it.each(violations)("complains when $what", ({ files, complaint }) => {
    const [path = ""] = Object.keys(files);
    const complaints = report
      .split(/^(?=\S+\.ts:\d+:\d+ lint)/m)
      .filter((block) => block.startsWith(`${path}:`));
    expect(complaints.join("\n")).toContain(complaint);
  });

  it("finds nothing in this repository", async () => {
    const { exitCode, output } = await run(biome, ["ci", "--colors=off", "--error-on-warnings"], root);
    expect(exitCode, output.slice(0, 4000)).toBe(0);
  }, 180_000);
});

describe("types", () => {
  it("protocol compiles without the types of any runtime", async () => {
    const { exitCode, output } = await run(tsc, ["-p", "src/protocol/tsconfig.json"], root);
    expect(output).toBe("");
    expect(exitCode).toBe(0);
  }, 180_000);

  it("all of the project compiles", async () => {
    const { exitCode, output } = await run(tsc, ["-p", "tsconfig.json"], root);
    expect(output).toBe("");
    expect(exitCode).toBe(0);
  }, 120_000);

  it.each([
    ["the DOM", "export const title = document.title;"],
    ["Node.js", "export const here = process.cwd();"],
    ["timers", "export const timer = setTimeout(() => {}, 1);"],
  ])(
    "protocol would not compile with a use of %s",
    async (_, line) => {
      const directory = await mkdtemp(join(tmpdir(), "kafkawire-types-"));
      try {
        await mkdir(join(directory, "src/protocol"), { recursive: true });
        await cp(join(root, "tsconfig.base.json"), join(directory, "tsconfig.base.json"));
        await cp(join(root, "src/protocol/tsconfig.json"), join(directory, "src/protocol/tsconfig.json"));
        await writeFile(join(directory, "package.json"), '{ "type": "module" }');
        await writeFile(join(directory, "src/protocol/violation.ts"), `${line}\n`);
        const { exitCode, output } = await run(tsc, ["-p", "src/protocol/tsconfig.json"], directory);
        expect(output).toContain("Cannot find name");
        expect(exitCode).not.toBe(0);
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
    180_000,
  );
});

describe("state", () => {
  it("no module of the package has state that changes", async () => {
    const changing: string[] = [];
    for (const path of await sources()) {
      const lines = (await readFile(join(root, "src", path), "utf8")).split("\n");
      lines.forEach((line, index) => {
        // The formatter indents everything that is inside something.
        if (/^(export )?(let|var) /.test(line)) changing.push(`src/${path}:${index + 1}: ${line}`);
      });
    }
    expect(changing).toEqual([]);
  });

  it("no source of the package generates code", async () => {
    const generating: string[] = [];
    for (const path of await sources()) {
      const text = await readFile(join(root, "src", path), "utf8");
      if (/\beval\(|new Function\(/.test(text)) generating.push(path);
    }
    expect(generating).toEqual([]);
  });

  async function sources(): Promise<string[]> {
    const files = await readdir(join(root, "src"), { recursive: true });
    const typescript = files.filter((path) => path.endsWith(".ts"));
    expect(typescript.length).toBeGreaterThan(30);
    return typescript;
  }
});
