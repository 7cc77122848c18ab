import * as fc from "fast-check";
import { expect, it } from "vitest";
import { parseJaasConfig } from "../../src/client/config/jaas.ts";
import { parseProperties } from "../../src/client/config/properties-text.ts";
import { flag, int, type Kind, list, text } from "../../src/client/config/setting.ts";
import { seed } from "../support/seed.ts";
import { JAAS_TEXTS, PROPERTIES_TEXTS, VALUE_TEXTS } from "./config-texts.ts";
import { describeWithJava } from "./describe-java.ts";
import { readConfigsByKafka } from "./java.ts";

/** Rare characters and none of the others, so that short texts hit what matters. */
const random = (alphabet: readonly string[], count: number): string[] =>
  fc.sample(
    fc.array(fc.constantFrom(...alphabet), { maxLength: 14 }).map((parts) => parts.join("")),
    { seed, numRuns: count },
  );

const hex = (value: string): string => Buffer.from(value, "utf16le").swap16().toString("hex");

const byKey = ([a]: readonly [string, string], [b]: readonly [string, string]): number =>
  a < b ? -1 : a > b ? 1 : 0;

/** Java makes an empty key of a backslash that stands alone at the end; nobody can mean that. */
const EMPTY_KEY = /^=[^,]*,/;

const pairs = (entries: Iterable<readonly [string, string]>): string =>
  [...new Map(entries)]
    .sort(byKey)
    .map(([key, value]) => `${hex(key)}=${hex(value)},`)
    .join("")
    .replace(EMPTY_KEY, "");

/** What we make of a text, in the form in which the Java program says it. */
const readers: { readonly [kind: string]: (value: string) => string } = {
  properties: (value) => pairs(parseProperties(value)),
  jaas: (value) => {
    const { loginModule, options } = parseJaasConfig(value);
    return `${hex(loginModule)}\t${pairs(options)}`;
  },
  BOOLEAN: readValue(flag),
  INT: readValue(int(-(2 ** 31))),
  STRING: readValue(text),
  LIST: readValue(list),
};

function readValue(kind: Kind): (value: string) => string {
  return (value) => {
    const parsed = kind.parse?.(value.trim());
    const problem = kind.problem(parsed);
    if (problem !== null) throw new Error(problem);
    return hex(Array.isArray(parsed) ? `[${parsed.join(", ")}]` : String(parsed));
  };
}

function ours(kind: string, value: string): string {
  try {
    return readers[kind]?.(value) ?? "no reader";
  } catch {
    return "error";
  }
}

describeWithJava("texts of settings", () => {
  it.each([
    [
      "properties",
      [
        ...PROPERTIES_TEXTS,
        ...random(
          ["a", "b", "\\", "\\", "\n", "\r", " ", "\t", "\f", "=", ":", "#", "!", "\\u0041", "\\t"],
          4000,
        ),
      ],
    ],
    [
      "jaas",
      [
        ...JAAS_TEXTS,
        ...random(
          [
            "M",
            "a",
            " required ",
            "a=b",
            "x='",
            'x="',
            "=",
            ";",
            "'",
            '"',
            "\\",
            "/",
            "*",
            "\n",
            " ",
            "7",
            "\u0085",
          ],
          2000,
        ).flatMap((tail) => [tail, `M required ${tail};`]),
      ],
    ],
    ...Object.entries(VALUE_TEXTS),
  ] as const)("are read as Java reads them: %s", async (kind, texts) => {
    const answers = await readConfigsByKafka(kind, texts);
    const kafka = answers.map((answer) => answer.replace(EMPTY_KEY, ""));
    const differences = texts
      .map((value, i) => ({ value, kafka: kafka[i], ours: ours(kind, value) }))
      .filter((row) => row.kafka !== row.ours);
    expect(differences).toEqual([]);
    // Neither may refuse everything.
    expect(kafka.filter((answer) => answer !== "error").length).toBeGreaterThan(4);
  });
});
