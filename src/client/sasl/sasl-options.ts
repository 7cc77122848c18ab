/** The settings of SASL: their types, and the check that they fit together. */

import { ConfigError } from "../errors.ts";
import type { Backoff } from "../retry.ts";
import {
  credentialsProblem,
  MECHANISMS,
  type OAuthBearerToken,
  type SaslCredentials,
  type SaslMechanism,
  type SecurityProtocol,
} from "./credentials.ts";
import { extensionsProblem } from "./oauthbearer-extensions.ts";
import type { RefreshTimes } from "./token-cache.ts";

/** What is set of SASL. */
export interface SaslSettings {
  readonly securityProtocol: SecurityProtocol;
  readonly saslMechanism?: SaslMechanism;
  readonly saslUsername?: string;
  readonly saslPassword?: string;
  readonly saslCredentials?: () => SaslCredentials | Promise<SaslCredentials>;
  readonly saslOauthbearerToken?: () => OAuthBearerToken | Promise<OAuthBearerToken>;
  readonly saslOauthbearerTokenEndpointUrl?: string;
  readonly saslOauthbearerClientCredentialsClientId?: string;
  readonly saslOauthbearerClientCredentialsClientSecret?: string;
  readonly saslOauthbearerScope?: string;
  readonly saslOauthbearerExtensions?: { readonly [name: string]: string };
  readonly saslOauthbearerHeaderUrlencode: boolean;
  readonly saslLoginRefreshWindowFactor: number;
  readonly saslLoginRefreshWindowJitter: number;
  readonly saslLoginRefreshMinPeriodSeconds: number;
  readonly saslLoginRefreshBufferSeconds: number;
  readonly saslLoginRetryBackoffMs: number;
  readonly saslLoginRetryBackoffMaxMs: number;
}

/** An OAuth 2 token endpoint, and who asks there (KIP-768). */
export interface TokenEndpoint {
  readonly url: string;
  readonly clientId: string;
  /** A function, so that nothing which shows objects shows it. */
  readonly clientSecret: () => string;
  readonly scope?: string;
  readonly extensions: { readonly [name: string]: string };
  /** Whether id and secret are URL-encoded inside the Authorization header, as RFC 6749 says (KIP-1025). */
  readonly urlencodeHeader: boolean;
  readonly refresh: RefreshTimes;
  readonly retryBackoff: Backoff;
}

/** Where an exchange gets what it proves. */
export type SaslSource =
  | {
      readonly mechanism: Exclude<SaslMechanism, "OAUTHBEARER">;
      readonly credentials: () => SaslCredentials | Promise<SaslCredentials>;
    }
  | {
      readonly mechanism: "OAUTHBEARER";
      readonly token: () => OAuthBearerToken | Promise<OAuthBearerToken>;
    }
  | { readonly mechanism: "OAUTHBEARER"; readonly endpoint: TokenEndpoint };

/** SASL as the client uses it. Secrets are behind functions, so that nothing which shows objects shows them. */
export interface ResolvedSasl {
  readonly source: SaslSource;
  /** What is allowed and hardly meant, in words. */
  readonly warnings: readonly string[];
}

/**
 * Settings of SASL that were given, checked against each other.
 *
 * @param given Those of the names in `settings` that the user gave.
 * @returns null without SASL.
 * @throws ConfigError saying what to change. It shows no value.
 */
export function resolveSasl(given: ReadonlySet<string>, settings: SaslSettings): ResolvedSasl | null {
  const { securityProtocol: protocol, saslMechanism: mechanism } = settings;
  if (protocol !== "SASL_SSL" && protocol !== "SASL_PLAINTEXT") {
    const stray = [...given].find((name) => name.startsWith("sasl"));
    if (stray === undefined) return null;
    throw new ConfigError(
      `${stray} is given, but securityProtocol is "${protocol}", so it would have no effect: ` +
        `set securityProtocol to "${protocol === "SSL" ? "SASL_SSL" : 'SASL_SSL" or "SASL_PLAINTEXT'}"`,
    );
  }
  if (mechanism === undefined) {
    throw new ConfigError(
      `saslMechanism is missing: securityProtocol "${protocol}" needs one of ${MECHANISMS.join(", ")}. ` +
        "Kafka's own default, GSSAPI (Kerberos), is not there",
    );
  }
  const source =
    mechanism === "OAUTHBEARER" ? tokenSource(given, settings) : passwordSource(given, settings, mechanism);
  return { source, warnings: warningsOf(protocol, source) };
}

const TOKEN_ENDPOINT = "saslOauthbearerTokenEndpointUrl";
const CLIENT_ID = "saslOauthbearerClientCredentialsClientId";
const CLIENT_SECRET = "saslOauthbearerClientCredentialsClientSecret";

/** What has an effect only where the client asks a token endpoint itself. */
const OF_TOKEN_ENDPOINT = [
  CLIENT_ID,
  CLIENT_SECRET,
  "saslOauthbearerScope",
  "saslOauthbearerExtensions",
  "saslOauthbearerHeaderUrlencode",
  "saslLoginRefreshWindowFactor",
  "saslLoginRefreshWindowJitter",
  "saslLoginRefreshMinPeriodSeconds",
  "saslLoginRefreshBufferSeconds",
  "saslLoginRetryBackoffMs",
  "saslLoginRetryBackoffMaxMs",
];

function passwordSource(
  given: ReadonlySet<string>,
  settings: SaslSettings,
  mechanism: Exclude<SaslMechanism, "OAUTHBEARER">,
): SaslSource {
  const { saslUsername: username, saslPassword: password, saslCredentials: credentials } = settings;
  const stray = [...given].find((name) => /^sasl(Oauthbearer|Login)/.test(name));
  if (stray !== undefined) {
    throw new ConfigError(
      `${stray} is for OAUTHBEARER, and saslMechanism is "${mechanism}": leave one of them out`,
    );
  }
  if (credentials !== undefined) {
    if (username !== undefined || password !== undefined) {
      throw new ConfigError(
        "saslCredentials and saslUsername or saslPassword are given, and only one can count: leave the other out",
      );
    }
    return { mechanism, credentials };
  }
  if (username === undefined && password === undefined) {
    throw new ConfigError(
      `saslMechanism "${mechanism}" needs credentials: give saslUsername and saslPassword, or saslCredentials`,
    );
  }
  if (username === undefined || password === undefined) {
    throw new ConfigError("saslUsername and saslPassword belong together: give both");
  }
  const problem = credentialsProblem({ username, password }, mechanism);
  if (problem !== null) throw new ConfigError(`saslUsername and saslPassword cannot be used: ${problem}`);
  return { mechanism, credentials: () => ({ username, password }) };
}

function tokenSource(given: ReadonlySet<string>, settings: SaslSettings): SaslSource {
  const stray = ["saslUsername", "saslPassword", "saslCredentials"].find((name) => given.has(name));
  if (stray !== undefined) {
    throw new ConfigError(`${stray} is not for OAUTHBEARER, which takes tokens: leave it out`);
  }
  const { saslOauthbearerToken: token, saslOauthbearerTokenEndpointUrl: url } = settings;
  if (token !== undefined) {
    const other = [TOKEN_ENDPOINT, ...OF_TOKEN_ENDPOINT].find((name) => given.has(name));
    if (other === undefined) return { mechanism: "OAUTHBEARER", token };
    const instead =
      other === "saslOauthbearerExtensions" ? "return them with the token" : "leave one of them out";
    throw new ConfigError(
      `${other} is given and saslOauthbearerToken too, which gives all there is to say: ${instead}`,
    );
  }
  if (url === undefined) {
    throw new ConfigError(
      `saslMechanism "OAUTHBEARER" needs tokens: give saslOauthbearerToken, a function that returns one, or ` +
        `${TOKEN_ENDPOINT} with ${CLIENT_ID} and ${CLIENT_SECRET}`,
    );
  }
  return { mechanism: "OAUTHBEARER", endpoint: endpointOf(url, settings) };
}

function endpointOf(url: string, settings: SaslSettings): TokenEndpoint {
  const clientId = settings.saslOauthbearerClientCredentialsClientId;
  const secret = settings.saslOauthbearerClientCredentialsClientSecret;
  if (!clientId || !secret) {
    throw new ConfigError(`${TOKEN_ENDPOINT} needs ${CLIENT_ID} and ${CLIENT_SECRET}: give both`);
  }
  if (!/^https?:\/\/[^@]+$/.test(url) || !URL.canParse(url)) {
    throw new ConfigError(
      `${TOKEN_ENDPOINT} must be an http or https URL without credentials in it; ` +
        "for a token in a file give saslOauthbearerToken, a function that reads it",
    );
  }
  const extensions = settings.saslOauthbearerExtensions ?? {};
  const problem = extensionsProblem(extensions);
  if (problem !== null) throw new ConfigError(`saslOauthbearerExtensions cannot be sent: ${problem}`);
  const { saslOauthbearerScope: scope } = settings;
  return {
    url,
    clientId,
    clientSecret: () => secret,
    ...(scope === undefined ? {} : { scope }),
    extensions: { ...extensions },
    urlencodeHeader: settings.saslOauthbearerHeaderUrlencode,
    refresh: {
      windowFactor: settings.saslLoginRefreshWindowFactor,
      windowJitter: settings.saslLoginRefreshWindowJitter,
      minPeriodMs: settings.saslLoginRefreshMinPeriodSeconds * 1000,
      bufferMs: settings.saslLoginRefreshBufferSeconds * 1000,
    },
    retryBackoff: {
      initialMs: settings.saslLoginRetryBackoffMs,
      maxMs: settings.saslLoginRetryBackoffMaxMs,
    },
  };
}

function warningsOf(protocol: SecurityProtocol, source: SaslSource): string[] {
  const warnings: string[] = [];
  if (protocol === "SASL_PLAINTEXT" && source.mechanism === "PLAIN") {
    warnings.push(
      "The password is sent as it is over connections without TLS: use SASL_SSL, or SCRAM, which does not send it",
    );
  }
  if (protocol === "SASL_PLAINTEXT" && source.mechanism === "OAUTHBEARER") {
    warnings.push("Tokens are sent as they are over connections without TLS: use SASL_SSL");
  }
  if ("endpoint" in source && source.endpoint.url.startsWith("http:")) {
    warnings.push(`The client secret is sent as it is to ${TOKEN_ENDPOINT}: use https`);
  }
  return warnings;
}
