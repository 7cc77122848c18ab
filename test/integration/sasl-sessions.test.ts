/**
 * Sessions that end (`connections.max.reauth.ms`) under traffic: nobody notices. The long form is part of
 * `npm run test:soak`.
 */

import { type ClientEvents, Kafka, type KafkaConfig } from "kafkawire";
import { describe, expect, it } from "vitest";
import { FakeLogger } from "../support/fake-kafka.ts";
import { clusterFor, describeKafka } from "../support/kafka.ts";
import { isSoak } from "../support/soak.ts";
import { createTopic, text } from "../support/topics.ts";
import { unsecuredToken } from "../support/unsecured-token.ts";

const SESSION_MS = isSoak ? 10_000 : 4000;
const TRAFFIC_MS = isSoak ? 60_000 : 10_000;
const PARTITIONS = 6;
/** Sessions are renewed after 95 % of their time at the latest, and so at least so often. */
const LEAST_RENEWALS = Math.floor(TRAFFIC_MS / SESSION_MS) - 1;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What happened to a client's connections, by the place of each. */
function watch(kafka: Kafka) {
  const opened = new Map<string, number>();
  const renewed = new Map<string, number>();
  const ended: string[] = [];
  const at = ({ broker, purpose, nodeId }: ClientEvents["connection:opened"]): string =>
    `${broker} ${nodeId} ${purpose}`;
  const count = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  kafka.on("connection:opened", (event) => count(opened, at(event)));
  kafka.on("connection:authenticated", (event) => {
    expect(event.sessionLifetimeMs).toBeLessThanOrEqual(SESSION_MS);
    if (event.again) count(renewed, at(event as never));
  });
  kafka.on("connection:closed", (event) => ended.push(`${at(event as never)}: ${event.cause.message}`));
  kafka.on("connection:failed", (event) => ended.push(`${at(event as never)}: ${String(event.error)}`));
  return { opened, renewed, ended };
}

const CLIENTS: readonly [string, (user: { username: string; password: string }) => Partial<KafkaConfig>][] = [
  [
    "SCRAM-SHA-512",
    ({ username, password }) => ({
      saslMechanism: "SCRAM-SHA-512",
      saslCredentials: async () => ({ username, password }),
    }),
  ],
  [
    "OAUTHBEARER",
    () => ({
      saslMechanism: "OAUTHBEARER",
      saslOauthbearerToken: async () => ({ value: unsecuredToken() }),
    }),
  ],
];

describe.each(["4.4.0", "3.9.1"])("Kafka %s", (kafkaVersion) => {
  describeKafka(`sessions of ${SESSION_MS} ms, three brokers with SASL_SSL`, "cluster", () => {
    const cluster = clusterFor({
      kafkaVersion,
      brokers: 3,
      security: "sasl_ssl",
      properties: { "connections.max.reauth.ms": String(SESSION_MS) },
    });

    it.concurrent.each(CLIENTS)(
      "are renewed under traffic by %s: nothing fails, is lost or comes twice",
      async (_, configOf) => {
        const credentials = cluster().credentials ?? expect.fail("no credentials");
        const logger = new FakeLogger();
        await using kafka = new Kafka({
          bootstrapServers: cluster().bootstrapServers,
          securityProtocol: "SASL_SSL",
          sslTruststoreCertificates: credentials.caPem ?? "",
          logger,
          ...configOf(credentials),
        });
        const { opened, renewed, ended } = watch(kafka);
        const topic = await createTopic(kafka, PARTITIONS);
        const producer = kafka.producer({ lingerMs: 1 });
        const consumer = kafka.consumer({ fetchMaxWaitMs: 200 });
        consumer.assign(await consumer.partitionsFor(topic, { from: "earliest" }));

        const sent: Promise<unknown>[] = [];
        const endMs = performance.now() + TRAFFIC_MS;
        const sending = (async () => {
          for (let i = 0; performance.now() < endMs; i++) {
            sent.push(producer.send({ topic, key: String(i % 30), value: String(i) }));
            await sleep(5);
          }
          await Promise.all(sent);
          await producer.send(
            Array.from({ length: PARTITIONS }, (__, partition) => ({ topic, partition, value: "end" })),
          );
        })();
        const last = new Map<string, number>();
        let [read, ends] = [0, 0];
        for await (const record of consumer) {
          const value = text(record.value);
          if (value === "end") {
            if (++ends === PARTITIONS) break;
            continue;
          }
          const key = text(record.key) ?? "";
          expect(Number(value)).toBe((last.get(key) ?? Number(key) - 30) + 30);
          last.set(key, Number(value));
          read++;
        }
        await sending;
        expect(read).toBe(sent.length);

        expect(ended).toEqual([]);
        expect(logger.lines.filter((line) => /^(warn|error)/.test(line))).toEqual([]);
        // One connection for each place, so what was renewed was renewed on the same connection.
        expect([...opened.values()].every((times) => times === 1)).toBe(true);
        const busy = [...renewed].filter(([place]) => !place.includes(" null "));
        expect(busy.length).toBeGreaterThanOrEqual(6);
        for (const [place, times] of busy) expect(times, place).toBeGreaterThanOrEqual(LEAST_RENEWALS);

        // A session that ended while nothing was sent is renewed by the next request.
        await sleep(SESSION_MS + 500);
        const before = new Map(renewed);
        await producer.send(
          Array.from({ length: PARTITIONS }, (__, partition) => ({ topic, partition, value: "idle" })),
        );
        expect(ended).toEqual([]);
        expect([...renewed.values()].reduce((a, b) => a + b)).toBeGreaterThan(
          [...before.values()].reduce((a, b) => a + b),
        );
      },
      TRAFFIC_MS + 60_000,
    );
  });
});
