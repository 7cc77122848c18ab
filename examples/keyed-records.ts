/**
 * Keyed records to Kafka and back.
 *
 * On a Kafka of your own: `npx tsx examples/keyed-records.ts localhost:9092`
 */

import { pathToFileURL } from "node:url";
import { type ConsumerRecord, Kafka } from "kafkawire";

const CUSTOMERS = ["alice", "bob", "carol", "dave"];
const STEPS = ["ordered", "paid", "shipped"];
const PARTITIONS = 3;

/** Sends a few orders, reads them back, and prints both as they happen. Resolves to the records that were read. */
export async function run(
  bootstrapServers: readonly string[],
  print: (line: string) => void,
): Promise<ConsumerRecord[]> {
  await using kafka = new Kafka({ bootstrapServers, clientId: "keyed-records" });
  const topic = `keyed-records-${Date.now()}`;
  await kafka.admin().createTopics([{ topic, numPartitions: PARTITIONS }]);
  print(`Topic "${topic}" has ${PARTITIONS} partitions.`);

  const producer = kafka.producer();
  const orders = STEPS.flatMap((step) =>
    CUSTOMERS.map((customer) => ({ topic, key: customer, value: step })),
  );
  const sent = await producer.send(orders);
  print(`\n${sent.length} records were sent and acknowledged by all in-sync replicas:\n`);
  print(row("", "key", "value", "partition", "offset"));
  orders.forEach(({ key, value }, i) => {
    print(row("→", key, value, sent[i]?.partition, sent[i]?.offset));
  });

  const consumer = kafka.consumer();
  consumer.assign(await consumer.partitionsFor(topic, { from: "earliest" }));
  print("\nRead back from the start. A key stays in its partition, so each customer's steps are in order:\n");
  print(row("", "key", "value", "partition", "offset", "timestamp"));
  const read: ConsumerRecord[] = [];
  for await (const record of consumer) {
    const { key, value, partition, offset, timestamp } = record;
    print(row("←", text(key), text(value), partition, offset, new Date(timestamp).toISOString()));
    read.push(record);
    if (read.length === sent.length) break;
  }
  await kafka.admin().deleteTopics([topic]);
  return read;
}

const WIDTHS = [2, 8, 10, 11, 8];

function row(...cells: readonly unknown[]): string {
  return cells
    .map((cell, i) => String(cell ?? "").padEnd(WIDTHS[i] ?? 0))
    .join("")
    .trimEnd();
}

function text(bytes: Uint8Array | null): string {
  return bytes === null ? "null" : new TextDecoder().decode(bytes);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await run((process.argv[2] ?? "localhost:9092").split(","), (line) => console.log(line));
}
