/** OAUTHBEARER (RFC 7628): the client shows a token that somebody else has given to it. */

import { type ExchangeStep, notTold, refused, type SaslExchange, textOf, utf8 } from "./exchange.ts";

/** What a good token says. */
export interface BearerToken {
  /** Whom it belongs to. */
  readonly principal: string;
  /** When it expires, in milliseconds since the epoch; null for never. */
  readonly expiresAtMs: number | null;
}

/** Looks at a token; null for one that is no good. */
export type ValidateToken = (token: string) => BearerToken | null | Promise<BearerToken | null>;

const SEPARATOR = "\x01";
/** Perhaps an authorization id; no channel binding. */
const GS2_HEADER = /^n,(?:a=(?<authorizationId>(?:[^=,]|=2C|=3D)+))?,$/;
const PAIR = /^[A-Za-z]+=[\x21-\x7e \t\r\n]+$/;
const AUTH = /^(?<scheme>\w+) +(?<token>[-_~+/.a-zA-Z0-9]+=*)$/;
/** What a client says when it has heard that its token is no good. */
const HEARD = 1;

export class OAuthBearerExchange implements SaslExchange {
  readonly #validate: ValidateToken;
  /** What the client was told of its token. */
  #refusal: string | null = null;

  constructor(validate: ValidateToken) {
    this.#validate = validate;
  }

  async evaluate(token: Uint8Array): Promise<ExchangeStep> {
    if (this.#refusal !== null && token.byteLength === 1 && token[0] === HEARD) throw refused(this.#refusal);
    this.#refusal = null;
    const { authorizationId, value } = readFirst(textOf(token));
    const good = await this.#look(value);
    if (good === null) {
      this.#refusal = '{"status":"invalid_token"}';
      return { say: utf8(this.#refusal), done: null };
    }
    const { principal: name, expiresAtMs } = good;
    if (authorizationId !== "" && authorizationId !== name) {
      throw refused(
        `Authentication failed: Client requested an authorization id (${authorizationId}) that is different from the token's principal name (${name})`,
      );
    }
    return { say: new Uint8Array(0), done: { name, expiresAtMs } };
  }

  async #look(token: string): Promise<BearerToken | null> {
    try {
      return await this.#validate(token);
    } catch (error) {
      throw notTold(`Authentication could not be performed due to an internal error on the server: ${error}`);
    }
  }
}

function readFirst(text: string): { readonly authorizationId: string; readonly value: string } {
  const parts = text.split(SEPARATOR);
  const pairs = parts.slice(1, -2);
  const said = GS2_HEADER.exec(parts[0] as string)?.groups;
  const isWhole = parts.length > 2 && parts.slice(-2).every((part) => part === "");
  if (said === undefined || !isWhole || !pairs.every((pair) => PAIR.test(pair))) {
    throw notTold("Invalid OAUTHBEARER client first message");
  }
  const { authorizationId = "" } = said;
  const auth = pairs.find((pair) => pair.startsWith("auth="));
  if (auth === undefined) throw notTold("Invalid OAUTHBEARER client first message: 'auth' not specified");
  const { scheme, token } = AUTH.exec(auth.slice("auth=".length))?.groups ?? {};
  if (token === undefined) throw notTold("Invalid OAUTHBEARER client first message: invalid 'auth' format");
  if (scheme?.toLowerCase() !== "bearer") throw notTold("Invalid scheme in OAUTHBEARER client first message");
  return { authorizationId, value: token };
}
