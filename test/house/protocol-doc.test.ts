/**
 * `docs/protocol.md` shows what the inspector prints: every dump in it is made again here, from frames that a
 * real broker sent, and every program in it is run. To write the document anew after a change:
 *
 *     UPDATE_DOCS=1 npx vitest run --project unit test/house/protocol-doc.test.ts
 */

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { formatInspection } from "../../src/protocol/inspect/format-inspection.ts";
import { inspectFrame } from "../../src/protocol/inspect/inspect-frame.ts";
import type { Inspection } from "../../src/protocol/inspect/span.ts";
import * as protocol from "../../src/protocol/mod.ts";
import { conversation } from "../protocol/inspect/conversation.ts";
import { spanAt } from "../protocol/inspect/support.ts";

const path = fileURLToPath(new URL("../../docs/protocol.md", import.meta.url));
const updating = process.env["UPDATE_DOCS"] === "1";

const gunzip: protocol.InspectOptions = {
  codecs: [{ type: "gzip", decompress: (bytes) => new Uint8Array(gunzipSync(bytes)) }],
};

type Exchange =
  | "apiVersions"
  | "refused"
  | "olderMetadata"
  | "metadata"
  | "produce"
  | "misdirected"
  | "fetch";

const bytesOf = (name: keyof typeof conversation): Uint8Array =>
  Uint8Array.from(Buffer.from(conversation[name], "hex"));

const request = (name: Exchange): Inspection => inspectFrame(bytesOf(`${name}Request`), "request");

/** The response, read as that of the request that was sent. */
function response(name: Exchange): Inspection {
  const { apiKey, apiVersion } = inspectFrame(bytesOf(`${name}Request`), "request");
  if (apiKey === null || apiVersion === null) throw new Error(`${name} is no request`);
  return inspectFrame(bytesOf(`${name}Response`), "response", { apiKey, apiVersion, ...gunzip });
}

/** The dump of one span, under a short name of its own. */
function part(inspection: Inspection, spanPath: string, type?: string): string {
  const span = spanAt(inspection, spanPath, type);
  const root = { ...span, path: spanPath.slice(spanPath.lastIndexOf(".") + 1) };
  return formatInspection({ ...inspection, root, errors: [] });
}

/** The lines from one that matches to the next that matches; what is left out leaves a mark. */
function lines(dump: string, ...ranges: readonly (readonly [from: RegExp, to: RegExp])[]): string {
  const all = dump.split("\n");
  const kept: string[] = [];
  let at = 0;
  for (const [from, to] of ranges) {
    const start = all.findIndex((line, index) => index >= at && from.test(line));
    const end = all.findIndex((line, index) => index >= start && to.test(line)) + 1;
    if (start < 0 || end === 0) throw new Error(`no lines from ${from} to ${to}`);
    if (start > at) kept.push("  ⋮");
    kept.push(...all.slice(start, end));
    at = end;
  }
  if (at < all.length) kept.push("  ⋮");
  return kept.join("\n");
}

const records = "FetchResponse.responses[0].partitions[0].records";

/** The dumps of the document by the names that stand in front of them. */
const dumps: Readonly<Record<string, () => string>> = {
  "a request": () => formatInspection(request("apiVersions")),
  "an older version": () => part(request("olderMetadata"), "MetadataRequest"),
  "a newer version": () => part(request("metadata"), "MetadataRequest"),
  "which versions a broker has": () =>
    lines(formatInspection(response("apiVersions")), [/response/, /apiKeys/], [/\(Fetch\)/, /maxVersion/]),
  "tagged fields": () =>
    lines(part(response("apiVersions"), "ApiVersionsResponse.taggedFields"), [
      /taggedFields/,
      /tagged field size +164/,
    ]),
  "a refusal": () => formatInspection(response("refused")),
  "an error": () => part(response("misdirected"), "ProduceResponse"),
  "the header of a batch": () =>
    lines(part(response("fetch"), `${records}.batches[0]`), [/batches/, /recordCount/]),
  "a record": () => part(response("fetch"), `${records}.batches[0].records[0]`),
  "the record after it": () => part(response("fetch"), `${records}.batches[0].records[1]`),
  "compressed records": () =>
    lines(
      part(response("fetch"), `${records}.batches[1]`),
      [/batches/, /baseOffset/],
      [/attributes/, /attributes/],
      [/gzip data/, /headers/],
    ),
  "a damaged request": () =>
    formatInspection(inspectFrame(bytesOf("metadataRequest").subarray(0, 45), "request"), { maxDepth: 2 }),
};

const DUMP = /^<!-- dump: ([^\n]+) -->\n```text\n(.*?)\n```$/gms;

const PROGRAM = /^```ts\n(.*?)\n```\n\n```text\n(.*?)\n```$/gms;

describe("docs/protocol.md", () => {
  it("shows what the inspector prints", async () => {
    const document = await readFile(path, "utf8");
    const shown = [...document.matchAll(DUMP)].map(([, name = ""]) => name);
    expect(shown).toEqual(Object.keys(dumps));
    await expectSame(
      document,
      document.replaceAll(
        DUMP,
        (_, name: string) => `<!-- dump: ${name} -->\n\`\`\`text\n${dumps[name]?.()}\n\`\`\``,
      ),
    );
  });

  it("shows programs that run and print what it says", async () => {
    const document = await readFile(path, "utf8");
    const programs = [...document.matchAll(PROGRAM)];
    expect(programs.length).toBeGreaterThan(0);
    expect(programs).toHaveLength(document.match(/^```ts$/gm)?.length ?? 0);
    let current = document;
    for (const [shown, code = ""] of programs) {
      const output = await run(code);
      current = current.replace(shown, () => `\`\`\`ts\n${code}\n\`\`\`\n\n\`\`\`text\n${output}\n\`\`\``);
    }
    await expectSame(document, current);
  });

  it("holds every frame of the conversation without an error", () => {
    for (const name of [
      "apiVersions",
      "olderMetadata",
      "metadata",
      "produce",
      "misdirected",
      "fetch",
    ] as const) {
      expect(request(name).errors).toEqual([]);
      expect(response(name).errors).toEqual([]);
    }
  });
});

/** Compares the document with what it should be; rewrites it where that is what was asked for. */
async function expectSame(document: string, current: string): Promise<void> {
  if (updating) await writeFile(path, current);
  else expect(document, "UPDATE_DOCS=1 writes the document anew").toBe(current);
}

/** What a program prints that imports nothing but `kafkawire/protocol`. */
async function run(code: string): Promise<string> {
  const body = code.replace(/^import (\{.*\}) from "kafkawire\/protocol";$/m, "const $1 = protocol;");
  const printed: string[] = [];
  const console = { log: (...values: unknown[]) => printed.push(values.map(String).join(" ")) };
  const AsyncFunction = (async () => {}).constructor as new (
    ...args: string[]
  ) => (...args: unknown[]) => Promise<void>;
  await new AsyncFunction("protocol", "console", body)(protocol, console);
  return printed.join("\n");
}
