/** Ends without closing its client: it closes its producers and consumer, and has nothing more to do. */

import { Kafka, type KafkaConfig } from "kafkawire";
import { input, output } from "./support.ts";

const { settings, topic } = input<{ readonly settings: KafkaConfig; readonly topic: string }>();
const kafka = new Kafka(settings);
const producer = kafka.producer();
const { offset } = await producer.send({ topic, value: "first" });
await producer.close();
const consumer = kafka.consumer();
consumer.assign([{ topic, partition: 0, from: "earliest" }]);
for await (const _ of consumer) break;
await consumer.close();
// Nobody answers to these: their bytes have to get out before the process ends.
const unheard = kafka.producer({ acks: 0 });
const sent = await unheard.send(
  Array.from({ length: 100 }, () => ({ topic, value: new Uint8Array(10_000) })),
);
await unheard.close();
output({ first: String(offset), sent: sent.length });
