/**
 * Three brokers, one of which goes away in the middle of sending and reading: whatever was acknowledged is read,
 * once, each partition in the order of sending, and the reader goes on by itself.
 */

import { Kafka } from "kafkawire";
import { afterAll, beforeAll, expect, it } from "vitest";
import { clusterFor, describeKafka, QUICK_FENCING } from "../../support/kafka.ts";
import { inSoak } from "../../support/soak.ts";
import { createTopic, text } from "../../support/topics.ts";

const VERSIONS = inSoak(["4.4.0", "3.9.1"], ["4.4.0"]);
const PARTITIONS = 6;

for (const kafkaVersion of VERSIONS) {
  describeKafka(`a broker that goes away [Kafka ${kafkaVersion}]`, "cluster", () => {
    const cluster = clusterFor({ kafkaVersion, brokers: 3, properties: QUICK_FENCING });
    let kafka: Kafka;

    beforeAll(() => {
      kafka = new Kafka({ bootstrapServers: cluster().bootstrapServers, logger: silent });
    });

    afterAll(() => kafka.close());

    it.each([
      ["is stopped", (nodeId: number) => cluster().stopBroker(nodeId)],
      ["is killed", (nodeId: number) => cluster().killBroker(nodeId)],
    ])(
      "when the leader of a partition %s, sending and reading go on",
      async (_, stop) => {
        const topic = await createTopic(kafka, PARTITIONS, { "min.insync.replicas": "2" });
        await using producer = kafka.producer({ batchSize: 1000 });
        await using consumer = kafka.consumer();
        const partitions = await consumer.partitionsFor(topic, { from: "earliest" });
        consumer.assign(partitions);

        const acknowledged = new Map<number, number[]>(partitions.map(({ partition }) => [partition, []]));
        const read = new Map<number, number[]>(partitions.map(({ partition }) => [partition, []]));
        const reading = (async () => {
          for await (const { partition, value } of consumer) read.get(partition)?.push(Number(text(value)));
        })();

        let sending = true;
        const failures: unknown[] = [];
        const sends: Promise<void>[] = [];
        const producing = (async () => {
          for (let i = 0; sending; i++) {
            const partition = i % PARTITIONS;
            sends.push(
              producer.send({ topic, partition, value: String(i) }).then(
                () => void acknowledged.get(partition)?.push(i),
                (error) => void failures.push(error),
              ),
            );
            if (i % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 5));
          }
        })();

        const count = (of: Map<number, number[]>): number =>
          [...of.values()].reduce((sum, { length }) => sum + length, 0);
        const progress = async (partition: number): Promise<void> => {
          const sent = acknowledged.get(partition)?.length ?? 0;
          const seen = read.get(partition)?.length ?? 0;
          await expect
            .poll(
              () =>
                (acknowledged.get(partition)?.length ?? 0) > sent &&
                (read.get(partition)?.length ?? 0) > seen,
              {
                timeout: 30_000,
              },
            )
            .toBe(true);
        };

        for (const { partition } of partitions) await progress(partition);
        const stopped = partitions[0]?.leader ?? expect.fail("no leader");
        await stop(stopped);
        for (const { partition } of partitions) await progress(partition);
        await cluster().startBroker(stopped);
        for (const { partition } of partitions) await progress(partition);

        sending = false;
        await producing;
        await Promise.all(sends);
        expect(failures).toEqual([]);
        const isRead = (partition: number): boolean =>
          acknowledged.get(partition)?.at(-1) === Math.max(...(read.get(partition)?.slice(-500) ?? []));
        for (const { partition } of partitions) {
          await expect.poll(() => isRead(partition), { timeout: 30_000 }).toBe(true);
        }
        await consumer.close();
        await reading;

        expect(count(acknowledged)).toBeGreaterThan(200);
        for (const [partition, sent] of acknowledged) {
          const seen = read.get(partition) ?? [];
          expect(seen, `partition ${partition}: every record, in the order of sending`).toEqual(sent);
        }
      },
      120_000,
    );
  });
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };
