/** The client over a {@link FakeCluster}, as the tests of the client want it. */

import type { BrokerOptions } from "../../src/client/broker.ts";
import { Cluster, type ClusterOptions } from "../../src/client/cluster.ts";
import type { KafkaConfig } from "../../src/client/config/kafka-config.ts";
import type { ConnectionOptions } from "../../src/client/connection.ts";
import { parseEndpoint } from "../../src/client/endpoint.ts";
import { Kafka } from "../../src/client/kafka.ts";
import type { Logger } from "../../src/client/logger.ts";
import type { FakeCluster } from "./fake-cluster.ts";
import type { FakePlatform } from "./fake-platform.ts";

/** Keeps what it is told. */
export class FakeLogger implements Logger {
  readonly lines: string[] = [];

  debug(message: string): void {
    this.lines.push(`debug ${message}`);
  }

  info(message: string): void {
    this.lines.push(`info ${message}`);
  }

  warn(message: string): void {
    this.lines.push(`warn ${message}`);
  }

  error(message: string): void {
    this.lines.push(`error ${message}`);
  }
}

/** A client of the cluster. */
export function kafkaFor(cluster: FakeCluster, config: Partial<KafkaConfig> = {}): Kafka {
  const { bootstrapServers, platform } = cluster;
  return new Kafka({ bootstrapServers, platform, logger: new FakeLogger(), ...config });
}

/** What a connection is given where a test has no wish of its own. */
export function connectionOptions(
  platform: FakePlatform,
  options: Partial<ConnectionOptions> = {},
): ConnectionOptions {
  return {
    platform,
    tls: null,
    clientId: "test",
    setupTimeoutMs: 10_000,
    maxInFlight: 5,
    maxFrameSize: 1_000_000,
    ...options,
  };
}

/** What a broker is given where a test has no wish of its own. */
export function brokerOptions(platform: FakePlatform, options: Partial<BrokerOptions> = {}): BrokerOptions {
  return {
    ...connectionOptions(platform),
    setupTimeout: { initialMs: 10_000, maxMs: 30_000 },
    software: { name: "kafkawire", version: "0" },
    reconnectBackoff: { initialMs: 50, maxMs: 1000 },
    logger: new FakeLogger(),
    ...options,
  };
}

/** The client's own view of the cluster, without producer or consumer. */
export function clusterFor(cluster: FakeCluster, options: Partial<ClusterOptions> = {}): Cluster {
  return new Cluster({
    ...brokerOptions(cluster.platform),
    bootstrapServers: cluster.bootstrapServers.map(parseEndpoint),
    requestTimeoutMs: 30_000,
    metadataMaxAgeMs: 300_000,
    metadataRecoveryStrategy: "rebootstrap",
    retryBackoff: { initialMs: 100, maxMs: 1000 },
    allowAutoCreateTopics: true,
    ...options,
  });
}
