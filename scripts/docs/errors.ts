/** `docs/errors.md`, made from the classes of errors, our codes, and the table of Kafka's. */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BrokerError } from "../../src/client/errors.ts";
import { remedyFor } from "../../src/client/remedies.ts";
import { errorCodes } from "../../src/protocol/error-codes.ts";
import { markdownTable } from "./markdown-table.ts";
import { OWN_ERROR_CODES } from "./own-error-codes.ts";

const src = fileURLToPath(new URL("../../src/", import.meta.url));

const INTRODUCTION = `# Errors

<!-- Made from the source: UPDATE_DOCS=1 npx vitest run --project unit test/house/errors-doc.test.ts -->

Everything that kafkawire throws on purpose is a \`KafkaError\`:

- \`code\` says which, as Kafka's own name of the error or one of ours in the same form. Compare codes, not messages.
- \`retriable\`: the same call can succeed if it is made again. The client has then retried for as long as it may.
- \`fatal\`: the object that threw can do no more work. Close it, and make a new one once the reason is gone.
- \`cause\`: the error underneath, where there is one.

A call whose \`AbortSignal\` is aborted rejects with the signal's reason, whatever that is. Messages say what happened, to what, and what to do; passwords, keys and tokens are never in one.`;

/** A file of `src`, by its path in there. */
interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export async function sourceFiles(): Promise<SourceFile[]> {
  const paths = (await readdir(src, { recursive: true })).filter((path) => path.endsWith(".ts")).sort();
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(src, path), "utf8") })));
}

/** The codes that are written out in the source, where errors are made or where their types list them. */
export function codesInSource(files: readonly SourceFile[]): string[] {
  const codes = new Set<string>();
  const places = [
    /new \w+Error\(\s*"([A-Z_]+)"/g,
    /\bsuper\(\s*(?:[\w.]+ \?\? )?"([A-Z_]+)"/g,
    /\bcode: "([A-Z_]+)"/g,
    /(?:\bcode\??:|\w+ErrorCode =)\s*((?:\s*\|?\s*"[A-Z_]+")+)/g,
  ];
  for (const { text } of files) {
    // Examples in docstrings make errors too.
    const code = text.replace(/\/\*\*.*?\*\//gs, "");
    for (const place of places) {
      for (const [, found = ""] of code.matchAll(place)) {
        for (const name of found.match(/[A-Z_]+/g) ?? []) codes.add(name);
      }
    }
  }
  return [...codes].sort();
}

/** Every class of errors that is exported, with the first paragraph of its docstring. */
export function errorClasses(files: readonly SourceFile[]): { name: string; meaning: string }[] {
  const classes = files.flatMap(({ text }) =>
    [
      ...text.matchAll(
        /\/\*\*((?:(?!\*\/).)*?)\*\/\nexport class (\w+Error) extends (?:KafkaError|Error \{\n {2}override readonly name: string)/gs,
      ),
    ].map(([, comment = "", name = ""]) => ({ name, meaning: firstParagraph(comment) })),
  );
  return classes.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function firstParagraph(comment: string): string {
  const lines = comment.split("\n").map((line) => line.replace(/^\s*\* ?/, "").trim());
  const text = lines.join("\n").trim().split("\n\n")[0] ?? "";
  return text
    .replaceAll("\n", " ")
    .replace(/\{@link (\w+)\}/g, "`$1`")
    .replace(/\.$/, "");
}

/** What the comment above each row of the table says. */
function kafkaMeanings(files: readonly SourceFile[]): Map<string, string> {
  const table = files.find(({ path }) => path.endsWith("error-codes.ts"))?.text ?? "";
  return new Map(
    [...table.matchAll(/((?: *\/\/ .*\n)+) *"(\w+)", \/\/ -?\d+$/gm)].map(([, comment = "", name = ""]) => [
      name,
      comment
        .replace(/^ *\/\/ /gm, "")
        .replaceAll("\n", " ")
        .trim()
        .replace(/\.$/, ""),
    ]),
  );
}

/** The whole document. */
export async function errorsDocument(): Promise<string> {
  const files = await sourceFiles();
  const classes = errorClasses(files).map(({ name, meaning }) => [`\`${name}\``, meaning]);
  const own = Object.entries(OWN_ERROR_CODES).map(([code, each]) => [
    `\`${code}\``,
    `\`${each.errorClass}\``,
    each.retriable,
    each.fatal,
    each.meaning,
    each.remedy,
  ]);
  const meanings = kafkaMeanings(files);
  const kafka = [...errorCodes.values()].map(({ code, name, retriable }) => {
    const meaning = meanings.get(name);
    if (meaning === undefined) throw new Error(`error-codes.ts has no comment above ${name}`);
    const { fatal } = new BrokerError(code);
    return [
      `${code}`,
      `\`${name}\``,
      retriable ? "yes" : "no",
      fatal ? "yes" : "no",
      meaning,
      remedyFor(code) ?? "",
    ];
  });
  return `${INTRODUCTION}

## Classes

${markdownTable(["class", "meaning"], classes)}

## Codes of the client

${markdownTable(["code", "class", "retriable", "fatal", "meaning", "what to do"], own)}

## Codes of brokers

Each comes as a \`BrokerError\`, which also says which broker it was, in answer to which API and version, and for which topic and partition. In some places the client knows more than the table: the error's own \`retriable\` counts.

${markdownTable(["number", "code", "retriable", "fatal", "meaning", "what to do"], kafka)}
`;
}
