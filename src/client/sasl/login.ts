/** From settings to exchanges: asks for credentials or a token anew for each, and checks what comes. */

import type { Clock } from "../../platform/platform.ts";
import type { Logger } from "../logger.ts";
import { orAborted } from "../retry.ts";
import { credentialsUnavailable } from "./authenticate.ts";
import {
  credentialsProblem,
  type OAuthBearerToken,
  type SaslCredentials,
  type SaslMechanism,
} from "./credentials.ts";
import type { SaslExchange } from "./exchange.ts";
import { oauthBearer, tokenProblem } from "./oauthbearer.ts";
import { plain } from "./plain.ts";
import type { SaslSource, TokenEndpoint } from "./sasl-options.ts";
import { newNonce, scram } from "./scram.ts";
import { TokenCache } from "./token-cache.ts";
import { fetchToken } from "./token-endpoint.ts";

/** Makes exchanges. */
export interface Login {
  readonly mechanism: SaslMechanism;
  /**
   * An exchange with the credentials of this moment.
   *
   * @param broker For whom, as errors name it.
   * @param timeoutMs Longest wait for credentials.
   * @throws AuthenticationError `SASL_CREDENTIALS_UNAVAILABLE` when there are none.
   */
  begin(broker: string, timeoutMs: number, signal: AbortSignal): Promise<SaslExchange>;
}

/** What a login needs beside its source. */
export interface LoginOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

export function loginFrom(source: SaslSource, options: LoginOptions): Login {
  const { mechanism } = source;
  const { name, begin } = exchangesOf(source, options);
  return {
    mechanism,
    begin: async (broker, timeoutMs, signal) => {
      try {
        return await begin(timeoutMs, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        throw credentialsUnavailable(broker, mechanism, name, error);
      }
    },
  };
}

interface Exchanges {
  /** The setting by which credentials come. */
  readonly name: string;
  readonly begin: (timeoutMs: number, signal: AbortSignal) => Promise<SaslExchange>;
}

function exchangesOf(source: SaslSource, options: LoginOptions): Exchanges {
  if ("endpoint" in source) return fromEndpoint(source.endpoint, options);
  if ("token" in source) {
    const name = "saslOauthbearerToken";
    const { token } = source;
    return {
      name,
      begin: async (timeoutMs, signal) => {
        const given = await inTime(name, token, options.clock, timeoutMs, signal);
        checkToken(given, options.clock);
        return oauthBearer(given);
      },
    };
  }
  const name = "saslCredentials";
  const { mechanism, credentials } = source;
  return {
    name,
    begin: async (timeoutMs, signal) => {
      const given = await inTime(name, credentials, options.clock, timeoutMs, signal);
      const problem = credentialsProblem(given, mechanism);
      if (problem !== null) throw new Error(`what it gave cannot be used: ${problem}`);
      return exchangeOf(mechanism, given);
    },
  };
}

function exchangeOf(
  mechanism: Exclude<SaslMechanism, "OAUTHBEARER">,
  credentials: SaslCredentials,
): SaslExchange {
  switch (mechanism) {
    case "PLAIN":
      return plain(credentials);
    case "SCRAM-SHA-256":
      return scram("SHA-256", credentials, newNonce());
    case "SCRAM-SHA-512":
      return scram("SHA-512", credentials, newNonce());
  }
}

function fromEndpoint(endpoint: TokenEndpoint, { clock, logger }: LoginOptions): Exchanges {
  const { extensions } = endpoint;
  const cache = new TokenCache(
    (timeoutMs, signal) => fetchToken(endpoint, { clock, timeoutMs, signal }),
    endpoint.refresh,
    { clock, logger },
  );
  return {
    name: "saslOauthbearerTokenEndpointUrl",
    begin: async (timeoutMs, signal) =>
      oauthBearer({ value: await cache.get(timeoutMs, signal), extensions }),
  };
}

function checkToken(token: OAuthBearerToken, clock: Clock): void {
  const problem = tokenProblem((token ?? {}) as OAuthBearerToken);
  if (problem !== null) throw new Error(`what it gave cannot be used: ${problem}`);
  const { lifetimeMs } = token;
  if (lifetimeMs === undefined || lifetimeMs > clock.wallMs()) return;
  throw new Error(
    `the token that it gave has expired at ${timeOf(lifetimeMs)}: return a fresh one each time it is called, with ` +
      "lifetimeMs in milliseconds since the epoch",
  );
}

function timeOf(epochMs: number): string {
  const date = new Date(epochMs);
  return Number.isNaN(date.getTime()) ? String(epochMs) : date.toISOString();
}

/** Calls what the user gave, which may throw, or never come back. */
async function inTime<T>(
  name: string,
  ask: () => T | Promise<T>,
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<T> {
  const patience = new AbortController();
  const timer = clock.setTimer(timeoutMs, () =>
    patience.abort(new Error(`${name} did not settle within ${timeoutMs} ms: give it a timeout of its own`)),
  );
  try {
    const asked = orAborted(Promise.resolve().then(ask), patience.signal);
    return await orAborted(asked, signal);
  } finally {
    timer.cancel();
  }
}
