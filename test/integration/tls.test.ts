/**
 * TLS, up to where SASL begins: brokers answer ApiVersions before they know who asks, so a negotiated connection
 * proves that the session with a real broker stands.
 */

import { readFile } from "node:fs/promises";
import { Kafka, type TlsOptions } from "kafkawire";
import { beforeAll, expect, it } from "vitest";
import { platform } from "#platform";
import { socks5 } from "../../examples/socks5.ts";
import { ApiVersions } from "../../src/client/api.ts";
import { Connection } from "../../src/client/connection.ts";
import { negotiateVersions } from "../../src/client/version-negotiation.ts";
import { clusterFor, describeKafka, sharedBroker } from "../support/kafka.ts";
import { socks5Server } from "../support/socks5-server.ts";

describeKafka("TLS", "cluster", () => {
  const cluster = clusterFor({ security: "sasl_ssl" });
  let ca: string;

  beforeAll(async () => {
    ca = await readFile(cluster().credentials?.caFile ?? expect.fail("no certificate authority"), "utf8");
  });

  const connect = async (tls: TlsOptions, host?: string, through = platform): Promise<Connection> => {
    const [broker] = cluster().brokers;
    return Connection.open(
      { host: host ?? broker?.host ?? "", port: broker?.port ?? 0 },
      {
        platform: through,
        tls,
        clientId: "tls",
        setupTimeoutMs: 5000,
        maxInFlight: 5,
        maxFrameSize: 1 << 20,
      },
    );
  };

  it("speaks with a broker whose authority it was given", async () => {
    const connection = await connect({ ca });
    const { versions } = await negotiateVersions(connection, { name: "test", version: "1" }, 5000);
    expect(versions.get(ApiVersions.apiKey)?.highest).toBeGreaterThanOrEqual(4);
    connection.close();
  });

  it("speaks through a SOCKS5 proxy, which sees nothing of it", async () => {
    await using proxy = await socks5Server();
    const through = socks5({ host: "127.0.0.1", port: proxy.port });
    const connection = await connect({ ca }, "localhost", through);
    const { versions } = await negotiateVersions(connection, { name: "test", version: "1" }, 5000);
    expect(versions.size).toBeGreaterThan(10);
    connection.close();
    expect(proxy.targets).toEqual([`localhost:${cluster().brokers[0]?.port}`]);
    await expect(connect({ ca, serverName: "other.example" }, undefined, through)).rejects.toMatchObject({
      code: "TLS_FAILED",
    });
  });

  it("refuses a broker whose authority it does not know", async () => {
    await expect(connect({})).rejects.toMatchObject({
      code: "TLS_FAILED",
      retriable: false,
      message: expect.stringContaining("sslTruststoreCertificates"),
    });
  });

  it("refuses a certificate for another name, unless told not to look at it", async () => {
    await expect(connect({ ca, serverName: "other.example" })).rejects.toMatchObject({
      code: "TLS_FAILED",
      message: expect.stringContaining("connect by a name that it carries"),
    });
    const connection = await connect({ ca, serverName: "other.example", verifyHostname: false });
    connection.close();
  });

  it("tells a client without TLS that the port wants it", async () => {
    const { bootstrapServers } = cluster();
    await using kafka = new Kafka({ bootstrapServers, logger: silent });
    await expect(kafka.consumer().partitionsFor("orders", { timeoutMs: 5000 })).rejects.toMatchObject({
      code: "NOT_A_KAFKA_BROKER",
      message: expect.stringContaining('set securityProtocol to "SSL"'),
    });
  });
});

describeKafka("TLS with a port that does not speak it", "broker", () => {
  it("says so", async () => {
    const { bootstrapServers } = sharedBroker();
    await using kafka = new Kafka({ bootstrapServers, securityProtocol: "SSL", logger: silent });
    await expect(kafka.consumer().partitionsFor("orders", { timeoutMs: 1000 })).rejects.toThrow(
      /the port may not speak TLS; set securityProtocol to "PLAINTEXT"/,
    );
  });
});

const silent = { debug() {}, info() {}, warn() {}, error() {} };
