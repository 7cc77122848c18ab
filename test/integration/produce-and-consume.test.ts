import { type ConsumerRecord, Kafka, partitionForKey } from "kafkawire";
import { afterAll, beforeAll, expect, it } from "vitest";
import { compressionCodecs } from "../../src/compression/codecs.ts";
import { platform } from "../../src/platform/node.ts";
import { describeOnEachKafka } from "../support/kafka.ts";
import { createTopic, readAll, take, text } from "../support/topics.ts";

describeOnEachKafka("sending and reading", (broker) => {
  let kafka: Kafka;

  beforeAll(() => {
    kafka = new Kafka({ bootstrapServers: broker().bootstrapServers, clientId: "integration" });
  });

  afterAll(() => kafka.close());

  it("brings back what was sent, where send() said that it went", async () => {
    const topic = await createTopic(kafka, 3);
    await using producer = kafka.producer();
    const sent = Array.from({ length: 200 }, (_, i) => ({
      topic,
      key: `key-${i % 17}`,
      value: `value ${i} ✓`,
      timestamp: 1_700_000_000_000 + i,
      headers: { index: String(i) },
    }));
    const metadata = await producer.send(sent);
    const read = await readAll(kafka, topic, sent.length);
    const byPlace = new Map(read.map((record) => [`${record.partition}@${record.offset}`, record]));
    expect(byPlace.size).toBe(sent.length);
    sent.forEach((record, i) => {
      const { partition, offset, timestamp } = metadata[i] ?? expect.fail(`no metadata for record ${i}`);
      const found = byPlace.get(`${partition}@${offset}`);
      expect(partition).toBe(partitionForKey(record.key, 3));
      expect(timestamp).toBe(record.timestamp);
      expect(found?.timestamp).toBe(record.timestamp);
      expect(text(found?.key ?? null)).toBe(record.key);
      expect(text(found?.value ?? null)).toBe(record.value);
      expect(found?.headers.map(({ key, value }) => [key, text(value)])).toEqual([["index", String(i)]]);
    });
  });

  it("keeps the order of sends within each partition", async () => {
    const topic = await createTopic(kafka, 4);
    await using producer = kafka.producer({ lingerMs: 0, batchSize: 200 });
    const count = 2000;
    await Promise.all(
      Array.from({ length: count }, (_, i) => producer.send({ topic, key: `k${i % 50}`, value: String(i) })),
    );
    const last = new Map<string, number>();
    for (const record of await readAll(kafka, topic, count)) {
      const key = text(record.key) ?? "";
      const value = Number(text(record.value));
      expect(value).toBeGreaterThan(last.get(key) ?? -1);
      last.set(key, value);
    }
    expect(last.size).toBe(50);
  });

  it.each([0, 1, "all"] as const)("sends with acks %s", async (acks) => {
    const topic = await createTopic(kafka, 1);
    // A leader that does not yet know that it is one drops what it need not acknowledge.
    await using first = kafka.producer({ acks: "all" });
    await first.send({ topic, value: "one" });
    await using producer = kafka.producer({ acks });
    const { offset } = await producer.send({ topic, value: "two" });
    expect(offset).toBe(acks === 0 ? -1n : 1n);
    expect((await readAll(kafka, topic, 2)).map(({ value }) => text(value))).toEqual(["one", "two"]);
  });

  it("compresses with every codec that there is here, and tells batches of all of them apart", async () => {
    const topic = await createTopic(kafka, 1);
    const types = compressionCodecs(platform.zlib).supported;
    expect(types.length).toBeGreaterThanOrEqual(4);
    for (const compressionType of types) {
      await using producer = kafka.producer({ compressionType });
      await producer.send(
        Array.from({ length: 100 }, (_, i) => ({
          topic,
          value: `${compressionType} ${i} ${"x".repeat(500)}`,
        })),
      );
    }
    const read = await readAll(kafka, topic, 100 * types.length);
    expect(read.map(({ value }) => text(value)?.split(" ").slice(0, 2).join(" "))).toEqual(
      types.flatMap((type) => Array.from({ length: 100 }, (_, i) => `${type} ${i}`)),
    );
  });

  it("sends and reads values larger than a batch and than a fetch", async () => {
    const topic = await createTopic(kafka, 2);
    await using producer = kafka.producer();
    const value = new Uint8Array(900 * 1024).map((_, i) => i * 31);
    await producer.send([
      { topic, key: "a", value },
      { topic, key: "a", value: "small" },
      { topic, key: "a", value: null },
    ]);
    await using consumer = kafka.consumer({ maxPartitionFetchBytes: 1000, fetchMaxBytes: 1000 });
    consumer.assign(await consumer.partitionsFor(topic, { from: "earliest" }));
    const read = await take(consumer, 3);
    // Comparing element by element, as toEqual does, would take seconds.
    expect(Buffer.from(read[0]?.value ?? []).equals(value)).toBe(true);
    expect(text(read[1]?.value ?? null)).toBe("small");
    expect(read[2]?.value).toBeNull();
  });

  it("sends and reads a value of 5 MB where topic and producer allow it", async () => {
    const topic = await createTopic(kafka, 1, { "max.message.bytes": "6000000" });
    await using producer = kafka.producer({ maxRequestSize: 6_000_000 });
    const value = new Uint8Array(5_000_000).map((_, i) => i * 17);
    await producer.send([
      { topic, value },
      { topic, value: "after it" },
    ]);
    const read = await readAll(kafka, topic, 2);
    expect(Buffer.from(read[0]?.value ?? []).equals(value)).toBe(true);
    expect(text(read[1]?.value ?? null)).toBe("after it");
  });

  it("spreads records without a key over all partitions", async () => {
    const topic = await createTopic(kafka, 3);
    await using producer = kafka.producer({ batchSize: 500, lingerMs: 0 });
    const metadata = await producer.send(
      Array.from({ length: 600 }, (_, i) => ({ topic, value: `${i} ${"x".repeat(40)}` })),
    );
    const counts = [0, 1, 2].map((n) => metadata.filter(({ partition }) => partition === n).length);
    expect(Math.min(...counts)).toBeGreaterThan(50);
  });

  it("obeys an explicit partition, and refuses one that is not there", async () => {
    const topic = await createTopic(kafka, 3);
    await using producer = kafka.producer();
    expect((await producer.send({ topic, key: "k", value: "v", partition: 2 })).partition).toBe(2);
    await expect(producer.send({ topic, value: "v", partition: 3 })).rejects.toThrow(
      `Topic "${topic}" has 3 partitions (0 to 2), and the record names partition 3`,
    );
  });

  it("starts from earliest, latest, an offset and a timestamp", async () => {
    const topic = await createTopic(kafka, 1);
    await using producer = kafka.producer();
    const at = (i: number): number => 1_600_000_000_000 + i * 1000;
    for (let i = 0; i < 10; i++) await producer.send({ topic, value: String(i), timestamp: at(i) });

    const firstFrom = async (from: "earliest" | bigint | { timestamp: number }): Promise<string | null> => {
      await using consumer = kafka.consumer();
      consumer.assign([{ topic, partition: 0, from }]);
      const [record] = await take(consumer, 1);
      return text(record?.value ?? null);
    };
    expect(await firstFrom("earliest")).toBe("0");
    expect(await firstFrom(4n)).toBe("4");
    expect(await firstFrom({ timestamp: at(6) })).toBe("6");
    expect(await firstFrom({ timestamp: at(6) + 1 })).toBe("7");

    for (const from of ["latest", { timestamp: 4_000_000_000_000 }] as const) {
      await using consumer = kafka.consumer();
      consumer.assign([{ topic, partition: 0, from }]);
      const next = take(consumer, 1);
      // The look-up has to be over before the record is sent that it must find.
      await expect.poll(() => consumer.position({ topic, partition: 0 }), { timeout: 10_000 }).not.toBeNull();
      const { offset } = await producer.send({ topic, value: "new" });
      expect((await next)[0]?.offset).toBe(offset);
    }
  });

  it("goes on where a loop was left, without loss or repetition", async () => {
    const topic = await createTopic(kafka, 2);
    await using producer = kafka.producer({ batchSize: 300 });
    await producer.send(Array.from({ length: 300 }, (_, i) => ({ topic, key: `k${i}`, value: String(i) })));
    await using consumer = kafka.consumer();
    consumer.assign(await consumer.partitionsFor(topic, { from: "earliest" }));
    const read: ConsumerRecord[] = [];
    for (const count of [1, 7, 100, 1, 191]) read.push(...(await take(consumer, count)));
    expect(new Set(read.map(({ value }) => text(value))).size).toBe(300);
    const positions = [0, 1].map((partition) => consumer.position({ topic, partition }) ?? 0n);
    expect(positions.reduce((sum, position) => sum + position, 0n)).toBe(300n);
  });

  it("reads records that arrive while it waits, and ends its wait when the signal is aborted", async () => {
    const topic = await createTopic(kafka, 1);
    await using producer = kafka.producer({ lingerMs: 0 });
    await using consumer = kafka.consumer();
    consumer.assign([{ topic, partition: 0, from: "earliest" }]);
    const aborting = new AbortController();
    const values: (string | null)[] = [];
    const reading = (async () => {
      for await (const { value } of consumer.records({ signal: aborting.signal })) values.push(text(value));
    })();
    for (const value of ["a", "b", "c"]) {
      await producer.send({ topic, value });
      await expect.poll(() => values.at(-1), { timeout: 10_000 }).toBe(value);
    }
    aborting.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
  });

  it("resets an offset that is out of range as it is told", async () => {
    const topic = await createTopic(kafka, 1);
    await using producer = kafka.producer();
    await producer.send({ topic, value: "only" });
    await using strict = kafka.consumer({ autoOffsetReset: "none" });
    strict.assign([{ topic, partition: 0, from: 99n }]);
    await expect(take(strict, 1)).rejects.toMatchObject({
      code: "OFFSET_OUT_OF_RANGE",
      message: expect.stringContaining("offset 99 is not in the log"),
    });
    const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
    await using quiet = new Kafka({ bootstrapServers: broker().bootstrapServers, logger });
    await using lenient = quiet.consumer({ autoOffsetReset: "earliest" });
    lenient.assign([{ topic, partition: 0, from: 99n }]);
    expect(text((await take(lenient, 1))[0]?.value ?? null)).toBe("only");
  });

  it("says within its deadline that a topic does not exist", async () => {
    await using producer = kafka.producer({ maxBlockMs: 700 });
    const missing = { code: "TIMEOUT", message: expect.stringMatching(/"no-such-topic".*Create it/) };
    await expect(producer.send({ topic: "no-such-topic", value: "v" })).rejects.toMatchObject(missing);
    await using consumer = kafka.consumer();
    await expect(consumer.partitionsFor("no-such-topic", { timeoutMs: 700 })).rejects.toMatchObject(missing);
  });

  it("says what to do about a value that the broker finds too large", async () => {
    const topic = await createTopic(kafka, 1, { "max.message.bytes": "2000" });
    await using producer = kafka.producer();
    await expect(producer.send({ topic, value: "x".repeat(5000) })).rejects.toMatchObject({
      code: "MESSAGE_TOO_LARGE",
      topic,
      message: expect.stringContaining("raise the topic's max.message.bytes"),
    });
  });

  it("creates and deletes topics, and says which it could not", async () => {
    const topic = await createTopic(kafka, 1);
    const admin = kafka.admin();
    const again = { topic, numPartitions: 1, replicationFactor: 1 };
    await expect(admin.createTopics([again])).rejects.toMatchObject({
      code: "TOPIC_ALREADY_EXISTS",
      topic,
    });
    await admin.deleteTopics([topic]);
    await expect(admin.deleteTopics([topic])).rejects.toMatchObject({ code: "UNKNOWN_TOPIC_OR_PARTITION" });
  });

  it("goes on with a topic that was deleted and made anew", async () => {
    const topic = await createTopic(kafka, 1);
    const admin = kafka.admin();
    await using producer = kafka.producer();
    await producer.send({ topic, value: "old" });
    await admin.deleteTopics([topic]);
    await expect
      .poll(
        () =>
          admin.createTopics([{ topic, numPartitions: 1, replicationFactor: 1 }]).then(
            () => true,
            () => false,
          ),
        { timeout: 10_000 },
      )
      .toBe(true);
    const { offset } = await producer.send({ topic, value: "new" });
    expect(offset).toBe(0n);
    expect((await readAll(kafka, topic, 1)).map(({ value }) => text(value))).toEqual(["new"]);
  });
});
