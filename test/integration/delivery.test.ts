/** What becomes of records where a topic, or what the broker knows of the producer, is not as it was. */

import { randomBytes } from "node:crypto";
import {
  type CompressionType,
  Kafka,
  type KafkaConfig,
  KafkaError,
  type Producer,
  type RecordMetadata,
} from "kafkawire";
import { afterAll, beforeAll, expect, it } from "vitest";
import { compareVersions } from "../../scripts/kafka/versions.ts";
import { createPartitions, deleteRecords } from "../support/admin.ts";
import { clusterFor, describeKafka, describeOnEachKafka, type KafkaUnderTest } from "../support/kafka.ts";
import { createTopic, readAll, text } from "../support/topics.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

const suite = (broker: () => KafkaUnderTest): void => {
  let kafka: Kafka;

  beforeAll(() => {
    kafka = new Kafka({ bootstrapServers: broker().bootstrapServers, logger: silent });
  });

  afterAll(() => kafka.close());

  it.each<CompressionType>(["none", "gzip", "lz4"])(
    "splits batches that are too large for the topic, in order and without repetition (%s)",
    async (compressionType) => {
      const topic = await createTopic(kafka, 1, { "max.message.bytes": "2000" });
      await using producer = kafka.producer({ compressionType, batchSize: 20_000, lingerMs: 20 });
      // Such as no compression makes smaller; about six fit into a batch of the topic.
      const values = Array.from({ length: 150 }, (_, i) => `${i} ${randomBytes(110).toString("base64")}`);
      const metadata = await producer.send(values.map((value) => ({ topic, value })));
      expect(metadata.map(({ offset }) => offset)).toEqual(values.map((_, i) => BigInt(i)));
      const read = await readAll(kafka, topic, values.length);
      expect(read.map(({ value }) => text(value))).toEqual(values);
      const { offset } = await producer.send({ topic, value: "behind them" });
      expect(offset).toBe(BigInt(values.length));
    },
  );

  it("fails a record that is too large by itself, and none of those around it", async () => {
    const topic = await createTopic(kafka, 1, { "max.message.bytes": "2000" });
    await using producer = kafka.producer({ batchSize: 20_000, lingerMs: 20 });
    // Until its leader knows that it is, a new topic's refusals tell nothing of what is written.
    await producer.send({ topic, value: "first" });
    const values = Array.from({ length: 20 }, (_, i) => `${i} ${"x".repeat(i === 11 ? 3000 : 100)}`);
    const outcomes = await Promise.all(values.map((value) => outcome(producer.send({ topic, value }))));
    const failed = outcomes.flatMap((each, i) => (each instanceof Error ? [i] : []));
    expect(failed).toEqual([11]);
    expect(outcomes[11]).toMatchObject({ code: "MESSAGE_TOO_LARGE", mayBeWritten: false });
    const read = await readAll(kafka, topic, values.length);
    expect(read.map(({ value }) => text(value))).toEqual(["first", ...values.filter((_, i) => i !== 11)]);
    expect((await producer.send({ topic, value: "behind them" })).offset).toBe(20n);
  });

  it("goes on where all records were deleted, and with them what the broker knew of the producer", async () => {
    const topic = await createTopic(kafka, 1);
    await using producer = kafka.producer({ lingerMs: 0 });
    await producer.send(numbered(topic, 5));
    await deleteRecords(broker().bootstrapServers, topic, 0);
    const metadata = await Promise.all(numbered(topic, 5).map((record) => producer.send(record)));
    expect(metadata.map(({ offset }) => offset)).toEqual([5n, 6n, 7n, 8n, 9n]);
    const read = await readAll(kafka, topic, 5);
    expect(read.map(({ value }) => text(value))).toEqual(["0", "1", "2", "3", "4"]);
  });

  it("goes on, in order, while a topic is deleted and made anew", async () => {
    const topic = await createTopic(kafka, 1);
    const { bootstrapServers } = broker();
    await using careful = new Kafka({ bootstrapServers, logger: silent, ...inOrderWithoutIds(broker()) });
    await using producer = careful.producer({ lingerMs: 1, maxBlockMs: 20_000 });
    const sending = keepSending(producer, topic);
    await sending.delivered(20);
    await kafka.admin().deleteTopics([topic]);
    await expect.poll(() => isMade(kafka, topic), { timeout: 15_000, interval: 50 }).toBe(true);
    const before = sending.count;
    await sending.delivered(before + 50);
    await sending.stop();
    expect(sending.failures).toEqual([]);
    const read: number[] = [];
    const latest = sending.offsets.get(sending.count - 1) ?? expect.fail("the last one was not delivered");
    for (const { value } of await readAll(kafka, topic, Number(latest) + 1)) read.push(Number(text(value)));
    expect(read).toEqual([...new Set(read)].sort((a, b) => a - b));
    // Everything that was handed over once the topic was there again, where its acknowledgement says.
    for (let i = before; i < sending.count; i++) expect(read[Number(sending.offsets.get(i))]).toBe(i);
  }, 60_000);

  it("writes to partitions that a topic has got meanwhile", async () => {
    await using watchful = new Kafka({
      bootstrapServers: broker().bootstrapServers,
      metadataMaxAgeMs: 200,
      logger: silent,
    });
    const topic = await createTopic(watchful, 1);
    await using producer = watchful.producer({ lingerMs: 0 });
    expect((await producer.send({ topic, value: "first" })).partition).toBe(0);
    await createPartitions(broker().bootstrapServers, topic, 3);
    const used = new Set<number>();
    await expect
      .poll(
        async () => {
          const sent = Array.from({ length: 20 }, (_, i) =>
            producer.send({ topic, key: `key ${i}`, value: "v" }),
          );
          for (const { partition } of await Promise.all(sent)) used.add(partition);
          return used.size;
        },
        { timeout: 15_000, interval: 50 },
      )
      .toBe(3);
  }, 30_000);

  it("tells when the broker took a record, where the topic wants that", async () => {
    const topic = await createTopic(kafka, 1, { "message.timestamp.type": "LogAppendTime" });
    await using producer = kafka.producer();
    const startMs = Date.now();
    const { timestamp } = await producer.send({ topic, value: "v", timestamp: 1_000 });
    expect(timestamp).toBeGreaterThanOrEqual(startMs - 1000);
    const [record] = await readAll(kafka, topic, 1);
    expect(record?.timestamp).toBe(timestamp);
  });

  it("fails records that are dated too far from now, and says so to those in the same batch", async () => {
    const { kafkaVersion } = broker();
    const isNew = kafkaVersion !== null && compareVersions(kafkaVersion, "3.6.0") >= 0;
    const limit = isNew ? "message.timestamp.after.max.ms" : "message.timestamp.difference.max.ms";
    const topic = await createTopic(kafka, 1, { [limit]: "3600000" });
    await using producer = kafka.producer({ lingerMs: 20 });
    const inTime = { topic, value: "in time" };
    const late = { topic, value: "late", timestamp: Date.now() + 7_200_000 };
    const outcomes = await Promise.all(
      [inTime, late, inTime].map((record) => outcome(producer.send(record))),
    );
    for (const each of outcomes)
      expect(each).toMatchObject({ code: "INVALID_TIMESTAMP", mayBeWritten: false });
    const messages = outcomes.map((each) => (each as Error).message);
    // Brokers say which records it was since Kafka 2.4 (KIP-467).
    if (kafkaVersion === null || compareVersions(kafkaVersion, "2.4.0") >= 0) {
      expect(messages[0]).toContain("send it again");
      expect(messages[1]).not.toContain("send it again");
      expect(messages[2]).toBe(messages[0]);
    }
    // The sequence of what was refused is free again.
    expect((await producer.send(inTime)).offset).toBe(0n);
    expect((await producer.send(inTime)).offset).toBe(1n);
  });
};

describeOnEachKafka("delivery", suite, "2.1.0", ["2.1.1/1", "3.9.1/3", "4.0.1/1"]);

/** Sends numbers to a topic one after another, and keeps what comes back. */
function keepSending(producer: Producer, topic: string) {
  const offsets = new Map<number, bigint>();
  const failures: unknown[] = [];
  const sends: Promise<void>[] = [];
  let isSending = true;
  const sending = (async () => {
    while (isSending) {
      const number = sends.length;
      sends.push(
        producer.send({ topic, partition: 0, value: String(number) }).then(
          ({ offset }) => void offsets.set(number, offset),
          (error) => void failures.push(error),
        ),
      );
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
  })();
  return {
    offsets,
    failures,
    /** How many were handed over. */
    get count() {
      return sends.length;
    },
    /** Resolves once the one with that number is delivered. */
    delivered: (number: number) =>
      expect.poll(() => offsets.has(number), { timeout: 30_000, interval: 20 }).toBe(true),
    stop: async () => {
      isSending = false;
      await sending;
      await Promise.all(sends);
    },
  };
}

function numbered(topic: string, count: number) {
  return Array.from({ length: count }, (_, i) => ({ topic, value: String(i) }));
}

function outcome(sent: Promise<RecordMetadata>): Promise<RecordMetadata | Error> {
  return sent.catch((error: unknown) => error as Error);
}

/**
 * Before Kafka 4.1 a Produce request names a topic and not its id. Of two that are on their way while the topic comes to
 * be, the first can be too early and the second not, and no client can call that one back.
 */
function inOrderWithoutIds({ kafkaVersion }: KafkaUnderTest): Partial<KafkaConfig> {
  const hasIds = kafkaVersion !== null && compareVersions(kafkaVersion, "4.1.0") >= 0;
  return hasIds ? {} : { maxInFlightRequestsPerConnection: 1 };
}

/** Whether a topic of that name could be made; it cannot while one is still being deleted. */
async function isMade(kafka: Kafka, topic: string): Promise<boolean> {
  try {
    await kafka.admin().createTopics([{ topic, numPartitions: 1, replicationFactor: 1 }]);
    return true;
  } catch (error) {
    if (error instanceof KafkaError && error.code === "TOPIC_ALREADY_EXISTS") return false;
    throw error;
  }
}

describeKafka("a broker that forgets producers soon", "cluster", () => {
  const cluster = clusterFor({
    properties: { "producer.id.expiration.ms": "500", "producer.id.expiration.check.interval.ms": "100" },
  });

  it("takes what they go on with, each record once and in order", async () => {
    await using kafka = new Kafka({ bootstrapServers: cluster().bootstrapServers, logger: silent });
    const topic = await createTopic(kafka, 2);
    await using producer = kafka.producer({ lingerMs: 0 });
    const send = (round: number) =>
      Promise.all(
        Array.from({ length: 40 }, (_, i) =>
          producer.send({ topic, partition: i % 2, value: `${round} ${i}` }),
        ),
      );
    await send(1);
    // Nothing tells from outside when it has forgotten.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await send(2);
    await send(3);
    const read = await readAll(kafka, topic, 120);
    for (const partition of [0, 1]) {
      const values = read.filter((record) => record.partition === partition).map(({ value }) => text(value));
      const expected = [1, 2, 3].flatMap((round) =>
        Array.from({ length: 20 }, (_, i) => `${round} ${2 * i + partition}`),
      );
      expect(values).toEqual(expected);
    }
  }, 30_000);
});
