/**
 * `docs/configuration.md` is made from the tables of settings. To write it anew after a change:
 *
 *     UPDATE_DOCS=1 npx vitest run --project unit test/house/configuration-doc.test.ts
 */

import { describe, expect, it } from "vitest";
import { configurationDocument } from "../../scripts/docs/configuration.ts";
import { propertyDocs } from "../../scripts/docs/docstrings.ts";
import { expectDocument } from "./generated-document.ts";

describe("docs/configuration.md", () => {
  it("says what the tables of settings and their docstrings say", async () => {
    await expectDocument("docs/configuration.md", await configurationDocument());
  });
});

describe("docstrings of an interface", () => {
  const source = (body: string): string => `export interface Config {\n${body}}\n`;

  it("are read over several lines, with what they call the default", () => {
    const body = `  /** Short. Default: \`5\`. */
  readonly first?: number;
  /**
   * On several
   * lines. Default:
   * those of the runtime.
   */
  readonly second?: (a: { readonly b: string }) => void;
  /** No default */
  readonly third: string;
`;
    expect(propertyDocs(source(body), "Config")).toEqual([
      { name: "first", meaning: "Short", default: "`5`" },
      { name: "second", meaning: "On several lines", default: "those of the runtime" },
      { name: "third", meaning: "No default", default: null },
    ]);
  });

  it("have to be there", () => {
    expect(() => propertyDocs(source("  readonly first: number;\n"), "Config")).toThrow(
      "Config: no docstring of first",
    );
    expect(() => propertyDocs("", "Config")).toThrow("There is no interface Config");
  });
});
