/** PLAIN (RFC 4616): the client says its name and password. */

import { type ExchangeStep, refused, type SaslExchange, textOf } from "./exchange.ts";
import type { Users } from "./users.ts";

const PARTS = 3;
/** Kafka stops to look for parts there. */
const MOST_PARTS_COUNTED = 4;

export class PlainExchange implements SaslExchange {
  readonly #users: Users;

  constructor(users: Users) {
    this.#users = users;
  }

  evaluate(token: Uint8Array): ExchangeStep {
    const parts = textOf(token).split("\0");
    if (parts.length !== PARTS) {
      const got = Math.min(parts.length, MOST_PARTS_COUNTED);
      throw refused(`Invalid SASL/PLAIN response: expected ${PARTS} tokens, got ${got}`);
    }
    const [authorizationId, name, password] = parts as [string, string, string];
    if (name === "") throw refused("Authentication failed: username not specified");
    if (password === "") throw refused("Authentication failed: password not specified");
    if (!this.#users.hasPassword(name, password)) {
      throw refused("Authentication failed: Invalid username or password");
    }
    if (authorizationId !== "" && authorizationId !== name) {
      throw refused(
        "Authentication failed: Client requested an authorization id that is different from username",
      );
    }
    return { say: new Uint8Array(0), done: { name, expiresAtMs: null } };
  }
}
