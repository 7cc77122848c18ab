/**
 * One record to Kafka and back: the least that a program needs.
 *
 * On a Kafka of your own: `npx tsx examples/first-send.ts localhost:9092`
 */

import { pathToFileURL } from "node:url";
import { Kafka, type RecordMetadata } from "kafkawire";

/** Sends one record, and resolves to where it went. */
export async function run(
  bootstrapServers: readonly string[],
  print: (line: string) => void,
): Promise<RecordMetadata> {
  // Leaving this function flushes the producer and ends all connections.
  await using kafka = new Kafka({ bootstrapServers, clientId: "first-send" });
  const topic = `first-send-${Date.now()}`;
  await kafka.admin().createTopics([{ topic, numPartitions: 1 }]);

  const producer = kafka.producer();
  const sent = await producer.send({
    topic,
    key: "42",
    value: "paid",
    headers: { source: "web" },
  });
  print(`Written to partition ${sent.partition} at offset ${sent.offset}`);

  const consumer = kafka.consumer();
  consumer.assign([{ topic, partition: sent.partition, from: sent.offset }]);
  for await (const { offset, value, headers } of consumer) {
    const [source] = headers;
    print(`Read at offset ${offset}: ${text(value)}, ${source?.key} ${text(source?.value ?? null)}`);
    break;
  }
  await kafka.admin().deleteTopics([topic]);
  return sent;
}

function text(bytes: Uint8Array | null): string {
  return bytes === null ? "null" : new TextDecoder().decode(bytes);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await run((process.argv[2] ?? "localhost:9092").split(","), (line) => console.log(line));
}
