import { randomUUID } from "node:crypto";
import { Kafka } from "kafkawire";
import { expect, it } from "vitest";
import { describeOnEachKafka } from "../support/kafka.ts";
import { chance, seed } from "../support/seed.ts";
import { createTopic, text } from "../support/topics.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const PRODUCERS = 3;
const STEPS = 120;

describeOnEachKafka(
  `committed records of transactions, seed ${seed}`,
  (kafka) => {
    it("gives exactly those, in order, over small fetches and from anywhere", async () => {
      const random = chance(seed);
      await using client = new Kafka({ bootstrapServers: kafka().bootstrapServers, logger: silent });
      const topic = await createTopic(client, 1);
      const producers = Array.from({ length: PRODUCERS }, () =>
        client.producer({ transactionalId: randomUUID(), lingerMs: 0 }),
      );
      const plain = client.producer({ lingerMs: 0 });
      interface Written {
        readonly value: string;
        readonly offset: bigint;
      }
      const seen: Written[] = [];
      const open = new Map<number, Written[]>();
      const end = async (which: number, isCommitted: boolean): Promise<void> => {
        const written = open.get(which);
        if (written === undefined) return;
        open.delete(which);
        if (!isCommitted) return producers[which]?.abortTransaction();
        await producers[which]?.commitTransaction();
        seen.push(...written);
      };
      for (let step = 0; step < STEPS; step++) {
        const which = Math.floor(random() * (PRODUCERS + 1));
        const record = { topic, partition: 0, value: `v-${step}` };
        const producer = producers[which];
        if (producer === undefined) {
          const { offset } = await plain.send(record);
          seen.push({ value: record.value, offset });
        } else if (!open.has(which) || random() < 0.7) {
          if (!open.has(which)) {
            await producer.beginTransaction();
            open.set(which, []);
          }
          const { offset } = await producer.send(record);
          open.get(which)?.push({ value: record.value, offset });
        } else {
          await end(which, random() < 0.5);
        }
      }
      for (const which of [...open.keys()]) await end(which, which % 2 === 0);
      await Promise.all([plain, ...producers].map((producer) => producer.close()));
      seen.sort((a, b) => Number(a.offset - b.offset));
      for (const share of [0, 0.3, 0.7]) {
        const expected = seen.slice(Math.floor(seen.length * share));
        const from = expected[0]?.offset ?? 0n;
        const sizes = { maxPartitionFetchBytes: share === 0 ? 200 : 500, fetchMaxWaitMs: 20 };
        await using consumer = client.consumer({ isolationLevel: "read_committed", ...sizes });
        consumer.assign([{ topic, partition: 0, from }]);
        const read: Written[] = [];
        for await (const { value, offset } of consumer) {
          read.push({ value: text(value) ?? "", offset });
          if (read.length === expected.length) break;
        }
        expect(read).toEqual(expected);
      }
    });

    it("stops in front of a transaction that is open, and goes on when it ends", async () => {
      await using client = new Kafka({ bootstrapServers: kafka().bootstrapServers, logger: silent });
      const topic = await createTopic(client, 1);
      await using producer = client.producer({ transactionalId: randomUUID() });
      await using plain = client.producer();
      await plain.send({ topic, value: "before" });
      await producer.beginTransaction();
      await producer.send({ topic, value: "aborted" });
      await plain.send({ topic, value: "behind" });
      await using consumer = client.consumer({ isolationLevel: "read_committed", fetchMaxWaitMs: 50 });
      consumer.assign([{ topic, partition: 0, from: "earliest" }]);
      const records = consumer[Symbol.asyncIterator]();
      expect(text((await records.next()).value?.value ?? null)).toBe("before");
      let isThere = false;
      const next = records.next().then(({ value }) => {
        isThere = true;
        return text(value?.value ?? null);
      });
      // Several fetches come back without it.
      await expect.poll(() => client.metrics().consumer.fetches, { timeout: 5000 }).toBeGreaterThan(5);
      expect(isThere).toBe(false);
      expect(client.metrics().consumer.lag).toBe(0);
      await producer.abortTransaction();
      expect(await next).toBe("behind");
      await records.return();
    });
  },
  "2.5.0",
);
