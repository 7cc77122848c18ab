/**
 * Reading a topic again from a moment on, beside the group that reads it: offsets for times, `assign`, and the end.
 *
 * On a Kafka of your own: `npx tsx examples/replay.ts localhost:9092`
 */

import { pathToFileURL } from "node:url";
import { Kafka, string } from "kafkawire";

/** Resolves to what was sent from that moment on. */
export async function run(
  bootstrapServers: readonly string[],
  print: (line: string) => void,
): Promise<(string | null)[]> {
  await using kafka = new Kafka({ bootstrapServers, clientId: "replay" });
  const topic = `replay-${Date.now()}`;
  await kafka.admin().createTopics([{ topic, numPartitions: 2 }]);
  const noon = Date.now() - 60_000;
  const producer = kafka.producer();
  await producer.send(
    ["early", "late", "later", "latest"].map((value, i) => ({
      topic,
      partition: i % 2,
      value,
      timestamp: noon + (i - 1) * 1000,
    })),
  );

  const consumer = kafka.consumer({ valueDeserializer: string() });
  const partitions = await consumer.partitionsFor(topic);
  const starts = await consumer.offsetsForTimes(partitions.map((each) => ({ ...each, timestamp: noon })));
  const ends = await consumer.endOffsets(partitions);
  consumer.assign(starts.map(({ offset, ...place }) => ({ ...place, from: offset ?? "latest" })));

  const values: (string | null)[] = [];
  const isAtEnd = (): boolean => ends.every((end) => (consumer.position(end) ?? 0n) >= end.offset);
  for await (const { offset, partition, timestamp, value } of consumer) {
    print(`${new Date(timestamp).toISOString()} partition ${partition}, offset ${offset}: ${value}`);
    values.push(value);
    if (isAtEnd()) break;
  }
  await kafka.admin().deleteTopics([topic]);
  return values;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await run((process.argv[2] ?? "localhost:9092").split(","), (line) => console.log(line));
}
