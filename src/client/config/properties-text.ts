import { ConfigError } from "../errors.ts";

/**
 * Keys and values of a text in Java's `.properties` format, in their order: comments, continued lines, escapes, and
 * `=`, `:` or white space between key and value.
 *
 * @throws ConfigError for a `\u` without four hex digits. Nothing of the line is shown: it may hold a password.
 */
export function parseProperties(text: string): [key: string, value: string][] {
  const entries: [string, string][] = [];
  const lines = text.split(/\r\n|[\r\n]/).map((line) => line.replace(/^[ \t\f]+/, ""));
  for (let i = 0; i < lines.length; i++) {
    const number = i + 1;
    let line = lines[i] as string;
    // A lone backslash joins nothing with the next line, which may be a comment.
    if (/^[#!]|^\\$/.test(line)) continue;
    // A line goes on in the next one when the backslash at its end is not itself escaped.
    while (/(?:^|[^\\])(?:\\\\)*\\$/.test(line)) line = line.slice(0, -1) + (lines[++i] ?? "");
    if (line === "") continue;
    const [, key = "", value = ""] = /^((?:\\.|[^\\=: \t\f])*)[ \t\f]*[=:]?[ \t\f]*(.*)$/s.exec(line) ?? [];
    entries.push([unescaped(key, number), unescaped(value, number)]);
  }
  return entries;
}

const CONTROL: { readonly [letter: string]: string } = { t: "\t", n: "\n", r: "\r", f: "\f" };

function unescaped(text: string, line: number): string {
  return text.replace(/\\(?:u([\da-fA-F]{4})|(.))/gs, (_, hex: string | undefined, char: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (char === "u") {
      throw new ConfigError(`Line ${line} of the properties has a \\u without four hex digits after it`);
    }
    return CONTROL[char] ?? char;
  });
}
