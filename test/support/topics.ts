import { randomUUID } from "node:crypto";
import { type ConsumerRecord, type Kafka, KafkaError } from "kafkawire";

/**
 * A topic of this test's own, with one replica where the brokers have no default. Nothing in it expires: records with
 * timestamps of years ago would be gone with the next look for such, which comes at any time.
 */
export async function createTopic(
  kafka: Kafka,
  numPartitions: number,
  configs: { readonly [key: string]: string } = {},
): Promise<string> {
  const topic = `test-${randomUUID()}`;
  const wanted = { topic, numPartitions, configs: { "retention.ms": "-1", ...configs } };
  try {
    await kafka.admin().createTopics([wanted]);
  } catch (error) {
    if (!(error instanceof KafkaError) || error.code !== "UNSUPPORTED_VERSION") throw error;
    await kafka.admin().createTopics([{ ...wanted, replicationFactor: 1 }]);
  }
  return topic;
}

/** The next `count` records of whatever can be iterated over. */
export async function take(records: AsyncIterable<ConsumerRecord>, count: number): Promise<ConsumerRecord[]> {
  const taken: ConsumerRecord[] = [];
  if (count === 0) return taken;
  for await (const record of records) {
    taken.push(record);
    if (taken.length === count) break;
  }
  return taken;
}

/** All records of a topic that were there at the time of the call, as a consumer of their own sees them. */
export async function readAll(kafka: Kafka, topic: string, count: number): Promise<ConsumerRecord[]> {
  await using consumer = kafka.consumer();
  consumer.assign(await consumer.partitionsFor(topic, { from: "earliest" }));
  // Awaited here, or the consumer would be closed first.
  return await take(consumer, count);
}

/** Bytes as text; null stays null. */
export function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : new TextDecoder().decode(bytes);
}
