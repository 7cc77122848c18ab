/**
 * What can be wrong with TLS between a client and a real broker, each with the code and the remedy that a user gets.
 * One broker has a listener for each way of being set up.
 */

import nodeTls, { DEFAULT_MAX_VERSION, DEFAULT_MIN_VERSION, type SecureVersion } from "node:tls";
import { Kafka, type KafkaConfig } from "kafkawire";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type KafkaCluster, startCluster } from "../../scripts/kafka/cluster.ts";
import type { ListenerOptions } from "../../scripts/kafka/config.ts";
import { type Authority, type Certificate, CertificateMaker } from "../support/certificates.ts";
import { describeKafka } from "../support/kafka.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

describeKafka("TLS that fails", "cluster", () => {
  let maker: CertificateMaker;
  let cluster: KafkaCluster;
  let trusted: Authority;
  let unknown: Authority;
  let ofClient: Certificate;
  let ofStranger: Certificate;

  beforeAll(async () => {
    maker = await CertificateMaker.open();
    trusted = await maker.authority("trusted");
    unknown = await maker.authority("unknown");
    ofClient = await trusted.certificate();
    ofStranger = await unknown.certificate();
    const listener = (
      name: string,
      { keystoreFile }: Certificate,
      properties: Readonly<Record<string, string>> = {},
    ): ListenerOptions => ({
      name,
      securityProtocol: "SSL",
      properties: { "ssl.keystore.type": "PEM", "ssl.keystore.location": keystoreFile, ...properties },
    });
    const server = await trusted.certificate();
    const mutual = {
      "ssl.client.auth": "required",
      "ssl.truststore.type": "PEM",
      "ssl.truststore.location": trusted.file,
    };
    cluster = await startCluster({
      listeners: [
        listener("GOOD", server),
        listener("EXPIRED", await trusted.certificate({ days: -1 })),
        listener("UNKNOWN", await unknown.certificate()),
        listener("ELSEWHERE", await trusted.certificate({ subjectAltName: "DNS:elsewhere.example" })),
        listener("MUTUAL", server, mutual),
        listener("MUTUAL12", server, { ...mutual, "ssl.enabled.protocols": "TLSv1.2" }),
        listener("ONLY12", server, { "ssl.enabled.protocols": "TLSv1.2" }),
        listener("ONLY13", server, { "ssl.enabled.protocols": "TLSv1.3" }),
      ],
    });
  }, 120_000);

  afterAll(async () => {
    await cluster?.close();
    await maker?.[Symbol.asyncDispose]();
  });

  const addressOf = (listener: string): string => {
    const [broker] = cluster.brokers;
    return `localhost:${broker?.listenerPorts[listener] ?? expect.fail(`no listener ${listener}`)}`;
  };
  /** What comes of asking that listener, with a trusted authority but for what `config` says. */
  const ask = async (listener: string, config: Partial<KafkaConfig> = {}): Promise<unknown> => {
    await using kafka = new Kafka({
      bootstrapServers: [addressOf(listener)],
      securityProtocol: "SSL",
      sslTruststoreCertificates: trusted.ca,
      logger: silent,
      ...config,
    });
    const startMs = performance.now();
    const outcome = await kafka
      .admin()
      .createTopics([{ topic: `test-${listener}-${Math.random()}` }], { timeoutMs: 10_000 })
      .then(
        () => "it works",
        (error: unknown) => error,
      );
    // None of these goes away by itself: they are told at once.
    expect(performance.now() - startMs).toBeLessThan(8_000);
    return outcome;
  };
  const failure = (remedy: string): object => ({
    code: "TLS_FAILED",
    name: "ConnectionError",
    retriable: false,
    message: expect.stringContaining(remedy),
  });
  const withKey = ({ cert, key }: Certificate, more: Partial<KafkaConfig> = {}): Partial<KafkaConfig> => ({
    sslKeystoreCertificateChain: cert,
    sslKeystoreKey: key,
    ...more,
  });

  it("is set up so that what is right works", async () => {
    expect(await ask("GOOD")).toBe("it works");
    for (const listener of ["MUTUAL", "MUTUAL12"])
      expect(await ask(listener, withKey(ofClient))).toBe("it works");
    const sslKeystoreKey = await maker.encrypt(ofClient.key, "secret");
    const encrypted = withKey(ofClient, { sslKeystoreKey, sslKeyPassword: "secret" });
    expect(await ask("MUTUAL", encrypted)).toBe("it works");
    expect(await ask("ONLY12")).toBe("it works");
    expect(await ask("ONLY13")).toBe("it works");
  });

  it("says that a port without TLS was spoken to with it", async () => {
    const bootstrapServers = cluster.bootstrapServers;
    await using kafka = new Kafka({ bootstrapServers, securityProtocol: "SSL", logger: silent });
    await expect(kafka.consumer().partitionsFor("orders", { timeoutMs: 2_000 })).rejects.toMatchObject({
      code: "TIMEOUT",
      message: expect.stringContaining('set securityProtocol to "PLAINTEXT"'),
      cause: { code: "CONNECTION_FAILED", retriable: true },
    });
  });

  it("says that a port with TLS was spoken to without it", async () => {
    await using kafka = new Kafka({ bootstrapServers: [addressOf("GOOD")], logger: silent });
    await expect(kafka.consumer().partitionsFor("orders", { timeoutMs: 5_000 })).rejects.toMatchObject({
      code: "NOT_A_KAFKA_BROKER",
      retriable: false,
      message: expect.stringContaining('set securityProtocol to "SSL"'),
    });
  });

  it("says that the broker's certificate has expired", async () => {
    expect(await ask("EXPIRED")).toMatchObject(failure("the broker's certificate has expired: renew it"));
  });

  it("says that the broker's authority is not trusted", async () => {
    expect(await ask("UNKNOWN")).toMatchObject(
      failure("is not among sslTruststoreCertificates: add its PEM"),
    );
    await using kafka = new Kafka({
      bootstrapServers: [addressOf("GOOD")],
      securityProtocol: "SSL",
      logger: silent,
    });
    await expect(kafka.consumer().partitionsFor("orders")).rejects.toMatchObject(
      failure("give its PEM as sslTruststoreCertificates"),
    );
  });

  it("says that the certificate is for another host name, and for which", async () => {
    const error = await ask("ELSEWHERE");
    expect(error).toMatchObject(failure("connect by a name that it carries"));
    expect(error).toMatchObject(failure("DNS:elsewhere.example"));
    expect(await ask("ELSEWHERE", { sslEndpointIdentificationAlgorithm: "" })).toBe("it works");
  });

  // With TLS 1.3 the client learns of it after the handshake, with 1.2 within.
  it.each(["MUTUAL", "MUTUAL12"])(
    "says that a client's certificate is missing, or is none that is wanted [%s]",
    async (listener) => {
      expect(await ask(listener)).toMatchObject(
        failure("give sslKeystoreCertificateChain and sslKeystoreKey"),
      );
      expect(await ask(listener, withKey(ofStranger))).toMatchObject(
        failure("the broker refuses this client's certificate"),
      );
      const expired = await trusted.certificate({ days: -1 });
      expect(await ask(listener, withKey(expired))).toMatchObject(
        failure("the broker refuses this client's certificate"),
      );
    },
  );

  it("says that there is no version of TLS that both sides speak", async () => {
    const remedy = "add TLSv1.2 or TLSv1.3 to the listener's ssl.enabled.protocols";
    setVersions("TLSv1.3", "TLSv1.3");
    expect(await ask("ONLY12")).toMatchObject(failure(remedy));
    setVersions("TLSv1.2", "TLSv1.2");
    expect(await ask("ONLY13")).toMatchObject(failure(remedy));
  });

  it("refuses settings that can never be right before anything is connected to", async () => {
    const encrypted = await maker.encrypt(ofClient.key, "secret");
    const other = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    const cases: readonly (readonly [Partial<KafkaConfig>, string])[] = [
      [
        withKey(ofClient, { sslKeystoreKey: encrypted }),
        "sslKeystoreKey is encrypted: give its password as sslKeyPassword",
      ],
      [
        withKey(ofClient, { sslKeystoreKey: encrypted, sslKeyPassword: "wrong" }),
        "sslKeyPassword is not the password of sslKeystoreKey",
      ],
      [
        withKey(ofClient, { sslKeystoreKey: ofStranger.key }),
        "sslKeystoreKey is not the key of the first certificate",
      ],
      [withKey(ofClient, { sslKeystoreKey: ofClient.cert }), "sslKeystoreKey cannot be read"],
      [
        withKey(ofClient, { sslKeystoreCertificateChain: ofClient.key }),
        "sslKeystoreCertificateChain cannot be read",
      ],
      [
        withKey(ofClient, { sslKeystoreCertificateChain: other }),
        "sslKeystoreCertificateChain cannot be read",
      ],
      [{ sslTruststoreCertificates: other }, "sslTruststoreCertificates holds no certificates"],
      [{ sslTruststoreCertificates: ofClient.key }, "sslTruststoreCertificates holds no certificates"],
    ];
    for (const [config, message] of cases) {
      const make = (): Kafka =>
        new Kafka({ bootstrapServers: "localhost:1", securityProtocol: "SSL", logger: silent, ...config });
      expect(make).toThrow(
        expect.objectContaining({ code: "INVALID_CONFIG", message: expect.stringContaining(message) }),
      );
      expect(make).not.toThrow(/wrong|AAAA|secret/);
    }
  });

  /** What `--tls-min-v1.3` and `--tls-max-v1.2` do to a process of Node.js. */
  function setVersions(min: SecureVersion, max: SecureVersion): void {
    Object.assign(nodeTls, { DEFAULT_MIN_VERSION: min, DEFAULT_MAX_VERSION: max });
  }
  afterEach(() => setVersions(DEFAULT_MIN_VERSION, DEFAULT_MAX_VERSION));
});
