/** What a client proves to brokers by SASL, as the user gives it. */

/** How a client talks to brokers: with TLS or without, and with SASL or without. */
export type SecurityProtocol = "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";

/** The SASL mechanisms that there are. */
export type SaslMechanism = "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512" | "OAUTHBEARER";

/** Who a client is, for `PLAIN` and SCRAM. */
export interface SaslCredentials {
  /** Name of the user, or id of a delegation token. */
  readonly username: string;
  /** Password of that user, or HMAC of that token in base64. */
  readonly password: string;
  /** Whom to act as. Kafka takes none but the user itself. Default: the user. */
  readonly authorizationId?: string;
  /** True for a delegation token (KIP-48), which takes SCRAM. Default: false. */
  readonly tokenAuth?: boolean;
}

/** Who a client is, for `OAUTHBEARER`. */
export interface OAuthBearerToken {
  /** The token as it is sent, mostly a JWT. */
  readonly value: string;
  /** Sent beside the token, for brokers that want to know more (KIP-342). Names are letters. Default: none. */
  readonly extensions?: { readonly [name: string]: string };
  /** When the token expires, in milliseconds since the epoch: an expired one is not sent. Default: unknown. */
  readonly lifetimeMs?: number;
}

/** Every mechanism. */
export const MECHANISMS: readonly SaslMechanism[] = [
  "PLAIN",
  "SCRAM-SHA-256",
  "SCRAM-SHA-512",
  "OAUTHBEARER",
];

/** What is wrong with credentials, without showing them; null when they can be tried. */
export function credentialsProblem(credentials: SaslCredentials, mechanism: SaslMechanism): string | null {
  const { username, password, authorizationId, tokenAuth } = (credentials ?? {}) as Partial<SaslCredentials>;
  if (typeof username !== "string" || username === "") return "username must be a text that is not empty";
  if (typeof password !== "string" || password === "") return "password must be a text that is not empty";
  if (authorizationId !== undefined && typeof authorizationId !== "string") {
    return "authorizationId must be a text";
  }
  if (mechanism !== "PLAIN") return null;
  if (tokenAuth === true) return "delegation tokens (tokenAuth) need SCRAM";
  const hasNul = [username, password, authorizationId ?? ""].some((part) => part.includes("\0"));
  return hasNul ? "a NUL character cannot be sent with PLAIN" : null;
}
