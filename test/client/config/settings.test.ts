import { describe, expect, it } from "vitest";
import { CONSUMER_SETTINGS, resolveConsumerConfig } from "../../../src/client/config/consumer-config.ts";
import { KAFKA_SETTINGS, resolveKafkaConfig } from "../../../src/client/config/kafka-config.ts";
import { PRODUCER_SETTINGS, resolveProducerConfig } from "../../../src/client/config/producer-config.ts";
import { ConfigError } from "../../../src/client/errors.ts";
import { int32, json } from "../../../src/mod.ts";
import { FakeLogger } from "../../support/fake-kafka.ts";

const servers = { bootstrapServers: "b:9092" };
const PEM = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----";

type Setting = readonly [name: string, good: readonly unknown[], bad: readonly unknown[]];

const whole = (lowest: number): readonly unknown[] => [
  lowest - 1,
  1.5,
  "5",
  Number.NaN,
  Infinity,
  2 ** 31,
  null,
  5n,
];
const text = [5, null, {}, ["a"]];
const flag = ["true", 1, null];

const tables = { Kafka: KAFKA_SETTINGS, producer: PRODUCER_SETTINGS, consumer: CONSUMER_SETTINGS };

const KAFKA: readonly Setting[] = [
  [
    "bootstrapServers",
    ["a:1", "a:1,b:2", ["a:1", "b:2"]],
    ["", " ", [], {}, 5, null, "a", ["a:1", 5], "a:1,,b:2"],
  ],
  ["clientId", ["x", ""], text],
  ["securityProtocol", ["PLAINTEXT", "SSL"], ["plaintext", "TLS", "", null]],
  ["requestTimeoutMs", [1, 2 ** 31 - 1], whole(1)],
  ["defaultApiTimeoutMs", [1], whole(1)],
  ["socketConnectionSetupTimeoutMs", [1], whole(1)],
  ["socketConnectionSetupTimeoutMaxMs", [1], whole(1)],
  ["connectionsMaxIdleMs", [1], whole(1)],
  ["reconnectBackoffMs", [0], whole(0)],
  ["reconnectBackoffMaxMs", [0], whole(0)],
  ["retryBackoffMs", [0], whole(0)],
  ["retryBackoffMaxMs", [0], whole(0)],
  ["metadataMaxAgeMs", [0], whole(0)],
  ["metadataRecoveryStrategy", ["rebootstrap", "none"], ["never", null]],
  ["allowAutoCreateTopics", [true, false], flag],
  ["maxInFlightRequestsPerConnection", [1], whole(1)],
  ["logger", [console, new FakeLogger()], ["console", null, 5, {}, { warn: () => {} }]],
  ["platform", [{}], ["node", null]],
];

const PRODUCER: readonly Setting[] = [
  [
    "keySerializer",
    [int32(), { serialize: () => "x" }, null],
    [int32, "int32", 5, {}, { deserialize: () => 5 }],
  ],
  ["valueSerializer", [json(), null], [json, "IntegerSerializer", {}]],
  ["acks", [0, 1, -1, "all"], [2, "1", null, true]],
  ["compressionType", ["none", "gzip", "snappy", "lz4", "zstd"], ["brotli", "GZIP", null]],
  ["compressionGzipLevel", [-1, 1, 9], [-2, 0, 10, 1.5, "5", null]],
  ["compressionZstdLevel", [1, 3, 22], [23, 1.5, "5", null]],
  ["lingerMs", [0, 5000], whole(0)],
  ["batchSize", [0], whole(0)],
  ["maxRequestSize", [0], whole(0)],
  ["bufferMemory", [0], whole(0)],
  ["enableIdempotence", [true, false], flag],
  ["transactionalId", ["x"], [...text, ""]],
  ["transactionTimeoutMs", [1], whole(1)],
  ["maxBlockMs", [0], whole(0)],
  ["deliveryTimeoutMs", [200_000], whole(0)],
  ["retries", [0], whole(0)],
  [
    "partitioner",
    ["default", "round_robin", "random", "consistent_random", "consistent", "murmur2_random", () => 0],
    ["RoundRobinPartitioner", "sticky", {}, null, 5],
  ],
  ["partitionerIgnoreKeys", [true, false], flag],
  ["partitionerAdaptivePartitioningEnable", [true, false], flag],
  ["partitionerAvailabilityTimeoutMs", [0, 5000], whole(0)],
];

const CONSUMER: readonly Setting[] = [
  [
    "keyDeserializer",
    [int32(), { deserialize: () => 5 }, null],
    [int32, "int32", 5, {}, { serialize: () => "" }],
  ],
  ["valueDeserializer", [json(), null], [json, "IntegerDeserializer", {}]],
  ["groupId", ["g", null], [...text.filter((each) => each !== null), ""]],
  ["topics", ["t", /t/, ["a", /b/], null], []],
  [
    "rebalanceListener",
    [{}, { onPartitionsLost: () => {} }, null],
    [() => {}, { onPartitionsLost: 5 }, "listener"],
  ],
  [
    "partitionAssignmentStrategy",
    [
      ["range"],
      ["sticky", "cooperative-sticky"],
      ["org.apache.kafka.clients.consumer.RoundRobinAssignor"],
      [() => ({})],
    ],
    ["range", [], ["uniform"], [{}], null],
  ],
  ["groupInstanceId", ["i", null], [...text.filter((each) => each !== null), ""]],
  ["groupProtocol", ["classic", "consumer"], ["CLASSIC", "share", null]],
  ["groupRemoteAssignor", [null], [5, "", "uniform"]],
  ["sessionTimeoutMs", [1], whole(1)],
  ["heartbeatIntervalMs", [1], whole(1)],
  ["maxPollIntervalMs", [1], whole(1)],
  ["maxPollRecords", [1], whole(1)],
  ["enableAutoCommit", [true, false], flag],
  ["autoCommitIntervalMs", [0], whole(0)],
  [
    "autoOffsetReset",
    ["earliest", "latest", "none", "by_duration:PT1H", "by_duration:P2DT3H4M5.5S", "by_duration:PT0S"],
    [
      "first",
      null,
      "by_duration",
      "by_duration:",
      "by_duration:P",
      "by_duration:P1DT",
      "by_duration:1h",
      "by_duration:PT-1H",
    ],
  ],
  ["isolationLevel", ["read_uncommitted", "read_committed"], ["READ_COMMITTED", 1, null]],
  ["clientRack", ["eu-1a", ""], text],
  ["fetchMinBytes", [0], whole(0)],
  ["fetchMaxBytes", [0], whole(0)],
  ["fetchMaxWaitMs", [0], whole(0)],
  ["maxPartitionFetchBytes", [0], whole(0)],
  ["checkCrcs", [true, false], flag],
];

const client = (requestTimeoutMs: number) => ({ requestTimeoutMs, maxInFlightRequestsPerConnection: 5 });

const resolvers = {
  Kafka: (config: object) => resolveKafkaConfig({ ...servers, ...config } as never),
  producer: (config: object) => resolveProducerConfig(config as never, client(30_000)),
  consumer: (config: object) => resolveConsumerConfig(config as never),
};

describe.each([
  ["Kafka", KAFKA],
  ["producer", PRODUCER],
  ["consumer", CONSUMER],
] as const)("the settings of %s", (what, settings) => {
  const resolve: (config: object) => object = resolvers[what];

  it.each(settings.map(([name]) => name))("%s is checked", (name) => {
    const [, good, bad] = settings.find(([candidate]) => candidate === name) as Setting;
    for (const value of good) expect(resolve({ [name]: value })).toBeDefined();
    for (const value of bad) {
      expect(() => resolve({ [name]: value }), `${name}: ${String(value)}`).toThrow(ConfigError);
      expect(() => resolve({ [name]: value })).toThrow(name);
    }
  });

  it("are each tested here", () => {
    // Those of TLS have tests of their own below, and those of SASL beside it: they are refused without it.
    const listed = Object.keys(tables[what]).filter((name) => !/^(ssl|sasl)/.test(name));
    expect(settings.map(([name]) => name)).toEqual(listed);
  });

  it("count as absent when they are undefined", () => {
    const nothing = Object.fromEntries(settings.map(([name]) => [name, undefined]));
    const required = what === "Kafka" ? servers : {};
    expect(resolve({ ...nothing, ...required })).toEqual(resolve({}));
  });

  it("have to be an object", () => {
    for (const config of [null, "x", 5]) {
      const act = (): unknown =>
        what === "Kafka"
          ? resolveKafkaConfig(config as never)
          : what === "producer"
            ? resolveProducerConfig(config as never, client(1))
            : resolveConsumerConfig(config as never);
      expect(act).toThrow(/^The settings of (a )?\w+ must be an object$/);
    }
  });

  it("are told when one does not exist", () => {
    expect(() => resolve({ somethingElse: 1 })).toThrow(/^somethingElse is not a setting of (a )?\w+$/);
    expect(() => resolve({ toString: 1, ["__proto__x"]: 1 })).toThrow(ConfigError);
  });
});

describe("an unknown setting", () => {
  it.each([
    ["Kafka", "bootstrapServer", "bootstrapServers"],
    ["Kafka", "bootstrap.servers", "bootstrapServers"],
    ["Kafka", "clientid", "clientId"],
    ["Kafka", "request_timeout_ms", "requestTimeoutMs"],
    ["producer", "linger", "lingerMs"],
    ["producer", "compression.type", "compressionType"],
    ["producer", "ack", "acks"],
    ["consumer", "autoOffsetRest", "autoOffsetReset"],
    ["consumer", "fetch.min.bytes", "fetchMinBytes"],
  ] as const)("of %s: %s suggests %s", (what, name, suggestion) => {
    expect(() => resolvers[what]({ [name]: "x" })).toThrow(`${name} is not a setting`);
    expect(() => resolvers[what]({ [name]: "x" })).toThrow(`did you mean ${suggestion}?`);
  });
});

describe("values in errors", () => {
  it("are shown, cut short", () => {
    expect(() => resolvers.producer({ acks: 7 })).toThrow('acks must be one of 0, 1, -1, "all", and is 7');
    expect(() => resolvers.producer({ lingerMs: 5n })).toThrow("and is 5");
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    for (const value of [circular, () => "x", Symbol("s"), "x".repeat(10_000)]) {
      expect(() => resolvers.producer({ acks: value })).toThrow(ConfigError);
      expect(() => resolvers.producer({ acks: value })).toThrow(/^.{0,200}$/s);
    }
  });

  it("are never shown where they are secret", () => {
    const secret = "hunter2";
    const ssl = { securityProtocol: "SSL" };
    for (const name of [
      "sslTruststoreCertificates",
      "sslKeystoreCertificateChain",
      "sslKeystoreKey",
      "sslEndpointIdentificationAlgorithm",
    ]) {
      const act = (): unknown => resolvers.Kafka({ ...ssl, [name]: secret });
      expect(act).toThrow(name);
      expect(act).not.toThrow(secret);
    }
    const act = (): unknown => resolvers.Kafka({ ...ssl, sslKeyPassword: { secret } });
    expect(act).toThrow("sslKeyPassword must be a string");
    expect(act).not.toThrow(secret);
    const misspelt = (): unknown => resolvers.Kafka({ ...ssl, sslKeyPasswort: secret });
    expect(misspelt).toThrow("did you mean sslKeyPassword?");
    expect(misspelt).not.toThrow(secret);
  });
});

describe("TLS", () => {
  it("is off by default, and then takes no settings of it", () => {
    expect(resolveKafkaConfig(servers).tls).toBeNull();
    expect(() => resolvers.Kafka({ sslTruststoreCertificates: PEM })).toThrow(
      'sslTruststoreCertificates is given, but securityProtocol is not "SSL"',
    );
    expect(resolvers.Kafka({ sslTruststoreCertificates: undefined })).toMatchObject({ tls: null });
  });

  it("takes its settings under the platform's names", () => {
    const config = {
      securityProtocol: "SSL",
      sslTruststoreCertificates: PEM,
      sslKeystoreCertificateChain: PEM,
      sslKeystoreKey: PEM,
      sslKeyPassword: "p",
      sslEndpointIdentificationAlgorithm: "",
    };
    expect(resolvers.Kafka(config)).toMatchObject({
      tls: { ca: PEM, cert: PEM, key: PEM, passphrase: "p", verifyHostname: false },
    });
    expect(resolvers.Kafka({ securityProtocol: "SSL" })).toMatchObject({ tls: { verifyHostname: true } });
  });

  it.each(["sslKeystoreCertificateChain", "sslKeystoreKey"])(
    "wants certificate and key together: %s alone",
    (name) => {
      expect(() => resolvers.Kafka({ securityProtocol: "SSL", [name]: PEM })).toThrow("belong together");
    },
  );
});

describe("what follows from several settings", () => {
  it("needs bootstrapServers", () => {
    expect(() => resolveKafkaConfig({} as never)).toThrow("bootstrapServers is missing");
    expect(resolveKafkaConfig({ bootstrapServers: "a:1, b:2" }).bootstrapServers).toEqual([
      { host: "a", port: 1 },
      { host: "b", port: 2 },
    ]);
  });

  it("has deliveryTimeoutMs cover the linger and one request", () => {
    const act = (): unknown =>
      resolveProducerConfig({ deliveryTimeoutMs: 30_004, lingerMs: 5 }, client(30_000));
    expect(act).toThrow("deliveryTimeoutMs (30004) must be at least lingerMs + requestTimeoutMs (5 + 30000)");
    expect(resolveProducerConfig({ deliveryTimeoutMs: 30_005 }, client(30_000)).deliveryTimeoutMs).toBe(
      30_005,
    );
    // As in Kafka, the default gives way.
    expect(resolveProducerConfig({}, client(200_000)).deliveryTimeoutMs).toBe(200_005);
    expect(resolveProducerConfig({}, client(30_000)).deliveryTimeoutMs).toBe(120_000);
  });

  it("has no delivery timeout where it is 0", () => {
    expect(resolveProducerConfig({ deliveryTimeoutMs: 0 }, client(30_000)).deliveryTimeoutMs).toBe(0);
  });

  it("gives up idempotence for what excludes it, unless that was asked for", () => {
    const isIdempotent = (config: object): boolean =>
      resolveProducerConfig(config, client(30_000)).enableIdempotence;
    expect(isIdempotent({})).toBe(true);
    expect([{ acks: 1 }, { acks: 0 }, { retries: 0 }].map((each) => isIdempotent(each as object))).toEqual([
      false,
      false,
      false,
    ]);
    expect(() => isIdempotent({ acks: 1, enableIdempotence: true })).toThrow(
      'enableIdempotence cannot be kept, since acks is 1: set acks: "all"',
    );
    expect(() => isIdempotent({ retries: 0, enableIdempotence: true })).toThrow("since retries is 0");
  });

  it("takes a transactional id only with idempotence, which it brings along", () => {
    const resolved = (config: object) =>
      resolveProducerConfig({ transactionalId: "x", ...config }, client(30_000));
    expect(resolved({})).toMatchObject({ enableIdempotence: true, transactionTimeoutMs: 60_000 });
    expect(() => resolved({ enableIdempotence: false })).toThrow("transactionalId needs enableIdempotence");
    expect(() => resolved({ acks: 1 })).toThrow(
      'transactionalId cannot be kept, since acks is 1: set acks: "all", or leave transactionalId out',
    );
    expect(() => resolved({ retries: 0 })).toThrow("transactionalId cannot be kept, since retries is 0");
    const six = { requestTimeoutMs: 30_000, maxInFlightRequestsPerConnection: 6 };
    expect(() => resolveProducerConfig({ transactionalId: "x" }, six)).toThrow(
      "or leave transactionalId out",
    );
  });

  it("allows an idempotent producer at most 5 requests in flight", () => {
    const six = { requestTimeoutMs: 30_000, maxInFlightRequestsPerConnection: 6 };
    expect(() => resolveProducerConfig({}, six)).toThrow(
      "allows at most 5 maxInFlightRequestsPerConnection, and it is 6: lower it in new Kafka(...), or set " +
        "enableIdempotence: false",
    );
    expect(resolveProducerConfig({ enableIdempotence: false }, six).enableIdempotence).toBe(false);
  });

  it("has one number for acks", () => {
    const acks = [undefined, "all", -1, 1, 0].map((value) => resolvers.producer({ acks: value }).acks);
    expect(acks).toEqual([-1, -1, -1, 1, 0]);
  });
});
