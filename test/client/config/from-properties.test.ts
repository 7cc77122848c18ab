import { describe, expect, it } from "vitest";
import { CONSUMER_SETTINGS } from "../../../src/client/config/consumer-config.ts";
import { configsFromProperties } from "../../../src/client/config/from-properties.ts";
import { KAFKA_SETTINGS } from "../../../src/client/config/kafka-config.ts";
import { LIBRDKAFKA, MISSING, ONLY, WITHOUT_EFFECT } from "../../../src/client/config/kafka-keys.ts";
import type { ProducerConfig } from "../../../src/client/config/producer-config.ts";
import { PRODUCER_SETTINGS } from "../../../src/client/config/producer-config.ts";
import { dottedKey, type Setting } from "../../../src/client/config/setting.ts";
import { ConfigError, Kafka } from "../../../src/mod.ts";
import { FakeCluster } from "../../support/fake-cluster.ts";
import { FakeLogger } from "../../support/fake-kafka.ts";

const servers = { "bootstrap.servers": "b:9092" };

const kafkaOf = (properties: Record<string, unknown>) => configsFromProperties(properties).kafka;

describe("Kafka.fromProperties", () => {
  it("makes a client whose producers and consumers start from the properties", async () => {
    const cluster = new FakeCluster();
    cluster.createTopic("orders", 1);
    const { platform } = cluster;
    const properties = `
# as for any Java client
bootstrap.servers = ${cluster.bootstrapServers.join(", ")}
client.id         : billing
acks                all
linger.ms=0
max.request.size=200
auto.offset.reset=earliest
`;
    const kafka = Kafka.fromProperties(properties, { platform, logger: new FakeLogger() });
    const value = "x".repeat(150);
    const record = { topic: "orders", partition: 0, value };
    const tooLarge = platform.run(kafka.producer().send(record));
    await expect(tooLarge).rejects.toMatchObject({ code: "MESSAGE_TOO_LARGE" });
    // What is said here counts for more, and undefined says nothing.
    await platform.run(kafka.producer({ maxRequestSize: 2000, lingerMs: undefined as never }).send(record));
    const consumer = kafka.consumer();
    consumer.assign([{ topic: "orders", partition: 0 }]);
    const { value: read } = await platform.run(consumer.records().next());
    expect(new TextDecoder().decode(read?.value ?? undefined)).toBe(value);
    const strict = kafka.consumer({ autoOffsetReset: "none" });
    expect(() => strict.assign([{ topic: "orders", partition: 0 }])).toThrow("say where to start");
    await platform.run(kafka.close());
  });

  it("gives way to the settings beside it", async () => {
    const logger = new FakeLogger();
    const wrong = { ...servers, "client.id": "a", "request.timeout.ms": "5" };
    await using kafka = Kafka.fromProperties(wrong, { logger, requestTimeoutMs: 40_000 });
    expect(() => kafka.producer({ deliveryTimeoutMs: 30_000 })).toThrow(
      "lingerMs + requestTimeoutMs (5 + 40000)",
    );
  });

  it("tells the logger what has no effect", async () => {
    const logger = new FakeLogger();
    const properties = { ...servers, "metrics.num.samples": "3", "metric.reporters": "x.Y", acks: "1" };
    await using _ = Kafka.fromProperties(properties, { logger });
    expect(logger.lines).toEqual(["info No effect in kafkawire: metrics.num.samples, metric.reporters"]);
  });

  it("needs bootstrap.servers, as every client does", () => {
    expect(() => Kafka.fromProperties({ acks: "all" })).toThrow("bootstrapServers is missing");
  });
});

describe("values", () => {
  it("are read from text, and taken as they are when they are no text", () => {
    const text = { "linger.ms": " 20 ", "batch.size": "+100", acks: "-1", "compression.type": "gzip" };
    const native = { "linger.ms": 20, "batch.size": 100, acks: -1, "compression.type": "gzip" };
    const expected = { lingerMs: 20, batchSize: 100, acks: -1, compressionType: "gzip" };
    expect(configsFromProperties(text).producer).toEqual(expected);
    expect(configsFromProperties(native).producer).toEqual(expected);
    expect(configsFromProperties({ "check.crcs": "FALSE" }).consumer).toEqual({ checkCrcs: false });
    expect(configsFromProperties({ "check.crcs": false }).consumer).toEqual({ checkCrcs: false });
    expect(kafkaOf({ "security.protocol": "ssl" })).toEqual({ securityProtocol: "SSL" });
    expect(kafkaOf({ "bootstrap.servers": ["a:1", "b:2"] })).toEqual({ bootstrapServers: ["a:1", "b:2"] });
    expect(kafkaOf({ "client.id": undefined, "request.timeout.ms": null })).toEqual({});
    expect(kafkaOf({ "ssl.endpoint.identification.algorithm": "" })).toEqual({
      sslEndpointIdentificationAlgorithm: "",
    });
  });

  it.each([
    ["linger.ms", "soon", 'linger.ms must be a whole number from 0 to 2147483647, and is "soon"'],
    ["linger.ms", "5.5", 'and is "5.5"'],
    ["linger.ms", "9223372036854775807", "linger.ms must be a whole number"],
    ["acks", "2", 'acks must be one of 0, 1, -1, "all", and is "2"'],
    ["check.crcs", "yes", 'check.crcs must be true or false, and is "yes"'],
    ["auto.offset.reset", "first", "auto.offset.reset must be one of"],
  ])("are an error by their key: %s=%s", (key, value, message) => {
    expect(() => configsFromProperties({ [key]: value })).toThrow(ConfigError);
    expect(() => configsFromProperties({ [key]: value })).toThrow(message);
  });
});

describe("the partitioner", () => {
  const own = (): number => 0;

  it.each([
    ["org.apache.kafka.clients.producer.RoundRobinPartitioner", "round_robin"],
    ["org.apache.kafka.clients.producer.internals.DefaultPartitioner", "default"],
    ["RoundRobinPartitioner", "round_robin"],
    ["", "default"],
    ["consistent_random", "consistent_random"],
    [own, own],
  ])("may be Java's, one of ours or a function: %s", (given, partitioner) => {
    expect(configsFromProperties({ "partitioner.class": given }).producer).toEqual({ partitioner });
  });
});

describe("PEM on one line, as properties have it", () => {
  const base64 = "QUJD".repeat(40);

  it("gets the lines that readers of PEM want", () => {
    const pem = kafkaOf({
      "ssl.truststore.certificates": `-----BEGIN CERTIFICATE----- ${base64} -----END CERTIFICATE----- -----BEGIN CERTIFICATE-----QUJD-----END CERTIFICATE-----`,
    }).sslTruststoreCertificates;
    expect(pem?.split("\n")).toEqual([
      "-----BEGIN CERTIFICATE-----",
      base64.slice(0, 64),
      base64.slice(64, 128),
      base64.slice(128),
      "-----END CERTIFICATE-----",
      "-----BEGIN CERTIFICATE-----",
      "QUJD",
      "-----END CERTIFICATE-----",
    ]);
  });

  it("stays as it is with headers of its own", () => {
    const key =
      "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nQUJD\n-----END RSA PRIVATE KEY-----";
    expect(kafkaOf({ "ssl.keystore.key": key })).toEqual({ sslKeystoreKey: key });
  });
});

describe("keys that are no settings", () => {
  it("pass when they ask for what is done anyway", () => {
    const harmless = {
      "client.dns.lookup": "use_all_dns_ips",
      "value.deserializer": "org.apache.kafka.common.serialization.ByteArrayDeserializer",
      "interceptor.classes": "",
      "ssl.enabled.protocols": "TLSv1.2, TLSv1.3",
      "ssl.truststore.type": "PEM",
    };
    expect(configsFromProperties(harmless)).toEqual({ kafka: {}, producer: {}, consumer: {}, ignored: [] });
  });

  it.each([
    [
      "client.dns.lookup",
      "resolve_canonical_bootstrap_servers_only",
      'can only be "use_all_dns_ips" in kafkawire',
    ],
    [
      "value.deserializer",
      "org.x.MyDeserializer",
      "give valueDeserializer to kafka.consumer, such as string()",
    ],
    [
      "value.serializer",
      "org.x.MyStringSerializer",
      "must be a serializer, such as int32(), the name of Kafka's class",
    ],
    ["key.serializer", "toString", "must be a serializer"],
    ["partitioner.class", "org.x.RoundRobinPartitioner", '"round_robin", "random"'],
    ["partitioner", "consistent_random", "is a key of librdkafka: use Kafka's own, partitioner.class"],
    ["ssl.cipher.suites", "TLS_AES_128_GCM_SHA256", 'can only be "" in kafkawire'],
    ["sasl.client.callback.handler.class", "org.x.Handler", "give saslCredentials"],
    ["ssl.truststore.location", "/etc/ca.jks", "keytool -list -rfc -keystore FILE"],
    ["ssl.truststore.type", "JKS", "keytool -list -rfc"],
    ["ssl.keystore.location", "/etc/me.p12", "openssl pkcs12 -in FILE"],
    ["ssl.keystore.password", "hunter2", "ssl.keystore.certificate.chain and ssl.keystore.key"],
    [
      "ssl.ca.location",
      "/etc/ca.pem",
      "is a key of librdkafka: use Kafka's own, ssl.truststore.certificates",
    ],
    ["metadata.broker.list", "a:1", "use Kafka's own, bootstrap.servers"],
    ["bootstrap.server", "a:1", "is not a key of Kafka's clients: did you mean bootstrap.servers?"],
    ["bootstrapServers", "a:1", "did you mean bootstrap.servers?"],
    ["lingerms", "1", "did you mean linger.ms?"],
    ["transactionl.id", "1", "did you mean transactional.id?"],
    ["toString", "1", "is not a key of Kafka's clients"],
    ["logger", "1", "is not a key of Kafka's clients"],
  ])("are an error that says what to do: %s=%s", (key, value, message) => {
    expect(() => configsFromProperties({ [key]: value })).toThrow(ConfigError);
    expect(() => configsFromProperties({ [key]: value })).toThrow(key);
    expect(() => configsFromProperties({ [key]: value })).toThrow(message);
    expect(() => configsFromProperties({ [key]: value })).not.toThrow("hunter2");
  });
});

describe("a serializer of Kafka's", () => {
  const context = { topic: "t", part: "key", headers: undefined } as const;
  const written = (name: string, data: unknown): unknown => {
    const { keySerializer } = configsFromProperties({ "key.serializer": name })
      .producer as ProducerConfig<unknown>;
    const bytes = keySerializer?.serialize(data, context);
    return bytes instanceof Uint8Array ? Buffer.from(bytes).toString("hex") : bytes;
  };

  it.each([
    ["Boolean", true, "01"],
    ["Double", 1, "3ff0000000000000"],
    ["Float", 1, "3f800000"],
    ["Integer", 1, "00000001"],
    ["Long", 1n, "0000000000000001"],
    ["Short", 1, "0001"],
    ["UUID", "0F8FAD5B-D9CB-469F-A165-70867728950E", "0f8fad5b-d9cb-469f-a165-70867728950e"],
  ])("does what it does there: %s", (type, data, expected) => {
    expect(written(`org.apache.kafka.common.serialization.${type}Serializer`, data)).toBe(expected);
    expect(written(`${type}Serializer`, data)).toBe(expected);
  });

  it("that wants nothing takes nothing", () => {
    expect(() => written("VoidSerializer", "x")).toThrow("it takes null, not a string");
  });

  it.each(["String", "ByteArray", "ByteBuffer", "Bytes"])(
    "changes nothing where both may be sent: %s",
    (type) => {
      const name = `org.apache.kafka.common.serialization.${type}Serializer`;
      expect(configsFromProperties({ "value.serializer": name }).producer).toEqual({ valueSerializer: null });
    },
  );

  it("may be given as one of ours", () => {
    const mine = { serialize: () => "x" };
    expect(configsFromProperties({ "key.serializer": mine }).producer).toEqual({ keySerializer: mine });
  });
});

describe("a key of Kafka", () => {
  it("is in one place only: take a new setting's key out of kafka-keys.ts", () => {
    const tables = { ...KAFKA_SETTINGS, ...PRODUCER_SETTINGS, ...CONSUMER_SETTINGS };
    const settings = Object.entries<Setting>(tables).map(([name, row]) => dottedKey(name, row));
    const others = [...WITHOUT_EFFECT, ...MISSING, ...Object.keys(ONLY), ...Object.keys(LIBRDKAFKA)];
    expect(others.filter((key) => settings.includes(key))).toEqual([]);
    expect(others).toHaveLength(new Set(others).size);
  });
});

describe("sasl.jaas.config", () => {
  const login = (config: string) => kafkaOf({ "sasl.jaas.config": config });
  const module = (name: string) => `org.apache.kafka.common.security.${name}`;

  it.each(["plain.PlainLoginModule", "scram.ScramLoginModule"])("gives user and password: %s", (name) => {
    expect(login(`${module(name)} required username="alice" password="a \\"b\\"; c=d" ;`)).toEqual({
      saslUsername: "alice",
      saslPassword: 'a "b"; c=d',
    });
  });

  it("gives a delegation token", async () => {
    const config = `${module("scram.ScramLoginModule")} required username=id password="aG1hYw==" tokenauth="TRUE";`;
    const { saslCredentials } = login(config) as { saslCredentials: () => unknown };
    expect(saslCredentials()).toEqual({ username: "id", password: "aG1hYw==", tokenAuth: true });
  });

  it("gives client credentials, for which keys of their own count for more", () => {
    const config = `${module("oauthbearer.OAuthBearerLoginModule")} required clientId="c" clientSecret="s" scope="a b" extension_logicalCluster="lkc-1";`;
    const expected = {
      saslOauthbearerClientCredentialsClientId: "c",
      saslOauthbearerClientCredentialsClientSecret: "s",
      saslOauthbearerScope: "a b",
      saslOauthbearerExtensions: { logicalCluster: "lkc-1" },
    };
    expect(login(config)).toEqual(expected);
    expect(login(`${module("oauthbearer.OAuthBearerLoginModule")} required;`)).toEqual({});
    const scope = { "sasl.oauthbearer.scope": "c", "sasl.jaas.config": config };
    expect(kafkaOf(scope)).toEqual({ ...expected, saslOauthbearerScope: "c" });
  });

  it.each([
    ["PLAIN", 'org.x.PlainLoginModule required username="u" password="p";', {}],
    ["SCRAM-SHA-512", 'org.x.ScramLoginModule required username="u" password="p" tokenauth=true;', {}],
    [
      "OAUTHBEARER",
      'org.x.OAuthBearerLoginModule required clientId="c" clientSecret="s" extension_a="b";',
      {
        "sasl.oauthbearer.token.endpoint.url": "https://idp.example/token",
        "sasl.login.callback.handler.class":
          "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler",
        "sasl.login.refresh.window.factor": "0.7",
      },
    ],
  ])("makes a client that can log in: %s", async (mechanism, config, others) => {
    await using kafka = Kafka.fromProperties({
      ...servers,
      ...others,
      "security.protocol": "SASL_SSL",
      "sasl.mechanism": mechanism,
      "sasl.jaas.config": config,
    });
    expect(kafka).toBeInstanceOf(Kafka);
  });

  it("may be told in two keys, as librdkafka has it", () => {
    expect(kafkaOf({ "sasl.username": "u", "sasl.password": "p" })).toEqual({
      saslUsername: "u",
      saslPassword: "p",
    });
  });

  it.each([
    ["org.x.PlainLoginModules required password=hunter2;", "must have the PlainLoginModule"],
    ["com.sun.security.auth.module.Krb5LoginModule required keyTab=hunter2;", "give saslCredentials"],
    [
      'org.x.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="hunter2";',
      "give saslOauthbearerToken",
    ],
    ["hunter2", "has no control flag"],
    ["hunter2;", "has no control flag"],
    ["M required hunter2;", "has an option without a value"],
    ["M required password='hunter2'", "does not end with a semicolon"],
    ["M required password=hunter2#;", "has an option without a value"],
    ["M required password=x; hunter2 required;", "has more than one login module"],
    ["", "has no login module"],
  ])("never shows what is in it: %s", (config, message) => {
    expect(() => login(config)).toThrow(ConfigError);
    expect(() => login(config)).toThrow("sasl.jaas.config");
    expect(() => login(config)).toThrow(message);
    expect(() => login(config)).not.toThrow("hunter2");
  });
});

describe("text of properties", () => {
  it("shows nothing of a line that is wrong", () => {
    const text = "a=b\n# c\npassword=hunter2\\u12";
    expect(() => Kafka.fromProperties(text)).toThrow("Line 3 of the properties");
    expect(() => Kafka.fromProperties(text)).not.toThrow("hunter2");
  });
});
