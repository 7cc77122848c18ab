/**
 * What `lingerMs`, `batchSize` and `compressionType` do to the same records: how many batches they make, and how many
 * bytes go to the brokers.
 *
 * On a Kafka of your own: `npx tsx examples/batches.ts localhost:9092`
 */

import { setImmediate } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { Kafka, type ProducerConfig } from "kafkawire";

const RECORDS = 2000;

/** What one way of sending came to. */
export interface Sent {
  readonly config: ProducerConfig;
  readonly batches: number;
  readonly bytes: number;
}

const CONFIGS: readonly ProducerConfig[] = [
  // Nothing waits for company: what is there when a request can go out goes out.
  { lingerMs: 0 },
  { lingerMs: 20 },
  { lingerMs: 20, batchSize: 131_072 },
  { lingerMs: 20, batchSize: 131_072, compressionType: "gzip" },
];

/** Sends the same records in each of these ways. */
export async function run(
  bootstrapServers: readonly string[],
  print: (line: string) => void,
): Promise<Sent[]> {
  const all: Sent[] = [];
  for (const config of CONFIGS) {
    const sent = await sendWith(bootstrapServers, config);
    print(`${JSON.stringify(config)}: ${sent.batches} batches, ${sent.bytes} bytes`);
    all.push(sent);
  }
  return all;
}

async function sendWith(bootstrapServers: readonly string[], config: ProducerConfig): Promise<Sent> {
  await using kafka = new Kafka({ bootstrapServers, clientId: "batches" });
  const topic = `batches-${Date.now()}`;
  await kafka.admin().createTopics([{ topic, numPartitions: 1 }]);
  let batches = 0;
  let bytes = 0;
  kafka.on("batch:sent", (batch) => {
    batches++;
    bytes += batch.bytes;
  });

  const producer = kafka.producer(config);
  const sent: Promise<unknown>[] = [];
  for (let i = 0; i < RECORDS; i++) {
    // Not awaited one by one: a record would then never find another to share a batch with.
    sent.push(
      producer.send({ topic, key: `${i % 100}`, value: JSON.stringify({ order: i, status: "paid" }) }),
    );
    // As if they came one by one.
    await setImmediate();
  }
  await Promise.all(sent);
  await kafka.admin().deleteTopics([topic]);
  return { config, batches, bytes };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await run((process.argv[2] ?? "localhost:9092").split(","), (line) => console.log(line));
}
