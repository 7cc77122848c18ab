/**
 * Patterns of subscriptions. Kafka compiles them with RE2/J; here JavaScript's regular expressions do, after what only
 * one of the two knows is rewritten or refused.
 *
 * Differs from RE2/J: negated POSIX classes (`[[:^alpha:]]`), octal escapes and flags that are not at the start are
 * refused, and `\p{…}` takes the names of JavaScript. Names of topics are ASCII, so little else can tell.
 */

import { Refusal } from "../../error-code.ts";

const POSIX_CLASSES: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  ascii: "\\x00-\\x7F",
  blank: "\\t ",
  cntrl: "\\x00-\\x1F\\x7F",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-\\/:-@\\[-`{-~",
  space: "\\t\\n\\v\\f\\r ",
  upper: "A-Z",
  word: "0-9A-Za-z_",
  xdigit: "0-9A-Fa-f",
};

const REPETITION = /^(?:[*+?]|\{\d+(?:,\d*)?\})/;

/**
 * A function that tells whether a name matches as a whole.
 *
 * @throws Refusal INVALID_REGULAR_EXPRESSION where RE2/J would not take the pattern.
 */
export function compilePattern(pattern: string): (name: string) => boolean {
  let expression: RegExp;
  try {
    const opening = /^\(\?([ims]+)\)/.exec(pattern);
    const source = translated(pattern.slice(opening?.[0].length ?? 0));
    expression = new RegExp(`^(?:${source})$`, [...new Set(`u${opening?.[1] ?? ""}`)].join(""));
  } catch (error) {
    const reason = reasonOf(error instanceof Error ? error.message : String(error));
    throw new Refusal(
      "INVALID_REGULAR_EXPRESSION",
      `SubscribedTopicRegex \`${pattern}\` is not a valid regular expression: ${reason}.`,
    );
  }
  return (name) => expression.test(name);
}

/** What V8 says, in RE2/J's words. */
function reasonOf(message: string): string {
  if (message.includes("Unterminated group")) return "missing closing )";
  if (message.includes("Unterminated character class")) return "missing closing ]";
  if (message.includes("Unmatched ')'")) return "unexpected )";
  if (message.includes("Nothing to repeat")) return "missing argument to repetition operator";
  if (message.includes("Range out of order")) return "invalid character class range";
  return message;
}

/** A part of the pattern, and how much of it that is. */
interface Piece {
  readonly text: string;
  readonly length: number;
}

function translated(pattern: string): string {
  let source = "";
  let isInClass = false;
  for (let at = 0; at < pattern.length; ) {
    const rest = pattern.slice(at);
    const piece: Piece = isInClass ? inClass(rest) : outside(rest);
    source += piece.text;
    at += piece.length;
    isInClass = isInClass ? piece.text !== "]" : rest.startsWith("[");
  }
  return source;
}

function outside(rest: string): Piece {
  const char = rest.charAt(0);
  if (char === "\\") return escaped(rest);
  if (char === "[") {
    const opening = rest.startsWith("[^") ? "[^" : "[";
    // A "]" that comes first is one of the class.
    return rest.charAt(opening.length) === "]"
      ? { text: `${opening}\\]`, length: opening.length + 1 }
      : { text: opening, length: opening.length };
  }
  if (/^\(\?<?[=!]/.test(rest)) throw new Error("invalid or unsupported Perl syntax");
  if (rest.startsWith("(?P<")) return { text: "(?<", length: 4 };
  const repetition = REPETITION.exec(rest)?.[0];
  if (repetition !== undefined) {
    const isLazy = rest.charAt(repetition.length) === "?";
    const text = isLazy ? `${repetition}?` : repetition;
    if (REPETITION.test(rest.slice(text.length))) throw new Error("invalid nested repetition operator");
    return { text, length: text.length };
  }
  return { text: /[{}\]]/.test(char) ? `\\${char}` : char, length: 1 };
}

function inClass(rest: string): Piece {
  const char = rest.charAt(0);
  if (char === "\\") return escaped(rest);
  const posix = /^\[:(\^?\w+):\]/.exec(rest);
  if (posix === null) return { text: char === "[" ? "\\[" : char, length: 1 };
  const text = POSIX_CLASSES[posix[1] as string];
  if (text === undefined) throw new Error("invalid character class range");
  return { text, length: posix[0].length };
}

function escaped(rest: string): Piece {
  const next = rest.charAt(1);
  if (next === "") throw new Error("trailing backslash at end of expression");
  if (next === "Q") {
    const end = rest.indexOf("\\E", 2);
    const quoted = rest.slice(2, end < 0 ? undefined : end);
    return { text: quoted.replace(/[^0-9A-Za-z_]/g, literal), length: end < 0 ? rest.length : end + 2 };
  }
  const byCode = /^\\x\{([0-9A-Fa-f]+)\}/.exec(rest);
  if (byCode !== null) return { text: `\\u{${byCode[1]}}`, length: byCode[0].length };
  const oneLetter = /^\\([pP])([A-Z])/.exec(rest);
  if (oneLetter !== null) return { text: `\\${oneLetter[1]}{${oneLetter[2]}}`, length: 3 };
  if (next === "A") return { text: "^", length: 2 };
  if (next === "z") return { text: "$", length: 2 };
  if (next === "a") return { text: "\\x07", length: 2 };
  if (/[bBdDfnpPrsStvwWx]/.test(next)) return { text: `\\${next}`, length: 2 };
  if (/[0-9A-Za-z]/.test(next)) throw new Error("invalid escape sequence");
  return { text: literal(next), length: 2 };
}

function literal(char: string): string {
  return `\\u{${(char.codePointAt(0) as number).toString(16)}}`;
}
