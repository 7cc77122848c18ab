import type { SaslCredentials } from "./credentials.ts";
import { ExchangeError, type SaslExchange, utf8 } from "./exchange.ts";

/**
 * PLAIN (RFC 4616): name and password as they are, in one message.
 *
 * Names and passwords go out as UTF-8 without SASLprep, as Kafka's own client sends them and its broker compares
 * them.
 */
export async function* plain(credentials: SaslCredentials): SaslExchange {
  const { username, password, authorizationId = "" } = credentials;
  if ([username, password, authorizationId].some((part) => part.includes("\0"))) {
    throw new ExchangeError(
      "the username or the password has a NUL character in it, which PLAIN puts between them",
      "use SCRAM, or other credentials",
    );
  }
  yield utf8(`${authorizationId}\0${username}\0${password}`);
}
