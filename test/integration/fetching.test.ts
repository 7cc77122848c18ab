import { type ConsumerRecord, Kafka } from "kafkawire";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeOnEachKafka } from "../support/kafka.ts";
import { createTopic, take, text } from "../support/topics.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const PARTITIONS = 40;

const valuesOf = (records: readonly ConsumerRecord[]): (string | null)[] =>
  records.map(({ value }) => text(value));

describeOnEachKafka("fetching", (broker) => {
  let kafka: Kafka;

  beforeAll(() => {
    kafka = new Kafka({ bootstrapServers: broker().bootstrapServers, logger: silent });
  });

  afterAll(() => kafka.close());

  it("within a session brings whatever comes to any partition, and asks for little", async () => {
    const topic = await createTopic(kafka, PARTITIONS);
    await using client = new Kafka({ bootstrapServers: broker().bootstrapServers, logger: silent });
    await using producer = kafka.producer({ lingerMs: 0 });
    await using consumer = client.consumer({ fetchMaxWaitMs: 50, autoOffsetReset: "earliest" });
    consumer.assign(Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition })));
    const records = consumer[Symbol.asyncIterator]();
    const next = new Map<number, bigint>();
    const readBack = async (partition: number, value: string): Promise<void> => {
      await producer.send({ topic, partition, value });
      const { value: record } = await records.next();
      expect([record?.partition, record?.offset, text(record?.value ?? null)]).toEqual([
        partition,
        next.get(partition) ?? 0n,
        value,
      ]);
      next.set(partition, (record?.offset ?? 0n) + 1n);
    };
    for (let i = 0; i < 40; i++) await readBack((i * 7) % PARTITIONS, `v-${i}`);
    // This client does nothing else.
    const sent = (): number => client.metrics().brokers.reduce((sum, { bytesOut }) => sum + bytesOut, 0);
    const fetches = (): number => client.metrics().consumer.fetches;
    const before = { bytes: sent(), fetches: fetches() };
    for (let i = 0; i < 12; i++) await readBack(i % 3, `w-${i}`);
    const perFetch = (sent() - before.bytes) / (fetches() - before.fetches);
    // One that names all of them has some 30 bytes for each.
    expect(perFetch).toBeLessThan(300);
    await records.return();
  });

  it("brings records that are larger than every limit", async () => {
    const topic = await createTopic(kafka, 2);
    await using producer = kafka.producer();
    const large = "x".repeat(300_000);
    for (const value of ["a", large, "b", large, "c"]) await producer.send({ topic, partition: 1, value });
    await using consumer = kafka.consumer({ fetchMaxBytes: 1000, maxPartitionFetchBytes: 100 });
    consumer.assign(await consumer.partitionsFor(topic, { from: "earliest" }));
    expect(valuesOf(await take(consumer, 5))).toEqual(["a", large, "b", large, "c"]);
  });

  it("goes on from the start of a topic that was deleted and made anew", { timeout: 30_000 }, async () => {
    const topic = await createTopic(kafka, 1);
    await using client = new Kafka({ bootstrapServers: broker().bootstrapServers, logger: silent });
    const producer = client.producer();
    for (let i = 0; i < 5; i++) await producer.send({ topic, value: `old-${i}` });
    await using consumer = client.consumer({ autoOffsetReset: "earliest", fetchMaxWaitMs: 100 });
    consumer.assign([{ topic, partition: 0 }]);
    const records = consumer[Symbol.asyncIterator]();
    for (let i = 0; i < 5; i++) expect(text((await records.next()).value?.value ?? null)).toBe(`old-${i}`);
    const next = records.next();
    await producer.close();
    const admin = kafka.admin();
    await admin.deleteTopics([topic]);
    await expect
      .poll(
        () =>
          admin.createTopics([{ topic, numPartitions: 1, replicationFactor: 1 }]).then(
            () => true,
            () => false,
          ),
        {
          timeout: 15_000,
          interval: 200,
        },
      )
      .toBe(true);
    await using another = kafka.producer();
    for (let i = 0; i < 3; i++) await another.send({ topic, value: `new-${i}` });
    expect(text((await next).value?.value ?? null)).toBe("new-0");
    await records.return();
  });

  it("begins at an offset that comes with its leader epoch, and so long ago", async () => {
    const topic = await createTopic(kafka, 1);
    await using producer = kafka.producer({ lingerMs: 0 });
    const now = Date.now();
    for (const [value, ageMs] of [
      ["a", 600_000],
      ["b", 300_000],
      ["c", 0],
    ] as const) {
      await producer.send({ topic, value, timestamp: now - ageMs });
    }
    await using consumer = kafka.consumer({ autoOffsetReset: "by_duration:PT2M" });
    const read = async (count: number): Promise<ConsumerRecord[]> => await take(consumer, count);
    consumer.assign([{ topic, partition: 0, from: "earliest" }]);
    const [first, second] = await read(2);
    expect(valuesOf([first as ConsumerRecord, second as ConsumerRecord])).toEqual(["a", "b"]);
    const { offset, leaderEpoch } = second as ConsumerRecord;
    consumer.assign([{ topic, partition: 0, from: { offset, leaderEpoch } }]);
    expect(valuesOf(await read(1))).toEqual(["b"]);
    consumer.assign([{ topic, partition: 0, from: { durationMs: 400_000 } }]);
    expect(valuesOf(await read(1))).toEqual(["b"]);
    // And where an offset is not in the log.
    consumer.assign([{ topic, partition: 0, from: 500n }]);
    expect(valuesOf(await read(1))).toEqual(["c"]);
  });

  it("tells offsets of many partitions, by their ends and by time", async () => {
    const topic = await createTopic(kafka, 5);
    await using producer = kafka.producer();
    const sent = [1, 2, 2, 3, 3, 3].map((partition, i) => ({
      topic,
      partition,
      value: "x",
      timestamp: 1000 + i,
    }));
    await producer.send(sent);
    await using consumer = kafka.consumer();
    const partitions = [4, 3, 2, 1, 0].map((partition) => ({ topic, partition }));
    const ends = await consumer.endOffsets(partitions);
    expect(ends.map(({ offset }) => offset)).toEqual([0n, 3n, 2n, 1n, 0n]);
    const starts = await consumer.beginningOffsets(partitions);
    expect(starts.map(({ offset }) => offset)).toEqual([0n, 0n, 0n, 0n, 0n]);
    const found = await consumer.offsetsForTimes(partitions.map((each) => ({ ...each, timestamp: 1002 })));
    expect(found.map(({ offset, timestamp }) => [offset, timestamp])).toEqual([
      [null, null],
      [0n, 1003],
      [1n, 1002],
      [null, null],
      [null, null],
    ]);
  });
});
