/**
 * Keys and values that are more than bytes: serializers say what may be sent, and deserializers what is read.
 *
 * On a Kafka of your own: `npx tsx examples/typed-records.ts localhost:9092`
 */

import { pathToFileURL } from "node:url";
import { int32, json, Kafka, type Serde, SerializationError } from "kafkawire";

/** What an order is in this program. Nothing checks what is read against it. */
export interface Order {
  readonly item: string;
  readonly total: number;
}

/** One of your own: dates as milliseconds, in text that anybody can read. */
const date: Serde<Date> = {
  serialize: (data) => String(data.getTime()),
  deserialize: (data) => new Date(Number(new TextDecoder().decode(data))),
};

/** What was read back. */
export interface Read {
  readonly orders: readonly (readonly [customer: number | null, order: Order | null])[];
  readonly visit: Date | null;
  readonly refused: string;
}

/** Sends and reads records of types, and one that is of none. */
export async function run(bootstrapServers: readonly string[], print: (line: string) => void): Promise<Read> {
  await using kafka = new Kafka({ bootstrapServers, clientId: "typed-records" });
  const [orders, visits] = [`orders-${Date.now()}`, `visits-${Date.now()}`];
  await kafka.admin().createTopics([
    { topic: orders, numPartitions: 1 },
    { topic: visits, numPartitions: 1 },
  ]);

  // A Producer<number, Order>: anything else does not compile. The key is four bytes, as Java's IntegerSerializer
  // writes it, so that Java's client puts it into the same partition.
  const producer = kafka.producer({ keySerializer: int32(), valueSerializer: json<Order>() });
  await producer.send({ topic: orders, key: 42, value: { item: "book", total: 9.5 } });
  // Null needs no serializer: it deletes the key from a compacted topic.
  await producer.send({ topic: orders, key: 43, value: null });

  const consumer = kafka.consumer({ keyDeserializer: int32(), valueDeserializer: json<Order>() });
  consumer.assign(await consumer.partitionsFor(orders, { from: "earliest" }));
  const read: [number | null, Order | null][] = [];
  for await (const { key, value } of consumer) {
    print(`Customer ${key}: ${value === null ? "nothing" : `${value.item} for ${value.total}`}`);
    if (read.push([key, value]) === 2) break;
  }

  const visit = new Date(Date.UTC(2026, 0, 1));
  await kafka.producer({ valueSerializer: date }).send({ topic: visits, value: visit });
  const visitors = kafka.consumer({ valueDeserializer: date });
  visitors.assign(await visitors.partitionsFor(visits, { from: "earliest" }));
  let seen: Date | null = null;
  for await (const record of visitors) {
    seen = record.value;
    print(`Visited at ${seen?.toISOString()}`);
    break;
  }

  let refused = "";
  try {
    await producer.send({ topic: orders, key: 0.5, value: null });
  } catch (error) {
    if (!(error instanceof SerializationError)) throw error;
    refused = error.message;
    print(`Not sent: ${refused}`);
  }
  await kafka.admin().deleteTopics([orders, visits]);
  return { orders: read, visit: seen, refused };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await run((process.argv[2] ?? "localhost:9092").split(","), (line) => console.log(line));
}
