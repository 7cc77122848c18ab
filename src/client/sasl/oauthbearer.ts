/** OAUTHBEARER (RFC 7628, KIP-255): a token that somebody else gave the client, and extensions beside it (KIP-342). */

import type { OAuthBearerToken } from "./credentials.ts";
import { ExchangeError, type SaslExchange, shown, utf8 } from "./exchange.ts";
import { extensionsProblem } from "./oauthbearer-extensions.ts";

/** What RFC 6750 calls a b64token, and Kafka's broker accepts. */
const TOKEN = /^[-._~+/A-Za-z0-9]+=*$/;

const SEPARATOR = "\u0001";

/** One exchange. */
export async function* oauthBearer(token: OAuthBearerToken): SaslExchange {
  const { value, extensions = {} } = token;
  const problem = tokenProblem(token);
  if (problem !== null) throw new ExchangeError(problem, "look at where the token comes from");
  const pairs = [["auth", `Bearer ${value}`], ...Object.entries(extensions)];
  const message = pairs.map(([name, text]) => `${name}=${text}${SEPARATOR}`).join("");

  const challenge = yield utf8(`n,,${SEPARATOR}${message}${SEPARATOR}`);
  if (challenge.byteLength === 0) return;

  // A server that refuses says why, and gives its verdict only once the client has said that it heard.
  const reason = shown(new TextDecoder().decode(challenge)).replaceAll(value, "[the token]");
  try {
    yield Uint8Array.of(1);
  } catch (refusal) {
    // Kafka's broker says it twice.
    if (!(refusal instanceof ExchangeError) || refusal.message.includes(reason)) throw refusal;
    throw new ExchangeError(`${refusal.message}; before that it said ${reason}`, refusal.remedy);
  }
  throw new ExchangeError(`the broker refused the token: ${reason}`, "look at the token's claims");
}

/** What is wrong with a token, without showing it; null when it can be sent. */
export function tokenProblem({ value, extensions = {} }: OAuthBearerToken): string | null {
  if (typeof value !== "string" || !TOKEN.test(value)) {
    return "the token is empty or has characters that no bearer token may have";
  }
  return extensionsProblem(extensions);
}
