/** Reading as a member of a group: the four ways to read, commits, rebalances; in both group protocols. */

import { randomUUID } from "node:crypto";
import {
  type Consumer,
  type ConsumerConfig,
  type ConsumerRecord,
  Kafka,
  type TopicPartition,
} from "kafkawire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeOnEachKafka, type KafkaUnderTest } from "../../support/kafka.ts";
import { createTopic, take, text } from "../../support/topics.ts";

describeOnEachKafka("a group of the classic protocol", (broker) => suite(broker, "classic"), "2.1.0", [
  "2.1.1/1",
  "3.9.1/3",
]);
describeOnEachKafka("a group of the consumer protocol", (broker) => suite(broker, "consumer"), "4.0.0", [
  "4.0.1/1",
]);

const numbers = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => String(from + i));
const texts = (records: readonly ConsumerRecord[]): (string | null)[] =>
  records.map(({ value }) => text(value));
const sorted = (values: readonly (string | null)[]): (string | null)[] =>
  [...values].sort((a, b) => Number(a) - Number(b));
const at = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;

function suite(broker: () => KafkaUnderTest, groupProtocol: "classic" | "consumer"): void {
  let kafka: Kafka;

  beforeAll(() => {
    kafka = new Kafka({ bootstrapServers: broker().bootstrapServers, clientId: "groups" });
  });

  afterAll(() => kafka.close());

  const newGroup = (): string => `group-${randomUUID()}`;
  const member = (groupId: string, topics: ConsumerConfig["topics"], config: ConsumerConfig = {}): Consumer =>
    kafka.consumer({
      groupId,
      groupProtocol,
      topics: topics ?? null,
      autoOffsetReset: "earliest",
      ...config,
    });

  /** A topic with the numbers from 0 on, spread over its partitions. */
  async function numbered(partitions: number, count: number): Promise<string> {
    const topic = await createTopic(kafka, partitions);
    await using producer = kafka.producer();
    await producer.send(numbers(count).map((value, i) => ({ topic, partition: i % partitions, value })));
    return topic;
  }

  describe("one member", () => {
    it.each(["the record", "what was handed out"])(
      "that commits %s before it leaves its loop does not have it again",
      async (what) => {
        const topic = await numbered(1, 3);
        const groupId = newGroup();
        const first = member(groupId, topic);
        for await (const record of first) {
          await (what === "the record" ? first.commit(record) : first.commit());
          break;
        }
        await first.close();
        await using second = member(groupId, topic);
        expect(texts(await take(second, 2))).toEqual(["1", "2"]);
      },
    );

    it("reads everything, and after it another goes on where its group was", async () => {
      const topic = await numbered(3, 90);
      const groupId = newGroup();
      const first = member(groupId, [topic]);
      const before = texts(await take(first, 40));
      await first.close();
      await using second = member(groupId, topic);
      // The record at which the loop was left does not count as processed.
      const after = texts(await take(second, 51));
      expect(sorted([...before.slice(0, -1), ...after])).toEqual(numbers(90));
      expect(after).toContain(before.at(-1));
    });

    it("commits by hand, with text beside, and finds out what is committed", async () => {
      const topic = await numbered(1, 10);
      const groupId = newGroup();
      const consumer = member(groupId, [topic], { enableAutoCommit: false });
      const [, , third] = await (async () => {
        const records: ConsumerRecord[] = [];
        for await (const record of consumer) {
          records.push(record);
          if (records.length < 3) continue;
          await consumer.commit(record);
          break;
        }
        return records;
      })();
      expect(third?.offset).toBe(2n);
      const place = { topic, partition: 0 };
      expect(await consumer.committed([place])).toMatchObject([{ ...place, offset: 3n }]);
      await consumer.close();
      await using other = kafka.consumer({ groupId });
      await other.commit([{ ...place, offset: 7n, metadata: "seven" }]);
      expect(await other.committed([place, { topic, partition: 0 }])).toMatchObject([
        { offset: 7n, metadata: "seven" },
        { offset: 7n },
      ]);
      other.assign([place]);
      expect(texts(await take(other, 1))).toEqual(["7"]);
    });

    it("polls", async () => {
      const topic = await numbered(2, 50);
      const groupId = newGroup();
      const consumer = member(groupId, topic, { maxPollRecords: 20 });
      const polled: (string | null)[] = [];
      for (const _ of numbers(40)) {
        const records = await consumer.poll({ timeoutMs: 5000 });
        expect(records.length).toBeLessThanOrEqual(20);
        polled.push(...texts(records));
        if (polled.length === 50) break;
      }
      expect(sorted(polled)).toEqual(numbers(50));
      expect(await consumer.poll({ timeoutMs: 50 })).toEqual([]);
      expect((await consumer.lag()).map(({ lag }) => lag)).toEqual([0n, 0n]);
      await consumer.close();
      await using after = kafka.consumer({ groupId });
      const partitions = [0, 1].map((partition) => ({ topic, partition }));
      expect((await after.committed(partitions)).map((committed) => committed?.offset)).toEqual([25n, 25n]);
    });

    it("reads batches of one partition each", async () => {
      const topic = await numbered(2, 60);
      await using consumer = member(newGroup(), topic, { maxPollRecords: 8 });
      const next = [0n, 0n];
      let count = 0;
      for await (const { partition, records, firstOffset, lastOffset } of consumer.batches()) {
        expect(records.length).toBeLessThanOrEqual(8);
        expect(firstOffset).toBe(next[partition]);
        expect(records.every((record) => record.partition === partition)).toBe(true);
        next[partition] = lastOffset + 1n;
        count += records.length;
        if (count === 60) break;
      }
      expect(next).toEqual([30n, 30n]);
    });

    it("runs handlers for partitions side by side, each in order, until it is closed", async () => {
      const topic = await numbered(4, 80);
      const groupId = newGroup();
      const consumer = member(groupId, topic);
      const seen = new Map<number, string[]>();
      let running = 0;
      let most = 0;
      const run = consumer.run({
        concurrency: 4,
        eachRecord: async ({ partition, value }) => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setTimeout(resolve, 1));
          seen.set(partition, [...(seen.get(partition) ?? []), text(value) ?? ""]);
          running--;
        },
      });
      await expect.poll(() => [...seen.values()].flat().length, { timeout: 20_000 }).toBe(80);
      await consumer.close();
      await run;
      for (const [partition, values] of seen) {
        expect(values).toEqual(numbers(80).filter((value) => Number(value) % 4 === partition));
      }
      expect(most).toBeGreaterThan(1);
      await using after = kafka.consumer({ groupId });
      const partitions = [0, 1, 2, 3].map((partition) => ({ topic, partition }));
      expect((await after.committed(partitions)).map((committed) => committed?.offset)).toEqual(
        partitions.map(() => 20n),
      );
    });

    it("gives a handler that failed the same record again, and commits nothing of it", async () => {
      const topic = await numbered(1, 10);
      await using consumer = member(newGroup(), topic);
      const seen: (string | null)[] = [];
      const failing = consumer.run({
        eachRecord: ({ value }) => {
          seen.push(text(value));
          if (text(value) === "4") throw new Error("not this one");
        },
      });
      await expect(failing).rejects.toThrow("not this one");
      expect(seen).toEqual(numbers(5));
      expect(texts(await take(consumer, 2))).toEqual(["4", "5"]);
    });

    it("pauses, resumes and seeks", async () => {
      const topic = await numbered(2, 40);
      await using consumer = member(newGroup(), topic);
      const pausing = { topic, partition: 0 };
      const read: ConsumerRecord[] = [];
      for await (const record of consumer) {
        if (read.length === 0) consumer.pause([pausing]);
        read.push(record);
        if (read.length === 20) break;
      }
      expect(read.slice(1).every(({ partition }) => partition === 1)).toBe(true);
    });

    it("seeks when partitions are assigned, and where the application wants", async () => {
      const topic = await numbered(1, 10);
      const consumer = kafka.consumer({ groupId: newGroup(), groupProtocol });
      consumer.subscribe(topic, {
        onPartitionsAssigned: (partitions) => {
          for (const each of partitions) consumer.seek(each, 6n);
        },
      });
      const values: (string | null)[] = [];
      for await (const { value } of consumer) {
        values.push(text(value));
        if (values.length === 2) consumer.seek({ topic, partition: 0 }, "earliest");
        if (values.length === 4) break;
      }
      await consumer.close();
      expect(values).toEqual(["6", "7", "0", "1"]);
    });

    it("leaves when its loop is left, and comes back with the next", async () => {
      const topic = await numbered(1, 10);
      const groupId = newGroup();
      await using consumer = member(groupId, topic);
      expect(texts(await take(consumer, 3))).toEqual(numbers(3));
      expect(consumer.assignment()).toEqual([]);
      await using other = member(groupId, topic);
      expect(texts(await take(other, 2))).toEqual(["2", "3"]);
      expect(texts(await take(consumer, 2))).toEqual(["3", "4"]);
    });
  });

  describe("several members", () => {
    it("share the partitions, and those of one that leaves go to the others without loss or repetition", async () => {
      const topic = await numbered(6, 60);
      const groupId = newGroup();
      const told: string[] = [];
      const reading = ["a", "b", "c"].map((name) => {
        const listener = {
          onPartitionsAssigned: (partitions: readonly TopicPartition[]) =>
            void told.push(...partitions.map((each) => `${name} + ${at(each)}`)),
          onPartitionsRevoked: (partitions: readonly TopicPartition[]) =>
            void told.push(...partitions.map((each) => `${name} - ${at(each)}`)),
        };
        const consumer = member(groupId, topic, { rebalanceListener: listener });
        const values: string[] = [];
        const loop = (async () => {
          for await (const { value } of consumer) values.push(text(value) ?? "");
        })();
        return { name, consumer, values, loop };
      });
      const all = (): string[] => reading.flatMap(({ values }) => values);
      const shares = (): number[] => reading.map(({ consumer }) => consumer.assignment().length);
      await expect.poll(shares, { timeout: 30_000 }).toEqual([2, 2, 2]);
      await expect.poll(() => all().length, { timeout: 30_000 }).toBe(60);
      const [first] = reading;
      await first?.consumer.close();
      await first?.loop;
      await expect.poll(shares, { timeout: 30_000 }).toEqual([0, 3, 3]);
      await using producer = kafka.producer();
      await producer.send(numbers(60, 60).map((value, i) => ({ topic, partition: i % 6, value })));
      await expect.poll(() => all().length, { timeout: 30_000 }).toBe(120);
      await Promise.all(reading.map(({ consumer }) => consumer.close()));
      await Promise.all(reading.map(({ loop }) => loop));
      expect(sorted(all())).toEqual(numbers(120));
      // Nobody got a partition before the one who had it had given it up.
      const owners = new Map<string, string>();
      for (const line of told) {
        const [name = "", sign, partition = ""] = line.split(" ");
        if (sign === "+") {
          expect(owners.get(partition), line).toBeUndefined();
          owners.set(partition, name);
        } else {
          expect(owners.get(partition), line).toBe(name);
          owners.delete(partition);
        }
      }
      expect(owners.size).toBe(0);
    });

    it("finds topics that match an expression, also one that is made later", async () => {
      const prefix = `p${randomUUID().slice(0, 8)}`;
      const admin = kafka.admin();
      const [one, two, other] = [`${prefix}.one`, `${prefix}.two`, `other-${prefix}`];
      const make = async (topic: string): Promise<void> => {
        await admin.createTopics([{ topic, numPartitions: 1, replicationFactor: 1 }]);
        await using producer = kafka.producer();
        await producer.send({ topic, value: topic });
      };
      await make(one);
      await make(other);
      await using quick = new Kafka({ bootstrapServers: broker().bootstrapServers, metadataMaxAgeMs: 500 });
      const consumer = quick.consumer({
        groupId: newGroup(),
        groupProtocol,
        topics: new RegExp(`^${prefix}\\.`),
        autoOffsetReset: "earliest",
      });
      const values: (string | null)[] = [];
      for await (const { value } of consumer) {
        values.push(text(value));
        if (values.length === 1) await make(two);
        if (values.length === 2) break;
      }
      await consumer.close();
      expect(values).toEqual([one, two]);
    });

    it("loses its partitions when it does not ask for maxPollIntervalMs, and gets some again when it does", async () => {
      const topic = await numbered(2, 20);
      const groupId = newGroup();
      const logger = { debug() {}, info() {}, warn() {}, error() {} };
      await using quiet = new Kafka({ bootstrapServers: broker().bootstrapServers, logger });
      const lost: TopicPartition[] = [];
      const slow = quiet.consumer({
        groupId,
        groupProtocol,
        topics: topic,
        autoOffsetReset: "earliest",
        maxPollIntervalMs: 1000,
        rebalanceListener: { onPartitionsLost: (partitions) => void lost.push(...partitions) },
      });
      await using other = member(groupId, topic);
      const loop = slow[Symbol.asyncIterator]();
      await loop.next();
      await expect.poll(() => lost.length, { timeout: 20_000 }).toBe(2);
      expect(new Set(texts(await take(other, 20))).size).toBe(20);
      await using producer = kafka.producer();
      await producer.send([0, 1].map((partition) => ({ topic, partition, value: "new" })));
      expect(await loop.next()).toMatchObject({ done: false });
      expect(slow.assignment().length).toBeGreaterThan(0);
      await loop.return();
      await slow.close();
    });
  });
}
