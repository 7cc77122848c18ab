/** `sasl.jaas.config`: one login module with its options, as Kafka's Java clients read it. */

import { ConfigError } from "../errors.ts";

/** What stands in front of the first `;`. */
export interface JaasEntry {
  /** Class of the login module. */
  readonly loginModule: string;
  readonly options: ReadonlyMap<string, string>;
}

interface Token {
  /** A word, or what stood in quotes; null for a character that stands for itself. */
  readonly text: string | null;
  readonly char: string;
}

const FORM = 'write: <login module> required <option>="<value>" ... ;';

/**
 * What Java's tokenizer makes of Kafka's settings of it: white space, comments (any slash outside of quotes starts
 * one), quotes, which end with their line at the latest, words, and single characters. Numbers are no words.
 */
const TOKEN =
  /[\0- ]+|\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\r\n]*|\/[\s\S]?[^\r\n]*|(["'])((?:\\[\s\S]|(?!\1)[^\\\r\n])*)\1?|([\w$\xa0-\uffff](?<!\d)[\w$\xa0-\uffff.-]*)|-?(?=[\d.])\d*\.?\d*|[\s\S]/g;

/** @throws ConfigError saying what is wrong; nothing of the text is shown, since passwords stand in it. */
export function parseJaasConfig(config: string): JaasEntry {
  const tokens = tokenize(config);
  let next = 0;
  const wrong = (problem: string): ConfigError => new ConfigError(`sasl.jaas.config ${problem}: ${FORM}`);
  const loginModule = tokens[next++]?.text;
  if (!loginModule) throw wrong("has no login module");
  if (!/^(required|requisite|sufficient|optional)$/i.test(tokens[next++]?.text ?? "")) {
    throw wrong("has no control flag, such as required, behind the login module");
  }
  const options = new Map<string, string>();
  for (let token = tokens[next++]; token?.char !== ";"; token = tokens[next++]) {
    if (token === undefined) throw wrong("does not end with a semicolon");
    const [equals, value] = [tokens[next++], tokens[next++]];
    if (token.text === null || equals?.char !== "=" || value?.text == null) {
      throw wrong("has an option without a value");
    }
    options.set(token.text, value.text);
  }
  if (next < tokens.length) throw wrong("has more than one login module");
  return { loginModule, options };
}

function tokenize(config: string): Token[] {
  const tokens: Token[] = [];
  for (const [all, quote, quoted = "", word] of config.matchAll(TOKEN)) {
    if (quote !== undefined) tokens.push({ text: unescaped(quoted), char: quote });
    else if (word !== undefined) tokens.push({ text: word, char: "" });
    else if (!/^[\0- /]/.test(all)) tokens.push({ text: null, char: all });
  }
  return tokens;
}

const CONTROL: { readonly [letter: string]: string } = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

function unescaped(quoted: string): string {
  return quoted.replace(/\\([0-3][0-7]{0,2}|[4-7][0-7]?|[\s\S])/g, (_, escaped: string) =>
    /^[0-7]/.test(escaped) ? String.fromCharCode(Number.parseInt(escaped, 8)) : (CONTROL[escaped] ?? escaped),
  );
}
