/**
 * What to do with a record that cannot be read: put its bytes aside, with where they came from, and go on.
 *
 * On a Kafka of your own: `npx tsx examples/bad-records.ts localhost:9092`
 */

import { pathToFileURL } from "node:url";
import { json, Kafka, SerializationError } from "kafkawire";

interface Order {
  readonly total: number;
}

/** Resolves to the totals that could be read, and to how many records were put aside. */
export async function run(
  bootstrapServers: readonly string[],
  print: (line: string) => void,
): Promise<{ readonly totals: number[]; readonly aside: number }> {
  await using kafka = new Kafka({ bootstrapServers, clientId: "bad-records" });
  const [orders, aside] = [`orders-${Date.now()}`, `orders-aside-${Date.now()}`];
  await kafka.admin().createTopics([orders, aside].map((topic) => ({ topic, numPartitions: 1 })));
  const producer = kafka.producer();
  const sent = ['{"total":3}', "{total:4}", '{"total":5}'];
  await producer.send(sent.map((value) => ({ topic: orders, value })));

  const consumer = kafka.consumer({
    groupId: orders,
    topics: [orders],
    valueDeserializer: json<Order>(),
    autoOffsetReset: "earliest",
  });
  const totals: number[] = [];
  let put = 0;
  for await (const record of consumer) {
    try {
      totals.push(record.value?.total ?? 0);
    } catch (error) {
      if (!(error instanceof SerializationError)) throw error;
      print(error.message);
      await producer.send({
        topic: aside,
        value: record.valueBytes,
        headers: { topic: record.topic, partition: String(record.partition), offset: String(record.offset) },
      });
      put++;
    }
    if (totals.length + put < sent.length) continue;
    await consumer.commit(record);
    break;
  }
  await consumer.close();
  await kafka.admin().deleteTopics([orders, aside]);
  return { totals, aside: put };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await run((process.argv[2] ?? "localhost:9092").split(","), (line) => console.log(line));
}
