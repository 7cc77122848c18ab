import { shown } from "./exchange.ts";

const NAME = /^[A-Za-z]+$/;
const VALUE = /^[\x21-\x7e \t\r\n]+$/;

/** What is wrong with what is sent beside a token (KIP-342); null when it can be sent. */
export function extensionsProblem(extensions: { readonly [name: string]: string }): string | null {
  for (const [name, value] of Object.entries(extensions)) {
    if (!NAME.test(name)) return `the extension "${shown(name)}" has a name of other than letters`;
    if (name === "auth") return 'no extension may have the name "auth": it is that of the token';
    if (typeof value !== "string" || !VALUE.test(value)) {
      return `the extension "${name}" is empty or has characters other than printable ASCII`;
    }
  }
  return null;
}
