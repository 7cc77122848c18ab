/** The docstrings of an interface, read from its source: a comment, then a property on the line after it. */

/** What the docstring of one property says. */
export interface PropertyDoc {
  readonly name: string;
  /** The sentences in front of "Default:", as one paragraph. */
  readonly meaning: string;
  /** What follows "Default:", without the full stop; null where the docstring does not say. */
  readonly default: string | null;
}

/** The properties of an interface in the order of the source. One without a docstring is an error. */
export function propertyDocs(source: string, interfaceName: string): PropertyDoc[] {
  const body = new RegExp(`^export interface ${interfaceName}\\b.*?\\{\\n(.*?)^\\}`, "ms").exec(source)?.[1];
  if (body === undefined) throw new Error(`There is no interface ${interfaceName}`);
  const documented = [...body.matchAll(/^ {2}\/\*\*(.*?)\*\/\n {2}readonly (\w+)\??:/gms)];
  const all = [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name);
  const without = all.filter((name) => !documented.some(([, , each]) => each === name));
  if (without.length > 0) throw new Error(`${interfaceName}: no docstring of ${without.join(", ")}`);
  return documented.map(([, comment = "", name = ""]) => {
    const paragraph = comment
      .split("\n")
      .map((line) => line.replace(/^\s*\* ?/, "").trim())
      .filter((line) => line !== "")
      .join(" ")
      .trim();
    const [, meaning = paragraph, fallback] = /^(.*?) ?Default: (.*)\.$/.exec(paragraph) ?? [];
    return { name, meaning: meaning.replace(/\.$/, ""), default: fallback ?? null };
  });
}
