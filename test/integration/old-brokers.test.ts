/**
 * Kafka 2.1, the oldest that is worked with (KIP-896): what no newer broker shows. That the rest is as everywhere,
 * the suites that run on each Kafka show.
 */

import { randomUUID } from "node:crypto";
import { type ClientEvent, Kafka, type KafkaConfig } from "kafkawire";
import { ApiVersionsRequest } from "kafkawire/protocol";
import { describe, expect, it } from "vitest";
import { compressionCodecs } from "../../src/compression/codecs.ts";
import { platform } from "../../src/platform/node.ts";
import { withInternals } from "../support/internals.ts";
import { clusterFor, describeKafka, type KafkaCluster } from "../support/kafka.ts";
import { Load } from "../support/load.ts";
import { inSoak, isSoak } from "../support/soak.ts";
import { createTopic, readAll, text } from "../support/topics.ts";

/**
 * By version, the highest that brokers serve of what the client uses here; of ApiVersions the one that is asked in
 * after the refusal, which says before Kafka 2.4 nothing of the versions there are.
 */
const SERVED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "2.1.1": {
    ...{ ApiVersions: 0, CreateTopics: 3, DeleteTopics: 3, Fetch: 10, FindCoordinator: 2, ListOffsets: 4 },
    ...{ InitProducerId: 1, Metadata: 7, Produce: 7, SaslAuthenticate: 0, SaslHandshake: 1 },
  },
  "2.8.2": {
    ...{ ApiVersions: 3, CreateTopics: 7, DeleteTopics: 6, Fetch: 12, FindCoordinator: 3, ListOffsets: 6 },
    ...{ InitProducerId: 4, Metadata: 11, Produce: 9, SaslAuthenticate: 2, SaslHandshake: 1 },
  },
};

/** Bytes per second that a client may send to a broker that looks at the last two seconds. */
const QUOTA = 3_000_000;

const silent = { debug() {}, info() {}, warn() {}, error() {} };

for (const kafkaVersion of inSoak(["2.1.1", "2.8.2"], ["2.1.1"])) {
  describeKafka(`Kafka ${kafkaVersion}`, "cluster", () => {
    const cluster = clusterFor({
      kafkaVersion,
      security: "sasl_plaintext",
      listeners: [{ name: "OPEN", securityProtocol: "PLAINTEXT" }],
      properties: {
        // As client quotas were configured before Kafka had requests for it; gone since 3.0.
        "quota.producer.default": String(QUOTA),
        "quota.window.num": "2",
      },
    });
    const connect = (config: Partial<KafkaConfig> = {}): Kafka =>
      new Kafka({ bootstrapServers: openServers(cluster()), logger: silent, ...config });

    it("is asked in the versions that it serves, after it refused to be asked in a later one (KIP-511)", async () => {
      const versions = new Map<string, Set<number>>();
      const note = ({ api, apiVersion, error }: ClientEvent<"request:done">): void => {
        expect(error).toBeNull();
        versions.set(api, (versions.get(api) ?? new Set()).add(apiVersion));
      };
      await using kafka = connect({
        ...sasl(cluster(), "PLAIN"),
        bootstrapServers: cluster().bootstrapServers,
      });
      kafka.on("request:done", note);
      const topic = await createTopic(kafka, 1);
      await kafka.producer().send({ topic, value: "v" });
      await readAll(kafka, topic, 1);
      await kafka.admin().deleteTopics([topic]);
      await withInternals(openServers(cluster()), async ({ coordinators, deadline, internals }) => {
        internals.observability.events.source("request:done").add(note, false);
        await coordinators.find("group", "g", { deadline });
      });
      const { ApiVersions, ...others } = SERVED[kafkaVersion] ?? expect.fail("no such version");
      expect(Object.fromEntries([...versions].map(([api, each]) => [api, [...each]]))).toEqual({
        ApiVersions: [ApiVersionsRequest.validVersions.highest, ApiVersions],
        ...Object.fromEntries(Object.entries(others).map(([api, version]) => [api, [version]])),
      });
    });

    it("keeps records of every codec whole", async () => {
      await using kafka = connect();
      const topic = await createTopic(kafka, 1);
      const sent = compressionCodecs(platform.zlib).supported.flatMap((compressionType) =>
        Array.from({ length: 50 }, (_, i) => ({
          compressionType,
          record: {
            topic,
            key: i % 5 === 0 ? null : `${compressionType} ${i}`,
            value: i % 7 === 0 ? null : "✓".repeat(i * 10),
            timestamp: 1_600_000_000_000 + i,
            headers: { codec: compressionType, empty: "" },
          },
        })),
      );
      for (const compressionType of new Set(sent.map((each) => each.compressionType))) {
        await using producer = kafka.producer({ compressionType });
        await producer.send(
          sent.filter((each) => each.compressionType === compressionType).map((each) => each.record),
        );
      }
      const read = await readAll(kafka, topic, sent.length);
      expect(
        read.map(({ key, value, timestamp, headers }) => ({
          topic,
          key: text(key),
          value: text(value),
          timestamp,
          headers: Object.fromEntries(headers.map((header) => [header.key, text(header.value)])),
        })),
      ).toEqual(sent.map(({ record }) => record));
    });

    it("loses nothing when it is stopped and started in mid-run", async () => {
      await using kafka = connect();
      const load = await Load.start(kafka, { partitions: 3, minInSyncReplicas: 1, recordsPerSecond: 500 });
      await load.progress();
      await cluster().stopBroker(1);
      await cluster().startBroker(1);
      await load.progress();
      if (isSoak) {
        await cluster().killBroker(1);
        await cluster().startBroker(1);
        await load.progress();
      }
      await load.stop();
      expect(load.failures).toEqual([]);
      load.expectNothingLost();
    }, 120_000);

    it("makes the client wait where a quota is used up", async () => {
      const clientId = `throttled-${randomUUID()}`;
      await using kafka = connect({ clientId });
      const topic = await createTopic(kafka, 1, { "max.message.bytes": "9000000" });
      const throttled: ClientEvent<"request:throttled">[] = [];
      kafka.on("request:throttled", (event) => throttled.push(event));
      const producer = kafka.producer({ maxRequestSize: 9_000_000, lingerMs: 0 });
      await producer.send({ topic, value: new Uint8Array(2 * QUOTA) });
      expect(throttled).toMatchObject([{ api: "Produce", clientId }]);
      const startMs = performance.now();
      await producer.send({ topic, value: "next" });
      // The broker counts from its answer, and looks at its clock before that.
      expect(performance.now() - startMs).toBeGreaterThan((throttled[0]?.throttleTimeMs ?? 0) * 0.8);
    });

    it("tells coordinators of groups and of transactions, one for each question", async () => {
      await withInternals(openServers(cluster()), async ({ coordinators, deadline }) => {
        const found = await Promise.all([
          ...["a", "b", "c"].map((group) => coordinators.find("group", group, { deadline })),
          coordinators.find("transaction", "t", { deadline }),
        ]);
        expect(found).toEqual([1, 1, 1, 1]);
      });
    });

    if (kafkaVersion === "2.1.1") {
      it("tells no leader epochs that are believed, and no topic ids", async () => {
        await using kafka = connect();
        const topic = await createTopic(kafka, 1);
        await withInternals(openServers(cluster()), async ({ internals, deadline }) => {
          expect(await internals.topic(topic, { deadline })).toMatchObject({
            topicId: null,
            partitions: [{ leaderId: 1, leaderEpoch: -1 }],
          });
        });
      });

      it("has no defaults for new topics, and is not asked for them", async () => {
        await using kafka = connect();
        await expect(kafka.admin().createTopics([{ topic: "t", numPartitions: 1 }])).rejects.toMatchObject({
          code: "UNSUPPORTED_VERSION",
          message: expect.stringContaining("Give numPartitions and replicationFactor"),
        });
      });
    }

    describe("with SASL", () => {
      const mechanisms = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const;

      it.each(mechanisms)("lets in who knows the password, by %s", async (mechanism) => {
        await using kafka = connect({
          ...sasl(cluster(), mechanism),
          bootstrapServers: cluster().bootstrapServers,
        });
        const topic = await createTopic(kafka, 1);
        await kafka.producer().send({ topic, value: mechanism });
        expect((await readAll(kafka, topic, 1)).map(({ value }) => text(value))).toEqual([mechanism]);
      });

      it.each(mechanisms)("refuses who does not, by %s, and says so", async (mechanism) => {
        await using kafka = connect({
          ...sasl(cluster(), mechanism),
          saslPassword: "wrong",
          bootstrapServers: cluster().bootstrapServers,
        });
        await expect(createTopic(kafka, 1)).rejects.toMatchObject({
          code: "SASL_AUTHENTICATION_FAILED",
          message: expect.stringMatching(/the broker says "Authentication failed.*check saslUsername/),
        });
      });
    });
  });
}

function openServers({ brokers }: KafkaCluster): string[] {
  return brokers.map(({ listenerPorts }) => `localhost:${listenerPorts["OPEN"]}`);
}

function sasl(
  { credentials }: KafkaCluster,
  saslMechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512",
): Pick<KafkaConfig, "securityProtocol" | "saslMechanism" | "saslUsername" | "saslPassword"> {
  const { username, password } = credentials ?? expect.fail("no credentials");
  return {
    securityProtocol: "SASL_PLAINTEXT",
    saslMechanism,
    saslUsername: username,
    saslPassword: password,
  };
}
