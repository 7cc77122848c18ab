import type { Platform, TlsOptions } from "../../platform/platform.ts";
import { type Endpoint, parseEndpoint } from "../endpoint.ts";
import { ConfigError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import {
  MECHANISMS,
  type OAuthBearerToken,
  type SaslCredentials,
  type SaslMechanism,
  type SecurityProtocol,
} from "../sasl/credentials.ts";
import { type ResolvedSasl, resolveSasl } from "../sasl/sasl-options.ts";
import { given, resolve } from "./resolve.ts";
import {
  decimal,
  flag,
  instance,
  int,
  type Kind,
  oneOf,
  pem,
  type Resolved,
  type Settings,
  text,
} from "./setting.ts";

/** Settings of {@link Kafka}. Names and defaults are Kafka's, in camel case; durations are milliseconds. */
export interface KafkaConfig {
  /**
   * Brokers to start from, as `host:port`: a list, or a text with commas. One that answers is enough; it tells of
   * the others. Required.
   */
  readonly bootstrapServers: readonly string[] | string;
  /** Name of this client in the brokers' logs, metrics and quotas; in Kafka it is empty. Default: `"kafkawire"`. */
  readonly clientId?: string;
  /** Whether connections use TLS (`SSL`) and whether they authenticate by SASL. Default: `"PLAINTEXT"`. */
  readonly securityProtocol?: SecurityProtocol;
  /** How to authenticate by SASL; in Kafka it is GSSAPI, which is not there. Default: none, required with SASL. */
  readonly saslMechanism?: SaslMechanism;
  /** Name of the user for `PLAIN` and SCRAM, together with `saslPassword`. Default: none. */
  readonly saslUsername?: string;
  /** Password of that user. Default: none. */
  readonly saslPassword?: string;
  /**
   * Gives name and password for `PLAIN` and SCRAM, instead of `saslUsername` and `saslPassword`. It is called for
   * each new connection and each time a connection authenticates again, so they may change. Default: none.
   */
  readonly saslCredentials?: () => SaslCredentials | Promise<SaslCredentials>;
  /**
   * Gives a token for `OAUTHBEARER`. It is called for each new connection and each time a connection authenticates
   * again; keep the token until it is about to expire. Default: none.
   */
  readonly saslOauthbearerToken?: () => OAuthBearerToken | Promise<OAuthBearerToken>;
  /**
   * Where the client gets tokens for `OAUTHBEARER` itself, by the client credentials grant (KIP-768).
   * Default: none.
   */
  readonly saslOauthbearerTokenEndpointUrl?: string;
  /** The client's id there (KIP-1139). Default: none. */
  readonly saslOauthbearerClientCredentialsClientId?: string;
  /** The client's secret there. Default: none. */
  readonly saslOauthbearerClientCredentialsClientSecret?: string;
  /** What the token is to be good for, where that endpoint wants to know it. Default: none. */
  readonly saslOauthbearerScope?: string;
  /** What is sent to brokers beside such a token (KIP-342). Default: none. */
  readonly saslOauthbearerExtensions?: { readonly [name: string]: string };
  /** Whether id and secret are URL-encoded in the request for a token, as RFC 6749 says (KIP-1025). Default: `false`. */
  readonly saslOauthbearerHeaderUrlencode?: boolean;
  /** Part of its lifetime after which such a token is replaced, once it is wanted again. Default: `0.8`. */
  readonly saslLoginRefreshWindowFactor?: number;
  /** Largest part of its lifetime that chance adds to that. Default: `0.05`. */
  readonly saslLoginRefreshWindowJitter?: number;
  /** Least time in seconds before such a token is replaced. Default: `60`. */
  readonly saslLoginRefreshMinPeriodSeconds?: number;
  /** Least time in seconds that should be left of it then. Default: `300`. */
  readonly saslLoginRefreshBufferSeconds?: number;
  /** First wait before the endpoint is asked again when it failed. Default: `100`. */
  readonly saslLoginRetryBackoffMs?: number;
  /** Longest such wait. Default: `10000`. */
  readonly saslLoginRetryBackoffMaxMs?: number;
  /** PEM of the authorities to trust. Default: those of the runtime. */
  readonly sslTruststoreCertificates?: string;
  /** PEM of the client's certificate, where brokers ask for one, together with `sslKeystoreKey`. Default: none. */
  readonly sslKeystoreCertificateChain?: string;
  /** PEM of the key of that certificate. Default: none. */
  readonly sslKeystoreKey?: string;
  /** Password of that key. Default: none. */
  readonly sslKeyPassword?: string;
  /** `""` accepts a certificate for any host name. Default: `"https"`. */
  readonly sslEndpointIdentificationAlgorithm?: "https" | "";
  /** Longest wait for an answer to one request; its connection is then given up. Default: `30000`. */
  readonly requestTimeoutMs?: number;
  /** Longest wait of a call that makes several requests, where it has no other limit. Default: `60000`. */
  readonly defaultApiTimeoutMs?: number;
  /**
   * Longest time to resolve a name, and then for each of its addresses to connect. It doubles after each attempt
   * that failed (KIP-601). Default: `10000`.
   */
  readonly socketConnectionSetupTimeoutMs?: number;
  /** Longest such time. Default: `30000`. */
  readonly socketConnectionSetupTimeoutMaxMs?: number;
  /** A connection that was not used for so long is closed; brokers do the same after ten minutes. Default: `540000`. */
  readonly connectionsMaxIdleMs?: number;
  /** First wait before a broker is connected to again. Default: `50`. */
  readonly reconnectBackoffMs?: number;
  /** Longest such wait. Default: `1000`. */
  readonly reconnectBackoffMaxMs?: number;
  /**
   * First wait before a request is made again. It doubles each time, and moves by up to a fifth (KIP-580).
   * Default: `100`.
   */
  readonly retryBackoffMs?: number;
  /** Longest such wait. Default: `1000`. */
  readonly retryBackoffMaxMs?: number;
  /** Age at which a topic's metadata is asked for again. Default: `300000`. */
  readonly metadataMaxAgeMs?: number;
  /**
   * What to do when none of the known brokers can be asked, as when all of them have other addresses: go back to
   * `bootstrapServers` (KIP-899), or only ever ask those that are known. Default: `"rebootstrap"`.
   */
  readonly metadataRecoveryStrategy?: "rebootstrap" | "none";
  /** Whether asking for a topic may create it, where the brokers allow that. Default: `true`. */
  readonly allowAutoCreateTopics?: boolean;
  /** Requests on their way to one broker at once. Default: `5`. */
  readonly maxInFlightRequestsPerConnection?: number;
  /**
   * Takes warnings and errors, and more if it likes; `console` is one. Default: warnings and errors to the
   * console.
   */
  readonly logger?: Logger;
  /** Sockets, clock and zlib, for tests and for tunnels. Default: those of the runtime this is loaded in. */
  readonly platform?: Platform;
}

/** Settings that have no default, or one that only the runtime knows. */
type WithoutDefault =
  | "bootstrapServers"
  | "saslMechanism"
  | "saslUsername"
  | "saslPassword"
  | "saslCredentials"
  | "saslOauthbearerToken"
  | "saslOauthbearerTokenEndpointUrl"
  | "saslOauthbearerClientCredentialsClientId"
  | "saslOauthbearerClientCredentialsClientSecret"
  | "saslOauthbearerScope"
  | "saslOauthbearerExtensions"
  | "sslTruststoreCertificates"
  | "sslKeystoreCertificateChain"
  | "sslKeystoreKey"
  | "sslKeyPassword"
  | "logger"
  | "platform";

/** {@link KafkaConfig} as the client uses it. */
export interface ResolvedKafkaConfig
  extends Omit<
    Resolved<KafkaConfig, WithoutDefault>,
    "bootstrapServers" | "securityProtocol" | `sasl${string}` | `ssl${string}`
  > {
  readonly bootstrapServers: readonly Endpoint[];
  readonly tls: TlsOptions | null;
  readonly sasl: ResolvedSasl | null;
}

const servers: Kind = {
  problem: (value) =>
    (typeof value === "string" && value.trim() !== "") ||
    (Array.isArray(value) && value.length > 0 && value.every((server) => typeof server === "string"))
      ? null
      : 'must name at least one broker as "host:port"',
  parse: (written) => written,
};

/** Kerberos gets an answer of its own, since it is what Kafka takes when nothing is said. */
const mechanism: Kind = {
  problem: (value) => {
    if (value === "GSSAPI") {
      return `cannot be GSSAPI, since Kerberos needs native code, which this client has none of: use one of ${MECHANISMS.join(", ")}`;
    }
    return oneOf(...MECHANISMS).problem(value);
  },
  parse: (written) => written,
};

const callback: Kind = instance("a function", (value) => typeof value === "function");

const LOG_METHODS = ["debug", "info", "warn", "error"] as const;

export const KAFKA_SETTINGS: Settings<KafkaConfig, WithoutDefault> = {
  bootstrapServers: { kind: servers },
  clientId: { kind: text, default: "kafkawire" },
  securityProtocol: { kind: oneOf("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"), default: "PLAINTEXT" },
  saslMechanism: { kind: mechanism },
  saslUsername: { kind: text },
  saslPassword: { kind: text, secret: true },
  saslCredentials: { kind: callback, key: null, secret: true },
  saslOauthbearerToken: { kind: callback, key: null, secret: true },
  saslOauthbearerTokenEndpointUrl: { kind: text, secret: true },
  saslOauthbearerClientCredentialsClientId: { kind: text },
  saslOauthbearerClientCredentialsClientSecret: { kind: text, secret: true },
  saslOauthbearerScope: { kind: text },
  saslOauthbearerExtensions: {
    kind: instance("an object of texts", (value) => typeof value === "object" && value !== null),
    key: null,
    secret: true,
  },
  saslOauthbearerHeaderUrlencode: { kind: flag, default: false },
  saslLoginRefreshWindowFactor: { kind: decimal(0.5, 1), default: 0.8 },
  saslLoginRefreshWindowJitter: { kind: decimal(0, 0.25), default: 0.05 },
  saslLoginRefreshMinPeriodSeconds: { kind: int(0, 900), default: 60 },
  saslLoginRefreshBufferSeconds: { kind: int(0, 3600), default: 300 },
  saslLoginRetryBackoffMs: { kind: int(1), default: 100 },
  saslLoginRetryBackoffMaxMs: { kind: int(1), default: 10_000 },
  sslTruststoreCertificates: { kind: pem, secret: true },
  sslKeystoreCertificateChain: { kind: pem, secret: true },
  sslKeystoreKey: { kind: pem, secret: true },
  sslKeyPassword: { kind: text, secret: true },
  sslEndpointIdentificationAlgorithm: { kind: oneOf("https", ""), default: "https", secret: true },
  requestTimeoutMs: { kind: int(1), default: 30_000 },
  defaultApiTimeoutMs: { kind: int(1), default: 60_000 },
  socketConnectionSetupTimeoutMs: { kind: int(1), default: 10_000 },
  socketConnectionSetupTimeoutMaxMs: { kind: int(1), default: 30_000 },
  connectionsMaxIdleMs: { kind: int(1), default: 540_000 },
  reconnectBackoffMs: { kind: int(0), default: 50 },
  reconnectBackoffMaxMs: { kind: int(0), default: 1000 },
  retryBackoffMs: { kind: int(0), default: 100 },
  retryBackoffMaxMs: { kind: int(0), default: 1000 },
  metadataMaxAgeMs: { kind: int(0), default: 300_000 },
  metadataRecoveryStrategy: { kind: oneOf("rebootstrap", "none"), default: "rebootstrap" },
  allowAutoCreateTopics: { kind: flag, default: true },
  maxInFlightRequestsPerConnection: { kind: int(1), default: 5 },
  logger: {
    kind: instance(`an object with the methods ${LOG_METHODS.join(", ")}`, (value) =>
      LOG_METHODS.every((name) => typeof (value as Partial<Logger> | null)?.[name] === "function"),
    ),
    key: null,
  },
  platform: {
    kind: instance("an object", (value) => typeof value === "object" && value !== null),
    key: null,
  },
};

/** @throws ConfigError naming the first setting that is wrong. */
export function resolveKafkaConfig(config: KafkaConfig): ResolvedKafkaConfig {
  const resolved = resolve("Kafka", config, KAFKA_SETTINGS);
  const { bootstrapServers } = resolved;
  if (bootstrapServers === undefined) {
    throw new ConfigError('bootstrapServers is missing: name at least one broker as "host:port"');
  }
  const list = typeof bootstrapServers === "string" ? bootstrapServers.split(",") : bootstrapServers;
  const names = new Set(Object.keys(given(config)));
  const tls = resolveTls(names, resolved);
  const sasl = resolveSasl(names, resolved);
  // Passwords and keys are in these two only.
  const rest = Object.entries(resolved).filter(([name]) => !/^(sasl|ssl|securityProtocol)/.test(name));
  return {
    ...(Object.fromEntries(rest) as Omit<ResolvedKafkaConfig, "bootstrapServers" | "tls" | "sasl">),
    bootstrapServers: list.map(parseEndpoint),
    tls,
    sasl,
  };
}

function resolveTls(
  names: ReadonlySet<string>,
  resolved: Resolved<KafkaConfig, WithoutDefault>,
): TlsOptions | null {
  const { sslTruststoreCertificates: ca, sslKeystoreCertificateChain: cert, sslKeystoreKey: key } = resolved;
  const { securityProtocol } = resolved;
  if (securityProtocol !== "SSL" && securityProtocol !== "SASL_SSL") {
    const stray = [...names].find((name) => name.startsWith("ssl"));
    if (stray !== undefined) {
      const wanted = securityProtocol === "PLAINTEXT" ? "SSL" : "SASL_SSL";
      throw new ConfigError(
        `${stray} is given, but securityProtocol is not "${wanted}", so it would have no effect`,
      );
    }
    return null;
  }
  if ((cert === undefined) !== (key === undefined)) {
    throw new ConfigError(
      "sslKeystoreCertificateChain and sslKeystoreKey belong together: give both or neither",
    );
  }
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(resolved.sslKeyPassword === undefined ? {} : { passphrase: resolved.sslKeyPassword }),
    verifyHostname: resolved.sslEndpointIdentificationAlgorithm !== "",
  };
}
