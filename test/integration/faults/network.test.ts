/**
 * A network that breaks between a client and three healthy brokers. Whatever happens to connections, each call
 * succeeds, or fails in time with an error that says why; nothing that was acknowledged is lost; and nothing is
 * left behind.
 */

import { randomUUID } from "node:crypto";
import { Kafka, type KafkaConfig } from "kafkawire";
import { describe, expect, it } from "vitest";
import { leavesNothingBehind, liveObjects } from "../../support/aftermath.ts";
import { keepCalling, timed } from "../../support/calls.ts";
import { describeKafka } from "../../support/kafka.ts";
import { Load } from "../../support/load.ts";
import { type ProxiedCluster, proxiedClusterFor } from "../../support/proxied-cluster.ts";
import { chance, seed } from "../../support/seed.ts";
import { inSoak } from "../../support/soak.ts";
import { createTopic, readAll, text } from "../../support/topics.ts";

const API_KEYS = { Produce: 0, Fetch: 1, ListOffsets: 2, Metadata: 3, ApiVersions: 18, CreateTopics: 19 };
const silent = { debug() {}, info() {}, warn() {}, error() {} };

describeKafka("a network that breaks", "cluster", () => {
  const proxied = proxiedClusterFor({ brokers: 3 });
  leavesNothingBehind(proxied);

  const connect = (config: Partial<KafkaConfig> = {}): Kafka =>
    new Kafka({ bootstrapServers: proxied().bootstrapServers, logger: silent, ...config });

  it(
    "loses nothing that was acknowledged when connections are reset at any moment",
    async () => {
      console.log(`resets: KAFKAWIRE_SEED=${seed}`);
      await using kafka = connect();
      const load = await Load.start(kafka);
      const control = keepCalling(kafka, 60_000);
      await load.progress();
      const storm = resetAtRandom(proxied(), chance(seed));
      await new Promise((resolve) => setTimeout(resolve, inSoak(60_000, 6_000)));
      const resets = storm.stop();
      await load.progress();
      await load.stop();
      await control.stop();
      expect(load.failures).toEqual([]);
      load.expectNothingLost();
      expect(load.count).toBeGreaterThan(1000);
      expect(resets).toBeGreaterThan(20);
    },
    inSoak(180_000, 60_000),
  );

  it("goes on after each kind of response was cut in the middle", async () => {
    await using kafka = connect();
    const load = await Load.start(kafka, { partitions: 3 });
    await load.progress();
    for (const apiKey of [API_KEYS.Produce, API_KEYS.Fetch]) {
      for (const afterBytes of [0, 3, 11, 40]) {
        for (const proxy of proxied().proxies) await proxy.cutResponse({ afterBytes, apiKey });
        await load.progress();
      }
    }
    await load.stop();
    expect(load.failures).toEqual([]);
    load.expectNothingLost();
  }, 60_000);

  it.each(["ApiVersions", "Metadata", "ListOffsets", "CreateTopics"] as const)(
    "goes on after a response to %s was cut in the middle",
    async (api) => {
      for (const afterBytes of [2, 9, 30]) {
        await using kafka = connect();
        proxied().heal();
        const isCut = proxied().proxies.map((proxy) =>
          proxy.cutResponse({ afterBytes, apiKey: API_KEYS[api] }),
        );
        const topic = `test-${randomUUID()}`;
        // The first may have been carried out though its answer was lost.
        await kafka
          .admin()
          .createTopics([{ topic, numPartitions: 3 }])
          .catch((error: unknown) => expect(error).toMatchObject({ code: "TOPIC_ALREADY_EXISTS" }));
        await using producer = kafka.producer();
        await producer.send([0, 1, 2].map((partition) => ({ topic, partition, value: `in ${partition}` })));
        const read = await readAll(kafka, topic, 3);
        expect(read.map(({ value }) => text(value)).sort()).toEqual(["in 0", "in 1", "in 2"]);
        await Promise.any(isCut);
      }
    },
    60_000,
  );

  it(
    "replaces half-open connections within 10 s, whichever direction is dead",
    async () => {
      const dead = [["toBroker"], ["toClient"], ["toBroker", "toClient"]] as const;
      await using kafka = connect();
      const load = await Load.start(kafka);
      await load.progress();
      for (let round = 0; round < inSoak(3, 1); round++) {
        proxied().proxies.forEach((proxy, i) => {
          for (const direction of dead[(i + round) % 3] ?? []) {
            for (const connection of proxy.connections) connection[direction].swallow = true;
          }
        });
        const metadata = timed(() => kafka.consumer().partitionsFor(load.topic));
        const recovered = await timed(() => load.progress(15_000));
        expect(recovered).toMatchObject({ error: null });
        expect(recovered.ms).toBeLessThan(10_000);
        expect(await metadata).toMatchObject({ error: null });
      }
      await load.stop();
      expect(load.failures).toEqual([]);
      load.expectNothingLost();
    },
    inSoak(120_000, 60_000),
  );

  it("takes bytes one by one", async () => {
    for (const { toBroker, toClient } of proxied().all) toBroker.pieceBytes = toClient.pieceBytes = 1;
    await using kafka = connect();
    const topic = await createTopic(kafka, 3);
    await using producer = kafka.producer({ compressionType: "gzip" });
    const values = Array.from({ length: 300 }, (_, i) => `value ${i}`);
    await producer.send(values.map((value) => ({ topic, value })));
    const read = await readAll(kafka, topic, values.length);
    expect(read.map(({ value }) => text(value)).sort()).toEqual([...values].sort());
  }, 60_000);

  it("has several requests on their way at once when the network is slow", async () => {
    await using kafka = connect();
    const topic = await createTopic(kafka, 24);
    await using producer = kafka.producer({ lingerMs: 0 });
    for (const { toBroker, toClient } of proxied().all) toBroker.latencyMs = toClient.latencyMs = 150;
    // Connections, versions and metadata first.
    await Promise.all(
      Array.from({ length: 24 }, (_, partition) => producer.send({ topic, partition, value: "0" })),
    );
    const produced = (): number[] =>
      proxied().proxies.map(({ counters }) => counters.requests.get(API_KEYS.Produce) ?? 0);
    const before = produced();
    const startMs = performance.now();
    const sends: Promise<unknown>[] = [];
    for (let i = 0; i < 240; i++) {
      sends.push(producer.send({ topic, partition: i % 24, value: String(i) }));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await Promise.all(sends);
    const roundTrips = (performance.now() - startMs) / 300;
    // Up to maxInFlightRequestsPerConnection of 5 are allowed; one at a time would be 1 per round trip.
    produced().forEach((count, i) => {
      expect(
        (count - (before[i] as number)) / roundTrips,
        `requests per round trip, broker ${i + 1}`,
      ).toBeGreaterThan(2);
    });
    expect(await readAll(kafka, topic, 264)).toHaveLength(264);
  }, 60_000);

  it("works on, slowly, where bandwidth is short", async () => {
    await using kafka = connect();
    const topic = await createTopic(kafka, 3);
    for (const { toBroker, toClient } of proxied().all)
      toBroker.bytesPerSecond = toClient.bytesPerSecond = 200_000;
    await using producer = kafka.producer();
    const value = "x".repeat(50_000);
    await Promise.all([0, 1, 2].map((partition) => producer.send({ topic, partition, value })));
    expect(await readAll(kafka, topic, 3)).toHaveLength(3);
  }, 60_000);

  describe("with a broker that accepts connections and never answers", () => {
    const QUICK = {
      requestTimeoutMs: 2_000,
      defaultApiTimeoutMs: 4_000,
      socketConnectionSetupTimeoutMs: 1_000,
      socketConnectionSetupTimeoutMaxMs: 1_000,
    };
    const producerConfig = { deliveryTimeoutMs: 4_000, maxBlockMs: 4_000 };

    it.each(inSoak([1, 2, 3], [2]))(
      "%i, only its own partitions are late, and they come right after it recovers",
      async (mute) => {
        const healthy = connect();
        const topic = await createTopic(healthy, 6);
        const partitions = await healthy.consumer().partitionsFor(topic);
        await healthy.close();

        proxied().proxyOf(mute).toBroker.swallow = true;
        await using kafka = connect(QUICK);
        await using producer = kafka.producer(producerConfig);
        const outcomes = await Promise.all(
          partitions.map(async ({ partition, leader }) => {
            const outcome = await timed(() => producer.send({ topic, partition, value: "late?" }));
            return { leader, ...outcome };
          }),
        );
        for (const { leader, error, ms } of outcomes) {
          if (leader === mute) {
            expect(error).toMatchObject({ code: "DELIVERY_TIMED_OUT" });
            // The topic had to be found first, which has a limit of its own.
            expect(ms).toBeLessThan(producerConfig.maxBlockMs + producerConfig.deliveryTimeoutMs);
          } else {
            expect(error).toBeNull();
            expect(ms).toBeLessThan(3_500);
          }
        }
        // Whoever the controller is reached through, metadata does not hang on one broker.
        const metadata = await timed(() => kafka.consumer().partitionsFor(topic));
        expect(metadata).toMatchObject({ error: null });
        proxied().heal();
        await Promise.all(
          partitions.map(({ partition }) => producer.send({ topic, partition, value: "in time" })),
        );
      },
      60_000,
    );

    it("all of them, every call fails in time and says why", async () => {
      const healthy = connect();
      const topic = await createTopic(healthy, 3);
      await healthy.close();

      for (const { toBroker } of proxied().all) toBroker.swallow = true;
      await using kafka = connect(QUICK);
      await using producer = kafka.producer(producerConfig);
      await using consumer = kafka.consumer();
      consumer.assign([{ topic, partition: 0, from: "earliest" }]);
      const calls = {
        send: () => producer.send({ topic, value: "lost" }),
        read: () => consumer[Symbol.asyncIterator]().next(),
        admin: () => kafka.admin().createTopics([{ topic: "never" }]),
        metadata: () => kafka.consumer().partitionsFor(topic),
      };
      await Promise.all(
        Object.entries(calls).map(async ([name, call]) => {
          const { error, ms } = await timed<unknown>(call);
          expect(error, name).toMatchObject({ code: "TIMEOUT", retriable: true });
          expect((error as Error).message, name).toMatch(/127\.0\.0\.1:\d+/);
          expect(ms, name).toBeLessThan(5_000);
        }),
      );
      proxied().heal();
      await producer.send({ topic, partition: 0, value: "found" });
      const { value } = await consumer[Symbol.asyncIterator]().next();
      expect(text(value?.value ?? null)).toBe("found");
    }, 60_000);

    it("none of them lets itself be connected to: the same", async () => {
      for (const proxy of proxied().all) proxy.refuse();
      try {
        await using kafka = connect(QUICK);
        const { error, ms } = await timed(() => kafka.consumer().partitionsFor("orders"));
        expect(error).toMatchObject({ code: "TIMEOUT", message: expect.stringContaining("ECONNREFUSED") });
        expect(ms).toBeLessThan(5_000);
      } finally {
        for (const proxy of proxied().all) await proxy.accept();
      }
    }, 30_000);
  });

  it(
    "keeps nothing of connections that broke",
    async () => {
      await using kafka = connect();
      const topic = await createTopic(kafka, 6);
      const round = async (): Promise<void> => {
        await using producer = kafka.producer();
        await using consumer = kafka.consumer();
        consumer.assign(await consumer.partitionsFor(topic, { from: "latest" }));
        const reading = consumer[Symbol.asyncIterator]();
        for (let i = 0; i < 5; i++) {
          const next = reading.next();
          const sends = [0, 1, 2, 3, 4, 5].map((partition) =>
            producer.send({ topic, partition, value: "x" }),
          );
          for (const proxy of proxied().all) proxy.resetAll();
          await Promise.all(sends);
          await Promise.race([next, new Promise((resolve) => setTimeout(resolve, 50))]);
        }
      };
      for (let i = 0; i < 4; i++) await round();
      const before = await liveObjects();
      const rounds = inSoak(100, 12);
      for (let i = 0; i < rounds; i++) await round();
      const grown = (await liveObjects()) - before;
      // A round breaks more than 10 connections: one object kept of each would show.
      expect(grown / rounds, "objects kept per round").toBeLessThan(5);
    },
    inSoak(300_000, 60_000),
  );
});

/** Resets one connection after another, tens of them each second. */
function resetAtRandom(proxied: ProxiedCluster, random: () => number): { readonly stop: () => number } {
  let resets = 0;
  let timer: NodeJS.Timeout;
  const next = (): void => {
    timer = setTimeout(() => {
      const connections = proxied.all.flatMap((proxy) => proxy.connections);
      const connection = connections[Math.floor(random() * connections.length)];
      // Now, or at some byte that is still to come.
      if (random() < 0.5) connection?.reset();
      else if (connection !== undefined) {
        connection[random() < 0.5 ? "toBroker" : "toClient"].resetAfterBytes = Math.floor(random() * 50_000);
      }
      if (connection !== undefined) resets++;
      next();
    }, random() * 60);
  };
  next();
  return {
    stop: () => {
      clearTimeout(timer);
      return resets;
    },
  };
}
