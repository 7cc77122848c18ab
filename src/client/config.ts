/** The settings of the client: their types, their defaults, and the check that they can be right. */

import type { Platform, TlsOptions } from "../platform/platform.ts";
import type { CompressionType } from "../protocol/records/compression-type.ts";
import { type Endpoint, parseEndpoint } from "./endpoint.ts";
import { ConfigError } from "./errors.ts";
import type { Logger } from "./logger.ts";

/** Settings of {@link Kafka}. Names and defaults are Kafka's, in camel case; durations are milliseconds. */
export interface KafkaConfig {
  /** Brokers to start from, as `host:port`. One that answers is enough; it tells of the others. */
  readonly bootstrapServers: readonly string[] | string;
  /** Name of this client in the brokers' logs, metrics and quotas. Default: `kafkawire`. */
  readonly clientId?: string;
  /** Default: `PLAINTEXT`. */
  readonly securityProtocol?: "PLAINTEXT" | "SSL";
  /** PEM of the authorities to trust. Default: those of the runtime. */
  readonly sslTruststoreCertificates?: string;
  /** PEM of the client's certificate, where brokers ask for one. */
  readonly sslKeystoreCertificateChain?: string;
  /** PEM of the key of that certificate. */
  readonly sslKeystoreKey?: string;
  /** Password of that key. */
  readonly sslKeyPassword?: string;
  /** `""` accepts a certificate for any host name. Default: `https`. */
  readonly sslEndpointIdentificationAlgorithm?: "https" | "";
  /** Longest wait for an answer to one request. Default: 30,000. */
  readonly requestTimeoutMs?: number;
  /** Longest wait of a call that makes several requests, where it has no other limit. Default: 60,000. */
  readonly defaultApiTimeoutMs?: number;
  /** Longest time to connect to a broker. Default: 10,000. */
  readonly socketConnectionSetupTimeoutMs?: number;
  /** First wait before a broker is connected to again. Default: 50. */
  readonly reconnectBackoffMs?: number;
  /** Longest such wait. Default: 1,000. */
  readonly reconnectBackoffMaxMs?: number;
  /** First wait before a request is made again. Default: 100. */
  readonly retryBackoffMs?: number;
  /** Longest such wait. Default: 1,000. */
  readonly retryBackoffMaxMs?: number;
  /** Age at which metadata is asked for again. Default: 300,000. */
  readonly metadataMaxAgeMs?: number;
  /** Whether asking for a topic may create it, where brokers allow that. Default: true. */
  readonly allowAutoCreateTopics?: boolean;
  /** Requests on their way to one broker at once. Default: 5. */
  readonly maxInFlightRequestsPerConnection?: number;
  /** Takes warnings and errors, and more if it likes. Default: warnings and errors to the console. */
  readonly logger?: Logger;
  /** Sockets, clock and zlib of the runtime. Default: those of the runtime this is loaded in. */
  readonly platform?: Platform;
}

/** Settings of a producer. */
export interface ProducerConfig {
  /** Who must have a record before it counts as sent: nobody, the leader, or all in-sync replicas. Default: `all`. */
  readonly acks?: 0 | 1 | -1 | "all";
  /** Default: `none`. */
  readonly compressionType?: CompressionType;
  /** For `gzip`: 1 (fast) to 9 (small), or -1 for a middle. Default: -1. */
  readonly compressionGzipLevel?: number;
  /** For `zstd`: -131,072 (fast) to 22 (small). Default: 3. */
  readonly compressionZstdLevel?: number;
  /** How long a batch waits for more records. Default: 5. */
  readonly lingerMs?: number;
  /** Bytes at which a batch is full. Default: 16,384. */
  readonly batchSize?: number;
  /** Largest request in bytes, and so the largest record, before compression. Default: 1,048,576. */
  readonly maxRequestSize?: number;
  /** Longest wait for a topic's metadata in `send`. Default: 60,000. */
  readonly maxBlockMs?: number;
  /** Longest time from `send` to its outcome, retries included. Default: 120,000. */
  readonly deliveryTimeoutMs?: number;
  /** How often a batch is sent again at most. Default: 2,147,483,647, so that `deliveryTimeoutMs` decides. */
  readonly retries?: number;
}

/** Settings of a consumer. */
export interface ConsumerConfig {
  /** Where to start in a partition for which nothing else is said. Default: `latest`. */
  readonly autoOffsetReset?: "earliest" | "latest" | "none";
  /** Bytes that a broker waits for before it answers a fetch. Default: 1. */
  readonly fetchMinBytes?: number;
  /** Most bytes of one answer, but for a first batch that is larger. Default: 52,428,800. */
  readonly fetchMaxBytes?: number;
  /** Longest wait of a broker for `fetchMinBytes`. Default: 500. */
  readonly fetchMaxWaitMs?: number;
  /** Most bytes of one partition in one answer, but for a first batch that is larger. Default: 1,048,576. */
  readonly maxPartitionFetchBytes?: number;
  /** Whether the checksum of each batch is verified. Default: true. */
  readonly checkCrcs?: boolean;
}

type Check = (value: unknown) => string | null;

function number(lowest: number, highest: number = 0x7fff_ffff): Check {
  return (value) =>
    Number.isInteger(value) && (value as number) >= lowest && (value as number) <= highest
      ? null
      : `must be a whole number from ${lowest} to ${highest}`;
}

function oneOf(...choices: readonly unknown[]): Check {
  return (value) =>
    choices.includes(value) ? null : `must be one of ${choices.map((c) => JSON.stringify(c)).join(", ")}`;
}

const text: Check = (value) => (typeof value === "string" ? null : "must be a string");
const flag: Check = (value) => (typeof value === "boolean" ? null : "must be true or false");
const object: Check = (value) => (typeof value === "object" && value !== null ? null : "must be an object");
const pem: Check = (value) =>
  typeof value === "string" && value.includes("-----BEGIN ")
    ? null
    : "must be PEM text, which starts with -----BEGIN";

const LOG_METHODS = ["debug", "info", "warn", "error"] as const;

const KAFKA_CHECKS: { readonly [K in keyof Required<KafkaConfig>]: Check } = {
  bootstrapServers: (value) =>
    (typeof value === "string" && value.trim() !== "") ||
    (Array.isArray(value) && value.length > 0 && value.every((server) => typeof server === "string"))
      ? null
      : 'must name at least one broker as "host:port"',
  clientId: text,
  securityProtocol: oneOf("PLAINTEXT", "SSL"),
  sslTruststoreCertificates: pem,
  sslKeystoreCertificateChain: pem,
  sslKeystoreKey: pem,
  sslKeyPassword: text,
  sslEndpointIdentificationAlgorithm: oneOf("https", ""),
  requestTimeoutMs: number(1),
  defaultApiTimeoutMs: number(1),
  socketConnectionSetupTimeoutMs: number(1),
  reconnectBackoffMs: number(0),
  reconnectBackoffMaxMs: number(0),
  retryBackoffMs: number(0),
  retryBackoffMaxMs: number(0),
  metadataMaxAgeMs: number(0),
  allowAutoCreateTopics: flag,
  maxInFlightRequestsPerConnection: number(1),
  logger: (value) =>
    LOG_METHODS.every((name) => typeof (value as Partial<Logger> | null)?.[name] === "function")
      ? null
      : `must be an object with the methods ${LOG_METHODS.join(", ")}`,
  platform: object,
};

const PRODUCER_CHECKS: { readonly [K in keyof Required<ProducerConfig>]: Check } = {
  acks: oneOf(0, 1, -1, "all"),
  compressionType: oneOf("none", "gzip", "snappy", "lz4", "zstd"),
  compressionGzipLevel: (value) =>
    value === -1 || number(1, 9)(value) === null ? null : "must be a whole number from 1 to 9, or -1",
  compressionZstdLevel: number(-131_072, 22),
  lingerMs: number(0),
  batchSize: number(0),
  maxRequestSize: number(0),
  maxBlockMs: number(0),
  deliveryTimeoutMs: number(0),
  retries: number(0),
};

const CONSUMER_CHECKS: { readonly [K in keyof Required<ConsumerConfig>]: Check } = {
  autoOffsetReset: oneOf("earliest", "latest", "none"),
  fetchMinBytes: number(0),
  fetchMaxBytes: number(0),
  fetchMaxWaitMs: number(0),
  maxPartitionFetchBytes: number(0),
  checkCrcs: flag,
};

/** Names of all settings, for the documents' test. */
export const KAFKA_SETTINGS: readonly string[] = Object.keys(KAFKA_CHECKS);
export const PRODUCER_SETTINGS: readonly string[] = Object.keys(PRODUCER_CHECKS);
export const CONSUMER_SETTINGS: readonly string[] = Object.keys(CONSUMER_CHECKS);

/** Settings with every default filled in. */
export type Resolved<Config, Optional extends keyof Config = never> = Required<Omit<Config, Optional>> &
  Pick<Config, Optional>;

/** {@link KafkaConfig} as the client uses it. */
export interface ResolvedKafkaConfig
  extends Resolved<
    Omit<KafkaConfig, "bootstrapServers" | "securityProtocol" | `ssl${string}`>,
    "logger" | "platform"
  > {
  readonly bootstrapServers: readonly Endpoint[];
  readonly tls: TlsOptions | null;
}

/** @throws ConfigError naming the first setting that is wrong. */
export function resolveKafkaConfig(config: KafkaConfig): ResolvedKafkaConfig {
  check("Kafka", config, KAFKA_CHECKS);
  if (config.bootstrapServers === undefined) {
    throw new ConfigError('bootstrapServers is missing: name at least one broker as "host:port"');
  }
  const servers =
    typeof config.bootstrapServers === "string"
      ? config.bootstrapServers.split(",")
      : config.bootstrapServers;
  return {
    clientId: "kafkawire",
    requestTimeoutMs: 30_000,
    defaultApiTimeoutMs: 60_000,
    socketConnectionSetupTimeoutMs: 10_000,
    reconnectBackoffMs: 50,
    reconnectBackoffMaxMs: 1000,
    retryBackoffMs: 100,
    retryBackoffMaxMs: 1000,
    metadataMaxAgeMs: 300_000,
    allowAutoCreateTopics: true,
    maxInFlightRequestsPerConnection: 5,
    ...given(config),
    bootstrapServers: servers.map(parseEndpoint),
    tls: resolveTls(config),
  };
}

/** @throws ConfigError naming the first setting that is wrong. */
export function resolveProducerConfig(
  config: ProducerConfig,
  requestTimeoutMs: number,
): Required<Omit<ProducerConfig, "acks">> & { readonly acks: 0 | 1 | -1 } {
  check("producer", config, PRODUCER_CHECKS);
  const resolved = {
    compressionType: "none" as const,
    compressionGzipLevel: -1,
    compressionZstdLevel: 3,
    lingerMs: 5,
    batchSize: 16_384,
    maxRequestSize: 1_048_576,
    maxBlockMs: 60_000,
    deliveryTimeoutMs: 120_000,
    retries: 0x7fff_ffff,
    ...given(config),
    acks: config.acks === undefined || config.acks === "all" ? (-1 as const) : config.acks,
  };
  if (resolved.deliveryTimeoutMs < resolved.lingerMs + requestTimeoutMs) {
    if (config.deliveryTimeoutMs !== undefined) {
      throw new ConfigError(
        `deliveryTimeoutMs (${resolved.deliveryTimeoutMs}) must be at least lingerMs + requestTimeoutMs ` +
          `(${resolved.lingerMs} + ${requestTimeoutMs}): lower requestTimeoutMs in new Kafka(...), or raise it`,
      );
    }
    // As in Kafka: the default gives way, what was said explicitly does not.
    return { ...resolved, deliveryTimeoutMs: resolved.lingerMs + requestTimeoutMs };
  }
  return resolved;
}

/** @throws ConfigError naming the first setting that is wrong. */
export function resolveConsumerConfig(config: ConsumerConfig): Required<ConsumerConfig> {
  check("consumer", config, CONSUMER_CHECKS);
  return {
    autoOffsetReset: "latest",
    fetchMinBytes: 1,
    fetchMaxBytes: 52_428_800,
    fetchMaxWaitMs: 500,
    maxPartitionFetchBytes: 1_048_576,
    checkCrcs: true,
    ...given(config),
  };
}

function resolveTls(config: KafkaConfig): TlsOptions | null {
  const { sslTruststoreCertificates: ca, sslKeystoreCertificateChain: cert, sslKeystoreKey: key } = config;
  if (config.securityProtocol !== "SSL") {
    const stray = Object.keys(given(config)).find((name) => name.startsWith("ssl"));
    if (stray !== undefined) {
      throw new ConfigError(
        `${stray} is given, but securityProtocol is not "SSL", so it would have no effect`,
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
    ...(config.sslKeyPassword === undefined ? {} : { passphrase: config.sslKeyPassword }),
    verifyHostname: config.sslEndpointIdentificationAlgorithm !== "",
  };
}

/** The settings that are there: undefined counts as absent. */
function given<T extends object>(config: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

function check(what: string, config: object, checks: { readonly [name: string]: Check }): void {
  if (typeof config !== "object" || config === null)
    throw new ConfigError(`The ${what} settings must be an object`);
  for (const [name, value] of Object.entries(config)) {
    const checkValue = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (checkValue === undefined) {
      const nearest = nearestName(name, Object.keys(checks));
      const hint = nearest === null ? "" : `: did you mean ${nearest}?`;
      throw new ConfigError(`${name} is not a setting of ${what === "Kafka" ? "Kafka" : `a ${what}`}${hint}`);
    }
    if (value === undefined) continue;
    const problem = checkValue(value);
    if (problem !== null)
      throw new ConfigError(`${name} ${problem}${isSecret(name) ? "" : `, and is ${shown(value)}`}`);
  }
}

/** Keys and passwords stay out of error messages, wrong ones too. */
function isSecret(name: string): boolean {
  return name.startsWith("ssl");
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.slice(0, 60);
}

/** The name that takes the fewest changes to get to, if those are few. */
function nearestName(name: string, names: readonly string[]): string | null {
  const plain = (text: string): string => text.replace(/[^A-Za-z0-9]/g, "").toLowerCase();
  let nearest: string | null = null;
  let fewest = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of names) {
    const distance = editDistance(plain(name), plain(candidate));
    if (distance < fewest) [nearest, fewest] = [candidate, distance];
  }
  return nearest;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
