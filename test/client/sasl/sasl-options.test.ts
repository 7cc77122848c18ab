import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import type { KafkaConfig } from "../../../src/client/config/kafka-config.ts";
import { resolveKafkaConfig } from "../../../src/client/config/kafka-config.ts";
import { ConfigError } from "../../../src/client/errors.ts";
import { Kafka } from "../../../src/client/kafka.ts";
import { FakeLogger } from "../../support/fake-kafka.ts";
import { FakePlatform } from "../../support/fake-platform.ts";

type Sasl = Omit<KafkaConfig, "bootstrapServers">;

const resolve = (config: object) => resolveKafkaConfig({ bootstrapServers: "b:9092", ...config });
const problem = (config: object): string => {
  try {
    resolve(config);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  return expect.fail("it was accepted");
};

const user = { saslUsername: "user", saslPassword: "s3cret-password" };
const scram: Sasl = { securityProtocol: "SASL_SSL", saslMechanism: "SCRAM-SHA-512", ...user };
const oauth: Sasl = { securityProtocol: "SASL_SSL", saslMechanism: "OAUTHBEARER" };
const endpoint: Sasl = {
  ...oauth,
  saslOauthbearerTokenEndpointUrl: "https://id.example/token",
  saslOauthbearerClientCredentialsClientId: "client",
  saslOauthbearerClientCredentialsClientSecret: "s3cret-password",
};

describe("settings of SASL", () => {
  it.each<[string, Sasl]>([
    ["SCRAM over TLS", scram],
    ["PLAIN without TLS", { ...scram, securityProtocol: "SASL_PLAINTEXT", saslMechanism: "PLAIN" }],
    [
      "a function that gives credentials",
      {
        ...scram,
        saslUsername: undefined,
        saslPassword: undefined,
        saslCredentials: () => ({ username: "u", password: "p" }),
      } as never,
    ],
    ["a function that gives tokens", { ...oauth, saslOauthbearerToken: () => ({ value: "t" }) }],
    ["a token endpoint", endpoint],
    ["TLS settings beside", { ...scram, sslEndpointIdentificationAlgorithm: "" }],
  ])("can be %s", (_, config) => {
    const resolved = resolve(config);
    expect(resolved.sasl?.source.mechanism).toBe(config.saslMechanism);
    expect(resolved.tls === null).toBe(config.securityProtocol === "SASL_PLAINTEXT");
  });

  it("are not there without SASL", () => {
    expect([resolve({}).sasl, resolve({ securityProtocol: "SSL" }).sasl]).toEqual([null, null]);
  });

  it.each<[object, string]>([
    [
      { ...scram, securityProtocol: "PLAINTEXT" },
      'securityProtocol is "PLAINTEXT", so it would have no effect: set securityProtocol to "SASL_SSL" or "SASL_PLAINTEXT"',
    ],
    [{ ...scram, securityProtocol: "SSL" }, 'set securityProtocol to "SASL_SSL"'],
    [user, "saslUsername is given"],
    [{ saslLoginRetryBackoffMs: 5 }, "saslLoginRetryBackoffMs is given"],
    [{ ...scram, saslMechanism: undefined }, "saslMechanism is missing"],
    [
      { ...scram, saslMechanism: "GSSAPI" },
      "saslMechanism cannot be GSSAPI, since Kerberos needs native code",
    ],
    [{ ...scram, saslMechanism: "scram-sha-512" }, "saslMechanism must be one of"],
    [{ ...scram, saslUsername: undefined }, "saslUsername and saslPassword belong together: give both"],
    [{ ...scram, saslPassword: undefined }, "saslUsername and saslPassword belong together: give both"],
    [
      { ...scram, saslUsername: undefined, saslPassword: undefined },
      "needs credentials: give saslUsername and saslPassword, or saslCredentials",
    ],
    [{ ...scram, saslUsername: "" }, "username must be a text that is not empty"],
    [{ ...scram, saslPassword: "" }, "password must be a text that is not empty"],
    [{ ...scram, saslMechanism: "PLAIN", saslUsername: "a\0b" }, "NUL"],
    [{ ...scram, saslPassword: 5 }, "saslPassword must be a string"],
    [{ ...scram, saslCredentials: () => user }, "only one can count: leave the other out"],
    [{ ...scram, saslCredentials: "x" }, "saslCredentials must be a function"],
    [
      { ...scram, saslOauthbearerScope: "x" },
      'saslOauthbearerScope is for OAUTHBEARER, and saslMechanism is "SCRAM-SHA-512"',
    ],
    [
      { ...scram, sslTruststoreCertificates: "-----BEGIN X", securityProtocol: "SASL_PLAINTEXT" },
      'securityProtocol is not "SASL_SSL"',
    ],
    [oauth, 'saslMechanism "OAUTHBEARER" needs tokens: give saslOauthbearerToken'],
    [{ ...oauth, ...user }, "saslUsername is not for OAUTHBEARER"],
    [
      { ...endpoint, saslOauthbearerToken: () => ({ value: "t" }) },
      "saslOauthbearerTokenEndpointUrl is given and saslOauthbearerToken too",
    ],
    [
      { ...oauth, saslOauthbearerToken: () => ({ value: "t" }), saslOauthbearerExtensions: { a: "b" } },
      "return them with the token",
    ],
    [
      { ...endpoint, saslOauthbearerClientCredentialsClientId: undefined },
      "needs saslOauthbearerClientCredentialsClientId and",
    ],
    [
      { ...endpoint, saslOauthbearerClientCredentialsClientSecret: "" },
      "saslOauthbearerClientCredentialsClientSecret: give both",
    ],
    [
      { ...endpoint, saslOauthbearerTokenEndpointUrl: "file:///token" },
      "for a token in a file give saslOauthbearerToken",
    ],
    [
      { ...endpoint, saslOauthbearerTokenEndpointUrl: "https://user:s3cret-password@id.example/" },
      "without credentials in it",
    ],
    [{ ...endpoint, saslOauthbearerTokenEndpointUrl: "https://" }, "must be an http or https URL"],
    [{ ...endpoint, saslOauthbearerExtensions: { auth: "x" } }, "saslOauthbearerExtensions cannot be sent"],
    [{ ...endpoint, saslOauthbearerExtensions: "x" }, "saslOauthbearerExtensions must be an object of texts"],
    [
      { ...endpoint, saslLoginRefreshWindowFactor: 0.4 },
      "saslLoginRefreshWindowFactor must be a number from 0.5 to 1, and is 0.4",
    ],
    [{ ...endpoint, saslLoginRefreshWindowJitter: 0.3 }, "must be a number from 0 to 0.25"],
    [{ ...endpoint, saslLoginRefreshMinPeriodSeconds: 901 }, "must be a whole number from 0 to 900"],
    [{ ...endpoint, saslLoginRefreshBufferSeconds: -1 }, "must be a whole number from 0 to 3600"],
    [{ ...endpoint, saslLoginRetryBackoffMs: 0 }, "must be a whole number from 1"],
    [{ ...endpoint, saslLoginRetryBackoffMaxMs: 0 }, "must be a whole number from 1"],
    [{ ...endpoint, saslOauthbearerHeaderUrlencode: "yes" }, "must be true or false"],
  ])("that cannot be right say what to do: %j", (config, expected) => {
    const message = problem(config);
    expect(message).toContain(expected);
    expect(message).not.toContain("s3cret");
  });
});

describe("what is hardly meant", () => {
  const warnings = (config: Sasl): string[] => {
    const logger = new FakeLogger();
    new Kafka({ bootstrapServers: "b:9092", ...config, logger, platform: new FakePlatform() });
    return logger.lines;
  };

  it.each<[string, Sasl, string[]]>([
    ["SCRAM without TLS is fine", { ...scram, securityProtocol: "SASL_PLAINTEXT" }, []],
    ["PLAIN with TLS is fine", { ...scram, saslMechanism: "PLAIN" }, []],
    [
      "PLAIN without TLS",
      { ...scram, saslMechanism: "PLAIN", securityProtocol: "SASL_PLAINTEXT" },
      ["The password is sent as it is over connections without TLS"],
    ],
    [
      "tokens without TLS",
      { ...oauth, securityProtocol: "SASL_PLAINTEXT", saslOauthbearerToken: () => ({ value: "t" }) },
      ["Tokens are sent as they are"],
    ],
    [
      "a token endpoint without TLS",
      { ...endpoint, saslOauthbearerTokenEndpointUrl: "http://id.example/token" },
      ["The client secret is sent as it is to saslOauthbearerTokenEndpointUrl"],
    ],
  ])("is warned of once: %s", (_, config, expected) => {
    const lines = warnings(config);
    expect(lines).toEqual(expected.map((text) => expect.stringContaining(`warn ${text}`)));
  });
});

describe("secrets", () => {
  const tls = {
    sslKeyPassword: "s3cret-password",
    sslKeystoreKey: "-----BEGIN s3cret",
    sslKeystoreCertificateChain: "-----BEGIN C",
  };

  it.each<[string, Sasl]>([
    ["of a user", { ...scram, ...tls }],
    ["of an OAuth client", endpoint],
  ])("%s are not shown by what shows objects", (_, config) => {
    const resolved = resolve({
      ...config,
      sslKeystoreKey: undefined,
      sslKeystoreCertificateChain: undefined,
      sslKeyPassword: undefined,
    });
    const kafka = new Kafka({
      bootstrapServers: "b:9092",
      ...config,
      platform: new FakePlatform(),
      logger: new FakeLogger(),
    });
    const shown = [
      inspect(resolved, { depth: Number.POSITIVE_INFINITY, showHidden: true }),
      JSON.stringify(resolved),
      inspect([kafka, kafka.producer(), kafka.consumer(), kafka.admin()], {
        depth: Number.POSITIVE_INFINITY,
        showHidden: true,
      }),
      JSON.stringify(kafka),
    ];
    for (const text of shown) expect(text).not.toContain("s3cret");
  });
});
