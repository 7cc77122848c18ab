/** TLS on embedded clusters, and whom a connection belongs to by its certificate. */

import { Kafka, type KafkaConfig } from "kafkawire";
import { describe, expect, it } from "vitest";
import { distinguishedName } from "../../../src/platform/distinguished-name.ts";
import { TestCluster, type TestClusterOptions } from "../../../src/testing/mod.ts";
import { certificate } from "../../platform/support.ts";
import { FakeLogger } from "../../support/fake-kafka.ts";

const { ca, cert, key } = certificate;
const SHOWN = { sslKeystoreCertificateChain: cert, sslKeystoreKey: key };
/** Whose certificate it is. */
const PRINCIPAL = "User:CN=localhost";

function clientOf(cluster: TestCluster, config: Partial<KafkaConfig>): Kafka {
  return new Kafka({
    bootstrapServers: cluster.bootstrapServers,
    securityProtocol: "SSL",
    sslTruststoreCertificates: ca,
    requestTimeoutMs: 2000,
    logger: new FakeLogger(),
    ...config,
  });
}

async function sends(cluster: TestCluster, config: Partial<KafkaConfig> = {}): Promise<void> {
  await using kafka = clientOf(cluster, config);
  await using producer = kafka.producer({ deliveryTimeoutMs: 3000 });
  await producer.send({ topic: "orders", value: "x" });
}

/** A cluster on which only who has the certificate may write. */
const start = (options: TestClusterOptions): Promise<TestCluster> =>
  TestCluster.start({ topics: { orders: 1 }, authorizer: { superUsers: [PRINCIPAL] }, ...options });

describe("TLS of an embedded cluster", () => {
  it("is spoken with any client", async () => {
    await using cluster = await TestCluster.start({ tls: { cert, key }, brokers: 2 });
    await sends(cluster);
    expect(cluster.failures).toEqual([]);
  });

  it("tells by the certificate whom a connection belongs to", async () => {
    await using cluster = await start({ tls: { cert, key, ca, requireClientCertificate: true } });
    await sends(cluster, SHOWN);
    await expect(sends(cluster)).rejects.toMatchObject({ code: "TLS_FAILED" });
    expect(cluster.failures).toEqual([]);
  });

  it("takes who shows no certificate for nobody, where none is required", async () => {
    await using cluster = await start({ tls: { cert, key, ca } });
    await sends(cluster, SHOWN);
    await expect(sends(cluster)).rejects.toMatchObject({
      code: expect.stringContaining("AUTHORIZATION_FAILED"),
    });
  });

  it("takes no certificate that nobody known has signed, even where none is required", async () => {
    // A certificate does not sign itself by being trusted.
    await using cluster = await start({ tls: { cert, key, ca: cert } });
    await using kafka = clientOf(cluster, SHOWN);
    await expect(kafka.consumer().partitionsFor("orders", { timeoutMs: 300 })).rejects.toThrow();
    expect(cluster.requests.count).toBe(0);
  });

  it("goes with SASL, which then tells whose it is", async () => {
    await using cluster = await TestCluster.start({
      topics: { orders: 1 },
      tls: { cert, key },
      sasl: { users: { alice: "secret" } },
      authorizer: { superUsers: ["User:alice"] },
    });
    await sends(cluster, {
      securityProtocol: "SASL_SSL",
      saslMechanism: "SCRAM-SHA-256",
      saslUsername: "alice",
      saslPassword: "secret",
    });
    expect(cluster.failures).toEqual([]);
  });
});

describe("the name of a certificate", () => {
  it.each([
    [[["CN", "a"]], "CN=a"],
    [
      [
        ["C", "DE"],
        ["O", "Example, Inc."],
        ["OU", ["x", "y"]],
        ["CN", "a+b"],
      ],
      String.raw`CN=a\+b,OU=y,OU=x,O=Example\, Inc.,C=DE`,
    ],
    [[["CN", "#1 "]], String.raw`CN=\#1\ `],
    [[["CN", undefined]], ""],
  ] as const)("%j is %s", (parts, name) => {
    expect(distinguishedName(parts)).toBe(name);
  });
});
