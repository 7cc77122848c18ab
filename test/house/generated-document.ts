import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

/** Holds a document of the repository to what it should be; with UPDATE_DOCS=1, writes it anew. */
export async function expectDocument(path: string, current: string): Promise<void> {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  if (process.env["UPDATE_DOCS"] === "1") await writeFile(file, current);
  else expect(await readFile(file, "utf8"), "UPDATE_DOCS=1 writes the document anew").toBe(current);
}
